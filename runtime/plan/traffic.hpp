#pragma once
// What the layers of a plan cost under given partitions, by closed formulas: nanoseconds of the busiest rank.

#include <vector>

#include "dunlin/graph/layer_graph.hpp"
#include "dunlin/graph/partition.hpp"
#include "dunlin/plan/cluster.hpp"

namespace dunlin {

class Traffic {
 public:
  /// Everything is borrowed.
  Traffic(const LayerGraph& graph, const Cluster& cluster, const std::vector<ChunkBox>& needed,
          const std::vector<Partition>& partitions);

  /// Nanoseconds that one chunk of a layer takes a thread.
  double chunk_work(int layer) const { return work_[layer]; }
  /// Of the rank with the largest share, for `work` a chunk.
  double share_cost(const Partition& partition, const ChunkBox& needed, double work) const;
  double work_cost(int layer) const { return share_cost(partitions_[layer], needed_[layer], work_[layer]); }
  /// Of what a layer gets from others through input `input`.
  double edge_cost(int layer, int input);

 private:
  struct Received {
    double bytes = 0, messages = 0;
    double cost() const;
  };
  Received received(int layer, int input, int rank, const ChunkSet& mine);
  double bytes_of(int layer, int input, const ChunkBox& outputs, const ChunkBox& inputs, const ChunkSet& own);
  double halo_bytes(int layer, int input, const ChunkBox& outputs, int rank) const;
  Received scattered(int layer, int input);

  const LayerGraph& graph_;
  const std::vector<ChunkBox>& needed_;
  const std::vector<Partition>& partitions_;
  double threads_;
  std::vector<double> work_, bytes_;  // per layer: of a chunk, the largest
  std::vector<ChunkBox> blocks_;      // scratch
};

}  // namespace dunlin
