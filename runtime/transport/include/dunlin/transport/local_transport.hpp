#pragma once
// Ranks as threads of one process: for programs without MPI (one rank) and for tests (several).
//
// A `LocalHub` is where such ranks meet. It keeps a mailbox per rank; a send and its receive find each other there, the
// later of the two copies the bytes, and both complete. Nothing is copied ahead: a send never completes before its
// receive was posted, so code that leans on a message layer's own buffering shows itself here.
//
//   run_local_ranks(4, [](std::unique_ptr<Transport> ranks) {
//     const Agreement all = ranks->agree(Agreement::of(Call::setup, 0));
//   });
//
// A rank *leaves* when its transport is destroyed. Ranks must not leave while others still count on them, in a
// collective or at the other end of an edge. Where one does (an exception passed through it), the others get `RankLeft`
// from what would otherwise wait for ever.

#include <functional>
#include <memory>

#include "dunlin/transport/transport.hpp"

namespace dunlin {

class LocalHub {
 public:
  /// Throws UsageError unless `ranks` ≥ 1.
  explicit LocalHub(int ranks);
  /// The transport of one rank, to be taken once, by the thread that will use it. Any threads may call this at once.
  /// The hub itself may go before its transports.
  std::unique_ptr<Transport> transport(int rank) const;

  struct State;

 private:
  std::shared_ptr<State> state_;
};

/// The transport of a single rank: nobody to send to, every collective is done at once.
std::unique_ptr<Transport> make_local_transport();

/// Runs `body` once per rank, each on a thread of its own with its own transport, and returns when all have ended.
/// Where bodies threw, rethrows the exception of the lowest such rank; a RankLeft only where there is nothing else.
/// Throws std::system_error where a thread cannot be started.
void run_local_ranks(int ranks, const std::function<void(std::unique_ptr<Transport>)>& body);

}  // namespace dunlin
