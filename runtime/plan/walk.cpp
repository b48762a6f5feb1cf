#include "walk.hpp"

#include <algorithm>

#include "dunlin/graph/blockwise.hpp"
#include "dunlin/graph/reduction.hpp"

namespace dunlin {
namespace {

/// Per axis: joined by what follows.
using Joined = std::vector<bool>;

bool holds(const Coords& axes, std::int64_t axis) { return std::find(axes.begin(), axes.end(), axis) != axes.end(); }

/// The axis of `consumer`'s index space that axis `axis` of its input lies along, or −1: the domain's for a partial
/// reduction, the output's else.
std::int64_t axis_through(const Layer& consumer, int input, int axis) {
  if (const auto* blockwise = dynamic_cast<const BlockwiseLayer*>(&consumer))
    return blockwise->maps()[static_cast<std::size_t>(input)].axis[axis];
  if (const auto* reduction = dynamic_cast<const ReductionLayer*>(&consumer)) {
    if (reduction->step() == ReductionLayer::Step::partial)
      return reduction->maps()[static_cast<std::size_t>(input)].axis[axis];
    if (reduction->step() == ReductionLayer::Step::combine) return axis;
    if (holds(reduction->axes(), axis)) return -1;
    return axis - std::count_if(reduction->axes().begin(), reduction->axes().end(), [&](auto a) { return a < axis; });
  }
  return consumer.output().grid.rank() == consumer.inputs()[static_cast<std::size_t>(input)]->output().grid.rank()
             ? axis
             : -1;
}

bool joins(const Layer& consumer, int input, int axis) {
  const ChunkGrid& from = consumer.inputs()[static_cast<std::size_t>(input)]->output().grid;
  const std::int64_t along = axis_through(consumer, input, axis);
  if (const auto* reduction = dynamic_cast<const ReductionLayer*>(&consumer))
    return reduction->step() != ReductionLayer::Step::final && along >= 0 && holds(reduction->axes(), along);
  return consumer.kind() == LayerKind::rechunk && consumer.output().grid.count(axis) < from.count(axis);
}

Joined joined_of(const LayerGraph& graph, const std::vector<int>& stages, const std::vector<Joined>& later, int layer) {
  const int rank = graph.layer(layer).output().grid.rank();
  Joined joined(static_cast<std::size_t>(rank), false);
  for (const auto& [consumer, input] : graph.consumers(layer)) {
    if (stages[consumer] != stages[layer]) continue;
    const Layer& by = graph.layer(consumer);
    for (int a = 0; a < rank; ++a) {
      const std::int64_t along = axis_through(by, input, a);
      const bool passed_on = along >= 0 && along < static_cast<std::int64_t>(later[consumer].size()) &&
                             later[consumer][static_cast<std::size_t>(along)];
      if (joins(by, input, a) || passed_on) joined[static_cast<std::size_t>(a)] = true;
    }
  }
  return joined;
}

}  // namespace

std::vector<Coords> walks_of(const LayerGraph& graph, const std::vector<int>& stages) {
  std::vector<Joined> joined(graph.layers().size());
  std::vector<Coords> walks(graph.layers().size());
  for (int k = graph.size() - 1; k >= 0; --k) {
    joined[k] = joined_of(graph, stages, joined, k);
    for (bool innermost : {false, true})
      for (std::size_t a = 0; a < joined[k].size(); ++a)
        if (joined[k][a] == innermost) walks[k].push_back(static_cast<std::int64_t>(a));
  }
  return walks;
}

}  // namespace dunlin
