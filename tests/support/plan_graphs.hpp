#pragma once
// Graphs whose work per rank does not grow with the ranks: what the cost of a plan is measured on.

#include "dunlin/plan/layer_plan.hpp"
#include "support/graph_layers.hpp"

namespace dunlin::test {

struct PlanCase {
  const char* name;
  /// The sinks of a graph in which each of `ranks` ranks has about `chunks` chunks of work per layer.
  std::vector<LayerPtr> (*sinks)(std::int64_t ranks, std::int64_t chunks);
};

/// x − mean(x over time) in chunks of time: every rank needs the mean, its owner feeds them all.
inline std::vector<LayerPtr> global_mean(std::int64_t ranks, std::int64_t chunks) {
  const LayerPtr x = pattern_source("x", ChunkGrid::regular({ranks * chunks * 10, 1000}, {10, 1000}));
  const LayerPtr mean = reduce(mean_reducer(), {0}, x);
  return {capture_sink(apply(kSubtract, {x, mean}, {straight(2), {{1}}}, x->output().grid))};
}

/// The same over columns: nobody needs anything from others.
inline std::vector<LayerPtr> column_means(std::int64_t ranks, std::int64_t chunks) {
  const LayerPtr x = pattern_source("x", ChunkGrid::regular({1000, ranks * chunks * 10}, {1000, 10}));
  const LayerPtr mean = reduce(mean_reducer(), {0}, x);
  return {capture_sink(apply(kSubtract, {x, mean}, {straight(2), {{1}}}, x->output().grid))};
}

/// Rows to chunks that lie across them by half: every chunk comes from two, one of them often remote at a rank's edge.
inline std::vector<LayerPtr> shifted_rechunk(std::int64_t ranks, std::int64_t chunks) {
  const LayerPtr x = pattern_source("x", ChunkGrid::regular({ranks * chunks * 10, 1000}, {10, 1000}));
  return {capture_sink(rechunk(x, ChunkGrid::regular(x->output().grid.shape(), {15, 1000})))};
}

inline const PlanCase kPlanCases[] = {{"anomaly, global mean", &global_mean},
                                      {"anomaly, column means", &column_means},
                                      {"rechunk by half", &shifted_rechunk}};

}  // namespace dunlin::test
