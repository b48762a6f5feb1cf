#include <algorithm>
#include <span>
#include <unordered_map>

#include "dunlin/graph/partition.hpp"
#include "dunlin/graph/source.hpp"
#include "dunlin/plan/passes.hpp"

namespace dunlin {
namespace {

/// Bytes that the rank with the largest share keeps of a layer.
std::int64_t held_bytes(const Layer& layer, const Cluster& cluster) {
  const ChunkGrid& grid = layer.output().grid;
  return Partition::spread(grid, cluster.ranks, 0).largest_share() * layer.output().largest_bytes();
}

/// Sources up to this share of a node's memory stay in the system's file cache once read, which serves them four times
/// as fast as a process can touch fresh memory for holding them (measured: 1 GB anomaly on two ranks 1.3 s reading
/// twice, 2.4 s holding). Larger ones are held: reading them again might go to the disk.
constexpr std::int64_t kCachedShare = 8;
/// Nanoseconds of decoding per byte up to which reading again is cheaper than fresh memory.
constexpr double kCheapDecoding = 0.5;

bool is_cheap_to_read(const Layer& layer) {
  if (layer.output().grid.count() == 0 || !layer.kernel()) return false;
  const ChunkIndex first{Coords(static_cast<std::size_t>(layer.output().grid.rank()), 0)};
  const Cost cost = layer.kernel()->cost(first);
  return cost.read_bytes > 0 && cost.operations <= kCheapDecoding * static_cast<double>(cost.read_bytes);
}

/// Room for held sources while each part is worked on: what the budget leaves beside a window of chunks.
std::vector<std::int64_t> room_of(const LayerGraph& graph, const std::vector<int>& part, const Cluster& cluster) {
  const int parts = part.empty() ? 0 : *std::max_element(part.begin(), part.end()) + 1;
  std::vector<std::int64_t> largest(static_cast<std::size_t>(parts), 0);
  for (int k = 0; k < graph.size(); ++k)
    largest[part[k]] = std::max(largest[part[k]], graph.layer(k).output().largest_bytes());
  for (std::int64_t& bytes : largest) bytes = cluster.budget_bytes - 6 * (cluster.threads + 1) * bytes;
  return largest;
}

}  // namespace

LayerGraph choose(const LayerGraph& graph, const Cluster& cluster) {
  const std::vector<int> stage = stages_of(graph), part = parts_of(graph);
  std::vector<std::int64_t> room = room_of(graph, part, cluster);

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
    // Held from its own part to the last one that needs it.
    int last = part[k];
    for (const auto& consumer : consumers) last = std::max(last, part[consumer.layer]);
    const std::span<std::int64_t> held(room.data() + part[k], static_cast<std::size_t>(last - part[k] + 1));
    const std::int64_t bytes = held_bytes(*layer, cluster);
    // Memory that others own costs nothing, however often it is looked at.
    const bool is_lent = layer->kernel()->lends() != Kernel::Lends::no;
    const bool fits =
        !is_lent && std::all_of(held.begin(), held.end(), [&](std::int64_t left) { return bytes <= left; });
    if (fits &&
        !(bytes * cluster.ranks_per_node <= cluster.node_memory_bytes / kCachedShare && is_cheap_to_read(*layer)))
      for (std::int64_t& left : held) left -= bytes;
    else
      again[layer.get()];
  }
  std::vector<LayerPtr> sinks;
  for (int sink : graph.sinks()) sinks.push_back(now.at(graph.pointer(sink).get()));
  return LayerGraph::of(sinks);
}

}  // namespace dunlin
