#pragma once
// What all ranks plan alike: the rewritten graph, and for every layer its partition, its stage and its order.
//
// *Order.* Every task of every rank has a key, computed from (layer, chunk) alone:
//
//   (stage, time, layer, chunk ordinal)
//
// `time` says how far the owner is through its own share of the stage's sources when the task can run, so that all
// ranks are thought to walk through their shares in step. A task's key is larger than those of the tasks that it needs.
// The keys order all tasks of all ranks as one process would run them; a rank takes its own in that order, and receives
// a value where its maker stands in it. That is why ranks with bounded memory cannot wait for one another in a circle:
// of all that has not begun, the first in the order can always begin.

#include <compare>
#include <vector>

#include "dunlin/graph/layer_graph.hpp"
#include "dunlin/graph/partition.hpp"
#include "dunlin/plan/cluster.hpp"

namespace dunlin {

/// Place of a task in the order of all tasks of all ranks.
struct TaskKey {
  std::int32_t stage;
  std::int32_t layer;
  std::int64_t time;
  std::int64_t ordinal;
  friend bool operator==(const TaskKey&, const TaskKey&) = default;
  friend bool operator<(const TaskKey& a, const TaskKey& b) {
    if (a.stage != b.stage) return a.stage < b.stage;
    if (a.time != b.time) return a.time < b.time;
    if (a.layer != b.layer) return a.layer < b.layer;
    return a.ordinal < b.ordinal;
  }
};

class LayerPlan {
 public:
  /// Rewrites a graph (simplify, fuse, choose), spreads its layers over the ranks and orders them. Local, the same on
  /// all ranks, in time and memory of the number of layers.
  static LayerPlan make(const LayerGraph& graph, const Cluster& cluster);
  /// The same for a graph that is to be taken as it is: for tests.
  static LayerPlan of_rewritten(LayerGraph graph, const Cluster& cluster);

  const LayerGraph& graph() const { return graph_; }
  const Cluster& cluster() const { return cluster_; }
  const Partition& partition(int layer) const { return partitions_[layer]; }
  int stage(int layer) const { return stages_[layer]; }
  /// The chunks of a layer that any sink needs: all others are culled. Where it is none, a block without chunks, of any
  /// number of axes.
  const ChunkBox& needed(int layer) const { return needed_[layer]; }
  /// True for layers that only serve sources (an index of a file).
  bool is_aid(int layer) const { return aids_[layer]; }
  TaskKey key(int layer, const ChunkIndex& chunk) const;

  /// The sets of ranks that a chunk must reach besides its owner's own use, one delivery each, none within another;
  /// sets that hold the owner alone are left out. `scratch` spares a caller in a loop an allocation.
  void deliveries(int layer, const ChunkIndex& chunk, std::vector<RankSet>& sets, std::vector<ChunkBox>& scratch) const;

 private:
  void cull();
  LayerGraph graph_;
  Cluster cluster_;
  std::vector<Partition> partitions_;
  std::vector<int> stages_;
  std::vector<bool> aids_;
  std::vector<ChunkBox> needed_;
};

/// A delivery as a tree: the owner at its root, each member passing on to at most four others. Every rank finds its own
/// place from its index in the set alone.
class MulticastTree {
 public:
  MulticastTree(const RankSet& set, int owner);
  /// Precondition of both: `rank` is the owner or in the set.
  int parent(int rank) const;  // −1 for the owner
  void children(int rank, std::vector<int>& ranks) const;

 private:
  static constexpr std::int64_t kArity = 4;
  std::int64_t position_of(int rank) const;
  int rank_at(std::int64_t position) const;
  const RankSet& set_;
  int owner_;
  std::int64_t owner_index_, size_;
};

}  // namespace dunlin
