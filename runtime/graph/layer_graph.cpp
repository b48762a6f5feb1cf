#include "dunlin/graph/layer_graph.hpp"

#include <unordered_map>

namespace dunlin {
namespace {

using Ordinals = std::unordered_map<const Layer*, int>;

/// Depth-first, inputs before their consumers, each layer once. Iterative: graphs may be deep.
std::vector<LayerPtr> topological(const std::vector<LayerPtr>& sinks, Ordinals& ordinals) {
  constexpr int kOnItsWay = -1;
  std::vector<LayerPtr> order;
  std::vector<std::pair<const LayerPtr*, std::size_t>> path;
  for (const LayerPtr& sink : sinks) {
    if (ordinals.try_emplace(sink.get(), kOnItsWay).second) path.emplace_back(&sink, 0);
    while (!path.empty()) {
      auto& [layer, next] = path.back();
      if (next < (*layer)->inputs().size()) {
        const LayerPtr& input = (*layer)->inputs()[next++];
        if (ordinals.try_emplace(input.get(), kOnItsWay).second) path.emplace_back(&input, 0);
      } else {
        ordinals[layer->get()] = static_cast<int>(order.size());
        order.push_back(*layer);
        path.pop_back();
      }
    }
  }
  return order;
}

Hash128 chained(std::vector<std::int64_t>& record, const Hash128& own, const Hash128& before) {
  const std::size_t connections = record.size();
  record.push_back(static_cast<std::int64_t>(own[0]));
  record.push_back(static_cast<std::int64_t>(own[1]));
  const Hash128 hash = hash_bytes(std::as_bytes(std::span(record)), before);
  record.resize(connections);
  return hash;
}

}  // namespace

LayerGraph LayerGraph::of(const std::vector<LayerPtr>& sinks) {
  LayerGraph graph;
  Ordinals ordinals;
  graph.layers_ = topological(sinks, ordinals);
  graph.inputs_.resize(graph.layers_.size());
  graph.consumers_.resize(graph.layers_.size());
  graph.hashes_.reserve(graph.layers_.size() + 1);
  std::vector<std::int64_t> times_a_sink(graph.layers_.size(), 0), record;
  for (const LayerPtr& sink : sinks) {
    graph.sinks_.push_back(ordinals.at(sink.get()));
    ++times_a_sink[static_cast<std::size_t>(graph.sinks_.back())];
  }
  for (int k = 0; k < graph.size(); ++k) {
    const Layer& layer = *graph.layers_[k];
    record.clear();
    graph.inputs_[k].reserve(layer.inputs().size());
    for (int i = 0; i < static_cast<int>(layer.inputs().size()); ++i) {
      const int input = ordinals.at(layer.inputs()[i].get());
      graph.inputs_[k].push_back(input);
      graph.consumers_[input].push_back({k, i});
      record.push_back(input);
    }
    record.push_back(times_a_sink[k]);
    graph.hashes_.push_back(chained(record, value_hash(layer), graph.hashes_.back()));
    graph.structure_ = chained(record, dunlin::structure_hash(layer), graph.structure_);
  }
  return graph;
}

}  // namespace dunlin
