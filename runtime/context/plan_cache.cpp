#include "plan_cache.hpp"

#include <algorithm>

#include "dunlin/base/pack.hpp"

namespace dunlin {
namespace {

/// A schedule holds scratch and bytes of storage, which kernels of one structure may differ in (another codec).
void pack_costs(Packer& out, const Layer& layer) {
  const Kernel& kernel = *layer.kernel();
  out.number((kernel.serial() ? 1 : 0) | (kernel.makes() ? 2 : 0) | (kernel.takes_strides() ? 4 : 0) |
             (kernel.keeps() ? 8 : 0) | static_cast<int>(kernel.lends()) << 4);
  const ChunkGrid& grid = layer.output().grid;
  if (grid.count() == 0) return;
  for (std::int64_t ordinal : {std::int64_t{0}, grid.count() - 1}) {
    const Cost cost = kernel.cost(grid.at(ChunkOrdinal{ordinal}));
    out.number(cost.read_bytes);
    out.number(cost.write_bytes);
    out.number(cost.scratch_bytes);
  }
}

}  // namespace

Hash128 PlanCache::key(const LayerGraph& rewritten, const Cluster& cluster) {
  Packer out;
  for (const LayerPtr& layer : rewritten.layers()) pack_costs(out, *layer);
  for (std::int64_t number : {std::int64_t{cluster.ranks}, std::int64_t{cluster.ranks_per_node},
                              std::int64_t{cluster.threads}, cluster.budget_bytes, cluster.node_memory_bytes})
    out.number(number);
  return hash_bytes(out.bytes(), rewritten.structure_hash());
}

const CachedPlan* PlanCache::find(const Hash128& key) {
  const auto found =
      std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.key == key; });
  if (found == entries_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found);
  ++reused;
  return &entries_.front().plan;
}

void PlanCache::keep(const Hash128& key, CachedPlan plan) {
  ++made;
  const auto items = static_cast<std::int64_t>(plan.schedule->size());
  const std::int64_t bytes = items * kItemBytes / 2 + plan.plan.graph().size() * kLayerBytes;
  plan.plan = plan.plan.without_graph();
  entries_.push_front({key, std::move(plan), bytes});
  bytes_ += bytes;
  while (bytes_ > kMostBytes && entries_.size() > 1) {
    bytes_ -= entries_.back().bytes;
    entries_.pop_back();
  }
}

}  // namespace dunlin
