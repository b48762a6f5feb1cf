#pragma once
// Agreements and broadcasts over a communicator. What a wait is given to do meanwhile may throw, to end it: MPI cannot
// take a collective back, so the memory that it may still touch then stays for good.

#include <functional>
#include <memory>
#include <vector>

#include "dunlin/transport/agreement.hpp"
#include "mpi_call.hpp"

namespace dunlin {

class MpiCollectives {
 public:
  /// Borrows `comm`.
  explicit MpiCollectives(MPI_Comm comm);

  void start_agreement(const Agreement& mine);
  bool test_agreement(Agreement& result);
  /// In pieces of at most `piece_bytes`. Blocks.
  void broadcast(std::vector<std::byte>& bytes, int root, std::size_t piece_bytes,
                 const std::function<void()>& while_waiting);
  /// A collective was begun and has not come to its end.
  bool open() const { return (records_ && records_->request != MPI_REQUEST_NULL) || broadcasting_; }
  /// Leaves what is open to MPI; no collective may follow.
  void let_go() noexcept;

 private:
  struct Records {
    Agreement mine, all;
    MPI_Request request = MPI_REQUEST_NULL;
  };
  void send_pieces(void* bytes, std::size_t size, int root, std::size_t piece_bytes,
                   const std::function<void()>& while_waiting);

  MPI_Comm comm_;
  mpi::Datatype record_type_;
  mpi::Op record_op_;
  std::unique_ptr<Records> records_ = std::make_unique<Records>();  // MPI writes there while an agreement is open
  bool broadcasting_ = false;
};

}  // namespace dunlin
