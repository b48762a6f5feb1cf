#include "dunlin/graph/layer_graph.hpp"

#include <algorithm>
#include <unordered_map>

namespace dunlin {
namespace {

/// Depth-first, inputs before their consumers, each layer once. Iterative: graphs may be deep.
std::vector<LayerPtr> topological(const std::vector<LayerPtr>& sinks) {
  std::vector<LayerPtr> order;
  std::unordered_map<const Layer*, bool> done;
  std::vector<std::pair<LayerPtr, std::size_t>> path;
  for (const LayerPtr& sink : sinks) {
    if (!done.contains(sink.get())) path.emplace_back(sink, 0), done[sink.get()] = false;
    while (!path.empty()) {
      auto& [layer, next] = path.back();
      if (next < layer->inputs().size()) {
        const LayerPtr input = layer->inputs()[next++];
        if (!done.contains(input.get())) path.emplace_back(input, 0), done[input.get()] = false;
      } else {
        done[layer.get()] = true;
        order.push_back(layer);
        path.pop_back();
      }
    }
  }
  return order;
}

}  // namespace

LayerGraph LayerGraph::of(const std::vector<LayerPtr>& sinks) {
  LayerGraph graph;
  graph.layers_ = topological(sinks);
  std::unordered_map<const Layer*, int> ordinal;
  for (int k = 0; k < graph.size(); ++k) ordinal[graph.layers_[k].get()] = k;
  graph.inputs_.resize(graph.layers_.size());
  graph.consumers_.resize(graph.layers_.size());
  for (int k = 0; k < graph.size(); ++k) {
    const Layer& layer = *graph.layers_[k];
    Packer record;
    for (int i = 0; i < static_cast<int>(layer.inputs().size()); ++i) {
      const int input = ordinal.at(layer.inputs()[i].get());
      graph.inputs_[k].push_back(input);
      graph.consumers_[input].push_back({k, i});
      record.number(input);
    }
    record.number(std::count(sinks.begin(), sinks.end(), graph.layers_[k]));
    const Hash128 own = value_hash(layer);
    record.number(static_cast<std::int64_t>(own[0]));
    record.number(static_cast<std::int64_t>(own[1]));
    graph.hashes_.push_back(hash_bytes(record.bytes(), graph.hashes_.back()));
  }
  for (const LayerPtr& sink : sinks) graph.sinks_.push_back(ordinal.at(sink.get()));
  return graph;
}

}  // namespace dunlin
