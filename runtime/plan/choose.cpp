#include <algorithm>
#include <unordered_map>

#include "dunlin/graph/reduction.hpp"
#include "dunlin/graph/source.hpp"
#include "dunlin/plan/partition.hpp"
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

/// Bytes that the rank with the largest share keeps of a layer.
std::int64_t held_bytes(const Layer& layer, const Cluster& cluster) {
  const ChunkGrid& grid = layer.output().grid;
  return Partition::spread(grid, cluster.ranks, 0).largest_share() * layer.output().largest_bytes();
}

}  // namespace

bool is_aid(const LayerGraph& graph, int layer) {
  const auto& consumers = graph.consumers(layer);
  return graph.layer(layer).kind() == LayerKind::source && !consumers.empty() &&
         std::all_of(consumers.begin(), consumers.end(), [&](const LayerGraph::Consumer& consumer) {
           return graph.layer(consumer.layer).kind() == LayerKind::source;
         });
}

std::vector<int> stages_of(const LayerGraph& graph) {
  const std::vector<bool> late = late_values(graph);
  const auto step = [&](int from, int to) { return late[from] && !late[to] ? 1 : 0; };
  std::vector<int> stage(static_cast<std::size_t>(graph.size()), 0);
  for (int k = 0; k < graph.size(); ++k)
    for (int input : graph.inputs(k)) stage[k] = std::max(stage[k], stage[input] + step(input, k));
  for (int k = graph.size() - 1; k >= 0; --k) {  // as late as the consumers allow
    if (graph.consumers(k).empty()) continue;
    int latest = std::numeric_limits<int>::max();
    for (const auto& consumer : graph.consumers(k))
      latest = std::min(latest, stage[consumer.layer] - step(k, consumer.layer));
    stage[k] = latest;
  }
  return stage;
}

LayerGraph choose(const LayerGraph& graph, const Cluster& cluster) {
  const std::vector<int> stage = stages_of(graph);
  // Room for held sources: what the budget leaves beside a window of chunks at work.
  std::int64_t largest = 0;
  for (const LayerPtr& layer : graph.layers()) largest = std::max(largest, layer->output().largest_bytes());
  std::int64_t room = cluster.budget_bytes - 6 * (cluster.threads + 1) * largest;

  std::unordered_map<const Layer*, LayerPtr> now;
  std::unordered_map<const Layer*, std::unordered_map<int, LayerPtr>> again;  // readings of a source, by stage
  for (int k = 0; k < graph.size(); ++k) {
    const LayerPtr& layer = graph.pointer(k);
    std::vector<LayerPtr> inputs;
    for (int input : graph.inputs(k)) {
      const auto readings = again.find(graph.pointer(input).get());
      LayerPtr chosen = now.at(graph.pointer(input).get());
      if (readings != again.end() && stage[k] > stage[input]) {
        LayerPtr& reading = readings->second[stage[k]];
        if (!reading) reading = static_cast<const SourceLayer&>(*chosen).again(stage[k]);
        chosen = reading;
      }
      inputs.push_back(chosen);
    }
    now[layer.get()] = inputs == layer->inputs() ? layer : layer->with_inputs(std::move(inputs));
    const auto& consumers = graph.consumers(k);
    const bool waits = std::any_of(consumers.begin(), consumers.end(),
                                   [&](const auto& consumer) { return stage[consumer.layer] > stage[k]; });
    if (!waits || layer->kind() != LayerKind::source || is_aid(graph, k)) continue;
    const std::int64_t bytes = held_bytes(*layer, cluster);
    if (bytes <= room)
      room -= bytes;
    else
      again[layer.get()];
  }
  std::vector<LayerPtr> sinks;
  for (int sink : graph.sinks()) sinks.push_back(now.at(graph.pointer(sink).get()));
  return LayerGraph::of(sinks);
}

}  // namespace dunlin
