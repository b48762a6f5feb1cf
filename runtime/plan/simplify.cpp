#include <map>
#include <unordered_map>

#include "dunlin/graph/operand_map.hpp"
#include "dunlin/graph/rechunk.hpp"
#include "dunlin/plan/passes.hpp"

namespace dunlin {
namespace {

/// A rechunk of a rechunk starts from the first grid; one that changes nothing is its input.
LayerPtr without_needless_rechunk(const LayerPtr& layer) {
  if (layer->kind() != LayerKind::rechunk) return layer;
  LayerPtr from = layer->inputs()[0];
  while (from->kind() == LayerKind::rechunk) from = from->inputs()[0];
  if (same_chunks(from->output().grid, layer->output().grid)) return from;
  return from == layer->inputs()[0] ? layer : layer->with_inputs({from});
}

}  // namespace

LayerGraph simplify(const LayerGraph& graph) {
  std::unordered_map<const Layer*, LayerPtr> now;
  std::map<std::pair<Hash128, std::vector<const Layer*>>, LayerPtr> known;
  for (const LayerPtr& layer : graph.layers()) {
    std::vector<LayerPtr> inputs;
    for (const LayerPtr& input : layer->inputs()) inputs.push_back(now.at(input.get()));
    LayerPtr rebuilt = without_needless_rechunk(inputs == layer->inputs() ? layer : layer->with_inputs(inputs));
    if (rebuilt->kind() != LayerKind::sink) {
      std::vector<const Layer*> input_keys;  // of what it is now: a rechunk may have become its input
      for (const LayerPtr& input : rebuilt->inputs()) input_keys.push_back(input.get());
      rebuilt = known.try_emplace({value_hash(*rebuilt), input_keys}, rebuilt).first->second;
    }
    now[layer.get()] = rebuilt;
  }
  std::vector<LayerPtr> sinks;
  for (int sink : graph.sinks()) sinks.push_back(now.at(graph.pointer(sink).get()));
  return LayerGraph::of(sinks);
}

}  // namespace dunlin
