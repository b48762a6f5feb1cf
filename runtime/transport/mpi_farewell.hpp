#pragma once
// The news that a rank has left in disorder (an exception passed through it, or its MPI failed), spread along the tree
// of the alarm (mpi_tree.hpp). Unlike the alarm it is final: nothing is collected, transports that hear it are done
// for.
//
//   news := rank:int64 collectives:int64      who has left, and how many collectives it had completed by then
//
// Who waits in a collective that the rank had completed need not worry: it ends without that rank. Where several have
// left, the news of the one that had completed least counts; other news is not passed on.

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "mpi_call.hpp"

namespace dunlin {

class MpiFarewell {
 public:
  struct News {
    std::int64_t rank, collectives;
  };

  /// Borrows `comm`; of its tags one is taken.
  MpiFarewell(MPI_Comm comm, int rank, int size);
  /// Cancels what it listens to, unless MPI has ended.
  ~MpiFarewell();
  MpiFarewell(const MpiFarewell&) = delete;
  MpiFarewell& operator=(const MpiFarewell&) = delete;

  /// Who has left, if anybody; listens and passes the news on.
  std::optional<News> poll();
  /// Tells the neighbours, unless worse is known. Throws nothing: what cannot be told is not.
  void tell(const News& news) noexcept;

 private:
  void listen(std::size_t neighbour);

  /// What MPI reads and writes: it outlives the rest where MPI still needs it.
  struct Mail {
    std::vector<News> heard;  // by neighbour
    std::deque<News> told;
  };
  std::vector<int> neighbours_;
  MPI_Comm comm_;
  std::optional<News> left_;
  std::unique_ptr<Mail> mail_ = std::make_unique<Mail>();
  std::vector<MPI_Request> heard_, told_;
};

}  // namespace dunlin
