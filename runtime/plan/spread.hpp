#pragma once
// Chooses every layer's partition: which rank makes which chunk.
//
// Layers that follow others (Layer::alignment) take their partition; a layer that follows none *leads* a group: itself
// and all that follow it. Groups are placed one by one, the one with the largest layer first, so that smaller operands
// align with larger ones. For each, a few partitions are weighed: blocks along different axes, chunks dealt in turn
// where only a piece of the grid is needed, and what the neighbours that have been placed would like. The cheapest is
// taken, and of nearly equal ones the first:
//
//   cost of a group = Σ layers    (largest share of any rank) × (work of a chunk) / threads
//                   + Σ edges     max over ranks (bytes received / bandwidth + latency × messages)
//
//   x in 8 x 8 chunks on 4 ranks, mean over axis 0      4 x 1: states travel up the tree      1 x 4: nothing travels
//
// Edges are those inside the group and those to groups that have been placed; a rechunk that comes later is taken to do
// what is best for it. The largest received is that of the ranks that own the first, the middle and the last chunk.
//
// Pure and local: the same on all ranks for the same graph and cluster, in time of the number of layers.

#include <vector>

#include "dunlin/graph/layer_graph.hpp"
#include "dunlin/graph/partition.hpp"
#include "dunlin/plan/cluster.hpp"

namespace dunlin {

/// One partition per layer. `needed`: per layer the hull of the chunks that are made, without chunks where none is.
std::vector<Partition> spread(const LayerGraph& graph, const Cluster& cluster, const std::vector<ChunkBox>& needed);

}  // namespace dunlin
