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
// a value where its maker stands in it.
//
// *Flat stages.* In a stage of many layers whose values fit in memory all the same (the steps of a solver) nothing is
// gained by walking in step, and a key would take as many steps as there are layers: all its times are 0, and layer
// follows layer.
//
// *Parcels.* What a layer that cuts its input takes from other ranks travels in parcels: the parts of all chunks that
// one rank has made for another within a *round*, in one message. Rounds cut the time of the maker's stage into equal
// spans, few enough for messages of some size and many enough for their memory; a part is there when its round has
// ended, so a task that takes parts stands behind the end of the round of each, its own rank's included. That is why
// ranks with bounded memory cannot wait for one another in a circle: of all that has not begun, the first in the order
// can always begin.

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
  /// The rewriting alone: simplify, fuse, choose.
  static LayerGraph rewrite(const LayerGraph& graph, const Cluster& cluster);
  /// The same for a graph that is to be taken as it is: for tests.
  static LayerPlan of_rewritten(LayerGraph graph, const Cluster& cluster);

  /// This plan for another graph of equal structure: other kernels, scalars, buffers.
  LayerPlan for_graph(LayerGraph graph) const;
  /// This plan without its layers, which may hold files and memory: to be kept.
  LayerPlan without_graph() const;

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
  /// True where what `layer` takes from input `input` travels in parcels of parts, not as whole chunks.
  bool in_parts(int layer, int input) const;
  /// The last time of the round that `time` lies in, for parts of a layer's chunks.
  std::int64_t round_end(int layer, std::int64_t time) const {
    return time | ((std::int64_t{1} << round_bits_[layer]) - 1);
  }
  /// True where all times of the layer's stage are 0.
  bool is_flat(int layer) const { return flat_[layer]; }

  /// The sets of ranks that a whole chunk must reach besides its owner's own use, one delivery each, none within
  /// another; sets that hold the owner alone are left out. `scratch` spares a caller in a loop an allocation.
  void deliveries(int layer, const ChunkIndex& chunk, std::vector<RankSet>& sets, std::vector<ChunkBox>& scratch) const;

 private:
  void cull();
  void set_flat();
  std::int64_t bytes_layer_by_layer(int stage) const;
  void set_rounds();
  LayerGraph graph_;
  Cluster cluster_;
  std::vector<Partition> partitions_;
  std::vector<int> stages_;
  std::vector<bool> aids_;
  std::vector<ChunkBox> needed_;
  std::vector<bool> flat_;
  std::vector<int> round_bits_;  // a round of the layer's parts lasts 2^this
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
