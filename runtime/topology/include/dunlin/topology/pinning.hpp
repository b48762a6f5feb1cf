#pragma once
// Which cores the workers of a process take, and from whom a worker steals first. Pure functions of a NodeMap.
//
//   4 workers on "pack:2 numa:1 core:4 pu:2", all allowed:      2 workers      10 workers
//   domain   0     1                                            0   1          0           1
//   core     0 1   4 5                                          0   4          0 0 1 2 3   4 4 5 6 7
//   worker   0 1   2 3                                          0   1          0 1 2 3 4   5 6 7 8 9
//
// One worker a core while there are cores; then the cores' further PUs; then PUs are shared. NUMA domains are filled
// evenly, and within a domain its last-level caches, as far as the allowed cores go: 4 workers where 5 cores of one
// domain and 1 of another are allowed take 3 and 1. Workers are numbered along the node, so those of a domain (of a
// cache, of a core) have neighbouring numbers.

#include <vector>

#include "dunlin/topology/node_map.hpp"

namespace dunlin {

/// This process's place among those of its node that may use the same cores: it takes the `rank`-th of `size` equal
/// slices. 0 ≤ rank < size.
struct NodeShare {
  int rank = 0, size = 1;
  friend bool operator==(const NodeShare&, const NodeShare&) = default;
};

struct WorkerPin {
  /// The PUs that the worker may run on, as the system numbers them: its core's, or its own one where it shares the
  /// core with another worker. Never empty.
  std::vector<int> pus;
  /// Of the node map. -1 where the worker may roam over several.
  int core = -1, cache = -1, package = -1;
  /// Index among the domains that the plan uses (`PinPlan::domains`).
  int domain = 0;
  friend bool operator==(const WorkerPin&, const WorkerPin&) = default;
};

struct PinPlan {
  std::vector<WorkerPin> workers;
  /// The node map's numbers of the domains in use, ascending; never empty. {-1}: workers roam, and count as of one.
  std::vector<int> domains;
  /// The most workers on one core, and on one PU.
  int workers_per_core = 1, workers_per_pu = 1;
  friend bool operator==(const PinPlan&, const PinPlan&) = default;
};

/// Where `threads` ≥ 1 workers go within the PUs allowed to this process. Ranks with shares of one size plan disjoint
/// cores where there are as many cores as ranks.
PinPlan plan_pinning(const NodeMap& node, int threads, NodeShare share = {});

/// The plan for workers that are bound already, by OpenMP or not at all: `masks` holds the PUs of each (≥ 1 workers). A
/// worker is in a core, cache or package if all its PUs are. Domains are told apart only if every worker is in one.
PinPlan plan_of_masks(const NodeMap& node, const std::vector<std::vector<int>>& masks);

/// How far two workers are apart.
enum class Distance { same_core, same_cache, same_domain, same_package, far };
Distance distance(const WorkerPin& a, const WorkerPin& b);

/// All other workers, nearest first. Among equally near ones the worker's next in number comes first, then on and
/// around: so that thieves spread over their victims.
std::vector<int> steal_order(const PinPlan& plan, int worker);

}  // namespace dunlin
