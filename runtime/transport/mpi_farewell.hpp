#pragma once
// The news that a rank has left in disorder (an exception passed through it, or its MPI failed), spread along the tree
// of the alarm: every rank tells each neighbour at most once, when it first knows. Unlike the alarm it is final:
// nothing is collected, the transports that hear it are done for.

#include <memory>
#include <optional>
#include <vector>

#include "mpi_call.hpp"

namespace dunlin {

class MpiFarewell {
 public:
  /// Borrows `comm`; of its tags one is taken.
  MpiFarewell(MPI_Comm comm, int rank, int size);
  /// Cancels what it listens to, unless MPI has ended.
  ~MpiFarewell();
  MpiFarewell(const MpiFarewell&) = delete;
  MpiFarewell& operator=(const MpiFarewell&) = delete;

  /// The rank that has left, if any; listens and passes the news on.
  std::optional<int> poll();
  std::optional<int> left() const { return left_; }
  /// Tells the neighbours that `rank` has left. Throws nothing: what cannot be told is not.
  void tell(int rank) noexcept;

 private:
  std::vector<int> neighbours_;
  MPI_Comm comm_;
  std::optional<int> left_;
  // On the heap: they outlive this where MPI still needs them.
  std::unique_ptr<std::vector<int>> news_;  // one per neighbour, then the one that is told
  std::vector<MPI_Request> heard_, told_;
};

}  // namespace dunlin
