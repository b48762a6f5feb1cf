#pragma once
// The open messages of a transport: operations (what a user calls a request) made of one or more MPI requests.
//
// MPI wants requests side by side; one look tests a window of them, so that it costs the same however many are open
// (about 3 ns each), and the next look tests the next window.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "dunlin/transport/transport.hpp"
#include "mpi_call.hpp"

namespace dunlin {

class MpiRequests {
 public:
  /// A send or a receive: what its pieces have carried, and how many are open.
  struct Operation {
    RequestId id{};
    std::size_t bytes = 0;
    std::int64_t open = 0;
    bool sends = false;
    int probes = -1;  // the peer whose credit its completion confirms; −1: none
  };

  /// Makes an operation without pieces; its slot is valid until it is complete.
  std::size_t start(bool sends, std::size_t bytes);
  Operation& operation(std::size_t slot) { return operations_[slot]; }
  /// Room for `pieces` more, so that none that MPI has begun is lost. Throws std::bad_alloc.
  void make_room(std::int64_t pieces);
  /// To be called for as many pieces as there was room made for.
  void add_piece(std::size_t slot, MPI_Request request) noexcept;
  /// One look: appends the operations whose last piece is done. Throws TransportError where a piece failed.
  void look(std::vector<Operation>& done);
  bool empty() const { return requests_.empty(); }
  /// Cancels receives and gives sends a last chance, without waiting for anybody. Then nothing is open. Ignores errors.
  void let_go() noexcept;

 private:
  static constexpr int kWindow = 64;
  void take_off(std::size_t index, const MPI_Status* status, std::vector<Operation>& done);

  std::vector<MPI_Request> requests_;
  std::vector<std::size_t> owners_;  // piece k belongs to operations_[owners_[k]]
  std::vector<Operation> operations_;
  std::vector<std::size_t> free_operations_;
  std::size_t cursor_ = 0;  // where the next look's window begins
  std::int64_t next_id_ = 0;
  std::array<int, kWindow> finished_;
  std::array<MPI_Status, kWindow> statuses_;
};

}  // namespace dunlin
