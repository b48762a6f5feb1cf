#include <algorithm>
#include <map>
#include <numeric>

#include "dunlin/graph/reduction.hpp"
#include "dunlin/plan/passes.hpp"

namespace dunlin {
namespace {

/// True for values that are complete only when many chunks have been read: a combined state and what is made from such.
std::vector<bool> late_values(const LayerGraph& graph) {
  std::vector<bool> late(static_cast<std::size_t>(graph.size()), false);
  for (int k = 0; k < graph.size(); ++k) {
    const auto* reduction = dynamic_cast<const ReductionLayer*>(&graph.layer(k));
    const auto& inputs = graph.inputs(k);
    late[k] = (reduction && reduction->step() == ReductionLayer::Step::combine) ||
              (!inputs.empty() && graph.layer(k).kind() != LayerKind::source &&
               std::all_of(inputs.begin(), inputs.end(), [&](int input) { return late[input]; }));
  }
  return late;
}

/// Stages within a part: as early as the inputs allow, then as late as the consumers do.
std::vector<int> steps_of(const LayerGraph& graph) {
  const std::vector<bool> late = late_values(graph);
  const auto step = [&](int from, int to) { return late[from] && !late[to] ? 1 : 0; };
  std::vector<int> stage(static_cast<std::size_t>(graph.size()), 0);
  for (int k = 0; k < graph.size(); ++k)
    for (int input : graph.inputs(k)) stage[k] = std::max(stage[k], stage[input] + step(input, k));
  for (int k = graph.size() - 1; k >= 0; --k) {
    if (graph.consumers(k).empty()) continue;
    int latest = std::numeric_limits<int>::max();
    for (const auto& consumer : graph.consumers(k))
      latest = std::min(latest, stage[consumer.layer] - step(k, consumer.layer));
    stage[k] = latest;
  }
  return stage;
}

}  // namespace

bool is_small(const Layer& layer) {
  constexpr std::int64_t kSmallBytes = std::int64_t{1} << 20;
  return !layer.output().grid.has_unknown() && layer.output().total_bytes() <= kSmallBytes;
}

bool is_aid(const LayerGraph& graph, int layer) {
  const auto& consumers = graph.consumers(layer);
  return graph.layer(layer).kind() == LayerKind::source && !consumers.empty() &&
         std::all_of(consumers.begin(), consumers.end(), [&](const LayerGraph::Consumer& consumer) {
           return graph.layer(consumer.layer).kind() == LayerKind::source;
         });
}

std::vector<int> parts_of(const LayerGraph& graph) {
  std::vector<int> root(static_cast<std::size_t>(graph.size()));
  std::iota(root.begin(), root.end(), 0);
  const auto find = [&](int k) {
    while (root[k] != k) k = root[k] = root[root[k]];
    return k;
  };
  for (int k = 0; k < graph.size(); ++k)
    for (int input : graph.inputs(k)) {
      const bool alone = graph.consumers(input).size() == 1;
      if (alone || !is_small(graph.layer(input))) root[find(k)] = find(input);
    }
  // Numbered by the sinks, in their order; what several parts need belongs to the first of them.
  std::map<int, int> number;
  for (int sink : graph.sinks()) number.try_emplace(find(sink), static_cast<int>(number.size()));
  std::vector<int> part(static_cast<std::size_t>(graph.size()), std::numeric_limits<int>::max());
  for (int k = graph.size() - 1; k >= 0; --k) {
    if (const auto named = number.find(find(k)); named != number.end()) part[k] = named->second;
    for (const auto& consumer : graph.consumers(k)) part[k] = std::min(part[k], part[consumer.layer]);
  }
  return part;
}

std::vector<int> stages_of(const LayerGraph& graph) {
  const std::vector<int> part = parts_of(graph), step = steps_of(graph);
  std::map<std::pair<int, int>, int> number;
  for (int k = 0; k < graph.size(); ++k) number[{part[k], step[k]}] = 0;
  int next = 0;
  for (auto& [key, stage] : number) stage = next++;
  std::vector<int> stage;
  for (int k = 0; k < graph.size(); ++k) stage.push_back(number.at({part[k], step[k]}));
  return stage;
}

}  // namespace dunlin
