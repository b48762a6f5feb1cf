#include "dunlin/plan/layer_plan.hpp"

#include <algorithm>
#include <map>

#include "dunlin/plan/passes.hpp"
#include "spread.hpp"
#include "task_order.hpp"
#include "walk.hpp"

namespace dunlin {
namespace {

constexpr int kTimeBits = 30;  // Partition::latest lies in [0, 2^30)

ChunkBox meet(const ChunkBox& a, const ChunkBox& b) {
  if (b.count() == 0) return b;
  const Box both = intersection({a.begin, a.end}, {b.begin, b.end});
  return {both.begin, both.end};
}

/// The smallest block that holds both; an empty one adds nothing.
ChunkBox hull(const ChunkBox& a, const ChunkBox& b) {
  if (a.count() == 0) return b;
  if (b.count() == 0) return a;
  ChunkBox both = a;
  for (int d = 0; d < a.rank(); ++d) {
    both.begin[d] = std::min(a.begin[d], b.begin[d]);
    both.end[d] = std::max(a.end[d], b.end[d]);
  }
  return both;
}

}  // namespace

LayerPlan LayerPlan::make(const LayerGraph& graph, const Cluster& cluster) {
  return of_rewritten(rewrite(graph, cluster), cluster);
}

LayerGraph LayerPlan::rewrite(const LayerGraph& graph, const Cluster& cluster) {
  return choose(in_rounds(fuse(push_selections(simplify(graph))), cluster), cluster);
}

LayerPlan LayerPlan::without_graph() const {
  LayerPlan plan;
  plan.cluster_ = cluster_;
  plan.partitions_ = partitions_;
  plan.stages_ = stages_;
  plan.aids_ = aids_;
  plan.needed_ = needed_;
  plan.flat_ = flat_;
  plan.round_bits_ = round_bits_;
  return plan;
}

LayerPlan LayerPlan::for_graph(LayerGraph graph) const {
  require(graph.size() == static_cast<int>(stages_.size()), "a plan serves graphs of its own structure");
  LayerPlan plan = *this;
  plan.graph_ = std::move(graph);
  return plan;
}

LayerPlan LayerPlan::of_rewritten(LayerGraph graph, const Cluster& cluster) {
  LayerPlan plan;
  plan.graph_ = std::move(graph);
  plan.cluster_ = cluster;
  plan.stages_ = stages_of(plan.graph_);
  for (int k = 0; k < plan.graph_.size(); ++k) plan.aids_.push_back(dunlin::is_aid(plan.graph_, k));
  plan.cull();
  plan.partitions_ = spread(plan.graph_, cluster, plan.needed_);
  const std::vector<Coords> walks = walks_of(plan.graph_, plan.stages_);
  for (int k = 0; k < plan.graph_.size(); ++k) plan.partitions_[k].set_walk(walks[k]);
  plan.set_flat();
  plan.set_rounds();
  return plan;
}

void LayerPlan::cull() {
  needed_.assign(graph_.layers().size(), ChunkBox{{0}, {0}});  // nothing, of a 0-d array too
  for (int sink : graph_.sinks()) needed_[sink] = graph_.layer(sink).output().grid.all();
  std::vector<ChunkBox> blocks;
  for (int k = graph_.size() - 1; k >= 0; --k) {
    if (needed_[k].count() == 0) continue;
    for (int i = 0; i < static_cast<int>(graph_.inputs(k).size()); ++i) {
      const int input = graph_.inputs(k)[i];
      blocks.clear();
      graph_.layer(k).needs(i, needed_[k], blocks);
      for (const ChunkBox& block : blocks) needed_[input] = hull(needed_[input], block);
    }
  }
}

bool LayerPlan::in_parts(int layer, int input) const {
  return graph_.layer(layer).cuts(input) && graph_.layer(graph_.inputs(layer)[input]).output().is_exact();
}

/// Bytes that the rank with the largest shares keeps if layer follows layer: of all that has been made and is still
/// needed, at the worst.
std::int64_t LayerPlan::bytes_layer_by_layer(int stage) const {
  std::vector<std::int64_t> ends(graph_.layers().size() + 1, 0);
  std::int64_t live = 0, most = 0;
  for (int k = 0; k < graph_.size(); ++k) {
    int last = stages_[k] == stage ? k : -1;
    for (const auto& consumer : graph_.consumers(k))
      if (stages_[k] <= stage && stages_[consumer.layer] >= stage) last = std::max(last, consumer.layer);
    if (last >= 0 && graph_.layer(k).has_output() && needed_[k].count() > 0) {
      const std::int64_t bytes = partitions_[k].largest_share(needed_[k]) * graph_.layer(k).output().largest_bytes();
      live += bytes;
      ends[static_cast<std::size_t>(last)] += bytes;
    }
    most = std::max(most, live);
    live -= ends[static_cast<std::size_t>(k)];
  }
  return most;
}

void LayerPlan::set_flat() {
  constexpr int kManyLayers = 32;
  std::map<int, int> layers;
  for (int stage : stages_) ++layers[stage];
  std::map<int, bool> flat;
  for (const auto& [stage, count] : layers)
    flat[stage] = count >= kManyLayers && bytes_layer_by_layer(stage) <= cluster_.budget_bytes / 4;
  for (int stage : stages_) flat_.push_back(flat.at(stage));
}

/// A round's chunks are kept until it ends: at most a sixteenth of the budget, else what makes messages of 64 KiB to
/// all ranks, and at least 8 MiB.
void LayerPlan::set_rounds() {
  constexpr std::int64_t kMessage = 64 << 10, kRound = 8 << 20;
  const std::int64_t wanted = std::max(kRound, cluster_.ranks * kMessage);
  const std::int64_t round = std::max<std::int64_t>(1, std::min(wanted, cluster_.budget_bytes / 16));
  for (int k = 0; k < graph_.size(); ++k) {
    int bits = flat_[k] ? 0 : kTimeBits;
    const bool cut = std::any_of(graph_.consumers(k).begin(), graph_.consumers(k).end(),
                                 [&](const LayerGraph::Consumer& c) { return in_parts(c.layer, c.input); });
    const std::int64_t chunks = cut ? partitions_[k].largest_share() : 0;
    const std::int64_t share = cut ? chunks * graph_.layer(k).output().largest_bytes() : 0;
    for (std::int64_t rounds = 1; bits > 0 && rounds < chunks && share / rounds > round; rounds *= 2) --bits;
    round_bits_.push_back(bits);
  }
}

TaskKey LayerPlan::key(int layer, const ChunkIndex& chunk) const { return TaskOrder(*this).key(layer, chunk); }

void LayerPlan::deliveries(int layer, const ChunkIndex& chunk, std::vector<RankSet>& sets,
                           std::vector<ChunkBox>& blocks) const {
  sets.clear();
  const int owner = partitions_[layer].owner(chunk);
  for (const auto& consumer : graph_.consumers(layer)) {
    if (in_parts(consumer.layer, consumer.input)) continue;
    blocks.clear();
    graph_.layer(consumer.layer).feeds(consumer.input, ChunkBox::single(chunk), blocks);
    for (const ChunkBox& fed : blocks) {
      const ChunkBox used = meet(fed, needed_[consumer.layer]);
      if (used.count() == 0) continue;
      if (partitions_[consumer.layer].is_sole_owner(owner, used)) continue;
      const RankSet set = partitions_[consumer.layer].ranks_of(used);
      if (std::any_of(sets.begin(), sets.end(), [&](const RankSet& other) { return set.within(other); })) continue;
      std::erase_if(sets, [&](const RankSet& other) { return other.within(set); });
      sets.push_back(set);
    }
  }
}

MulticastTree::MulticastTree(const RankSet& set, int owner)
    : set_(set), owner_(owner), owner_index_(set.index_of(owner)), size_(set.size() + (owner_index_ < 0 ? 1 : 0)) {}

std::int64_t MulticastTree::position_of(int rank) const {
  if (rank == owner_) return 0;
  const std::int64_t index = set_.index_of(rank);
  return owner_index_ < 0 ? index + 1 : (index - owner_index_ + size_) % size_;
}

int MulticastTree::rank_at(std::int64_t position) const {
  if (position == 0) return owner_;
  return owner_index_ < 0 ? set_.nth(position - 1) : set_.nth((position + owner_index_) % size_);
}

int MulticastTree::parent(int rank) const {
  const std::int64_t position = position_of(rank);
  return position == 0 ? -1 : rank_at((position - 1) / kArity);
}

void MulticastTree::children(int rank, std::vector<int>& ranks) const {
  const std::int64_t first = position_of(rank) * kArity + 1;
  for (std::int64_t position = first; position < std::min(first + kArity, size_); ++position)
    ranks.push_back(rank_at(position));
}

}  // namespace dunlin
