#pragma once
// Binding threads to processors: whether to, and doing it for the length of a scope.
//
//   const BindingChoice choice = choose_binding({.asked = true, .counts = node->counts, .node_rank = 1, .node_size =
//   2}); const PinPlan plan = plan_pinning(*node, threads, choice.share);
//   // in worker w:
//   const ThreadBinding bound(*node->binder, plan.workers[w].pus);      // restored when the run ends
//
// A system that forbids binding (seccomp, a control group, no such call) is no error: the run is only slower.

#include <string>
#include <vector>

#include "dunlin/topology/node_topology.hpp"
#include "dunlin/topology/pinning.hpp"

namespace dunlin {

/// Asks and sets where the calling thread may run. PUs as the system numbers them, ascending.
class CpuBinder {
 public:
  virtual ~CpuBinder() = default;
  /// Empty where the system does not tell.
  virtual std::vector<int> current() const = 0;
  /// False where the system refuses.
  virtual bool bind(const std::vector<int>& pus) const noexcept = 0;
};

/// The calling thread runs on `pus` until the scope ends; then where it ran before. Ends on the thread that made it.
class ThreadBinding {
 public:
  /// Binds if the mask before is known, so that it can be restored. The binder outlives this.
  ThreadBinding(const CpuBinder& binder, const std::vector<int>& pus);
  ~ThreadBinding();
  ThreadBinding(const ThreadBinding&) = delete;
  ThreadBinding& operator=(const ThreadBinding&) = delete;
  /// False where the system refused: the thread stays where it was.
  bool bound() const { return bound_; }

 private:
  const CpuBinder& binder_;
  std::vector<int> before_;
  bool bound_ = false;
};

/// What the choice depends on.
struct BindingFacts {
  bool asked = false;
  /// OMP_PROC_BIND and OMP_PLACES; empty where not set.
  std::string omp_proc_bind, omp_places;
  /// Of this process, before it bound anything.
  NodeTopology counts;
  /// This rank among those on its node.
  int node_rank = 0, node_size = 1;
};

struct BindingChoice {
  bool bind = false;
  /// The slice of the allowed cores that is this rank's, for plan_pinning. Also right where threads are not bound.
  NodeShare share;
  /// Why, as a sentence for the log.
  std::string reason;
};

/// Whether this process binds its threads: only if asked, never where OpenMP does, nor where the launcher has bound the
/// process to fewer cores than its share of the node or to cores that other ranks may be bound to as well.
BindingChoice choose_binding(const BindingFacts& facts);

}  // namespace dunlin
