#pragma once
// The news of a failure, spread along a binary tree of ranks (mpi_tree.hpp).
//
//          0          Rank 4 raises: 4 tells 1; 1, on hearing, tells all its neighbours 0, 3, 4; 0 tells 1, 2; …
//        1   2        Every rank tells each neighbour exactly once, when it first knows. So each edge of the tree
//       3 4 5 6       carries one message each way, and the time is twice the tree's depth at most.
//
// Each rank has one receive posted per neighbour. Settling takes exactly those messages off the wire (ranks that never
// heard tell their neighbours now) and posts anew. A neighbour that is ahead may already send the next round's message;
// it waits for the receive posted here.

#include <functional>
#include <vector>

#include "mpi_call.hpp"

namespace dunlin {

class MpiAlarm {
 public:
  /// Borrows `comm`; of its tags one is taken.
  MpiAlarm(MPI_Comm comm, int rank, int size);
  /// Cancels the posted receives, unless MPI has ended.
  ~MpiAlarm();
  MpiAlarm(const MpiAlarm&) = delete;
  MpiAlarm& operator=(const MpiAlarm&) = delete;

  /// Whether this rank knows; listens and passes the news on.
  bool poll();
  bool known() const { return known_; }
  /// Tells the neighbours, once.
  void raise();
  /// Collective, after a round in which some rank raised. Blocks; what `while_waiting` throws ends the wait.
  void settle(const std::function<void()>& while_waiting);

 private:
  void listen();

  MPI_Comm comm_;
  std::vector<int> neighbours_;
  std::vector<MPI_Request> heard_, told_;  // one per neighbour
  bool known_ = false;
};

}  // namespace dunlin
