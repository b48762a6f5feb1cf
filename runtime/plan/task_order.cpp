#include "task_order.hpp"

#include <algorithm>

namespace dunlin {

TaskOrder::TaskOrder(const LayerPlan& plan)
    : plan_(plan),
      shared_(static_cast<std::size_t>(plan.graph().size()), false),
      newest_(static_cast<std::size_t>(plan.graph().size()), -1) {
  for (int k = 0; k < plan.graph().size(); ++k) {
    const auto& consumers = plan.graph().consumers(k);
    shared_[k] = std::count_if(consumers.begin(), consumers.end(),
                               [&](const LayerGraph::Consumer& consumer) { return waits_for(consumer.layer, k); }) > 1;
  }
}

TaskKey TaskOrder::key(int layer, const ChunkIndex& chunk) {
  const auto ordinal = static_cast<std::int64_t>(plan_.graph().layer(layer).output().grid.ordinal(chunk));
  return key(layer, ordinal, latest(layer, ChunkBox::single(chunk)));
}

std::int64_t TaskOrder::latest(int layer, const ChunkBox& block) {
  if (plan_.is_flat(layer)) return 0;
  for (const Known& known : known_) newest_[known.layer] = -1;
  known_.clear();
  return latest_of(layer, block);
}

std::int64_t TaskOrder::latest_of(int layer, const ChunkBox& block) {
  if (plan_.is_aid(layer)) return earliest(layer, block);
  if (!shared_[layer]) return latest_of_inputs(layer, block);
  for (int k = newest_[layer]; k >= 0; k = known_[k].next)
    if (known_[k].block == block) return known_[k].latest;
  const std::int64_t latest = latest_of_inputs(layer, block);
  known_.push_back({layer, block, latest, newest_[layer]});
  newest_[layer] = static_cast<int>(known_.size()) - 1;
  return latest;
}

std::int64_t TaskOrder::latest_of_inputs(int layer, const ChunkBox& block) {
  std::int64_t latest = -1;
  bool waits = false;
  const auto& inputs = plan_.graph().inputs(layer);
  for (int i = 0; i < static_cast<int>(inputs.size()); ++i) {
    if (!waits_for(layer, inputs[i])) continue;
    waits = true;
    const std::size_t bottom = blocks_.size();
    plan_.graph().layer(layer).needs(i, block, blocks_);
    const bool in_parts = plan_.in_parts(layer, i);
    while (blocks_.size() > bottom) {
      const ChunkBox needed = blocks_.back();
      blocks_.pop_back();
      const std::int64_t time = latest_of(inputs[i], needed);
      latest = std::max(latest, in_parts ? plan_.round_end(inputs[i], time) : time);
    }
  }
  // Some chunks of a layer that waits need nothing: not behind those of a block that do.
  return latest >= 0 ? latest : waits ? 0 : plan_.partition(layer).latest(block);
}

/// Of an aid: as early as the first chunk that it serves, directly or through other aids.
std::int64_t TaskOrder::earliest(int layer, const ChunkBox& block) {
  if (!plan_.is_aid(layer)) return plan_.partition(layer).earliest(block);
  std::int64_t earliest_served = std::int64_t{1} << 30;
  for (const auto& consumer : plan_.graph().consumers(layer)) {
    if (plan_.stage(consumer.layer) != plan_.stage(layer)) continue;
    const std::size_t bottom = blocks_.size();
    plan_.graph().layer(consumer.layer).feeds(consumer.input, block, blocks_);
    while (blocks_.size() > bottom) {
      const ChunkBox fed = blocks_.back();
      blocks_.pop_back();
      if (fed.count() > 0) earliest_served = std::min(earliest_served, earliest(consumer.layer, fed));
    }
  }
  return earliest_served;
}

}  // namespace dunlin
