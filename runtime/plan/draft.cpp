#include "draft.hpp"

#include <algorithm>

namespace dunlin {

Drafts Drafter::draft() {
  std::int64_t tasks = 0;
  for (int k = 0; k < plan_.graph().size(); ++k) {
    own_.push_back(plan_.partition(k).chunks_of(rank_).cut(plan_.needed(k)));
    first_.push_back(static_cast<std::uint32_t>(tasks));
    tasks += own_.back().size();
  }
  tasks_ = static_cast<std::uint32_t>(tasks);
  drafts_.tasks.reserve(tasks_);
  for (int k = 0; k < plan_.graph().size(); ++k)
    own_[k].for_each([&](const ChunkIndex& chunk) { draft_task(k, chunk); });
  return std::move(drafts_);
}

void Drafter::draft_task(int ordinal, const ChunkIndex& chunk) {
  Draft draft{};
  draft.ordinal = static_cast<std::int64_t>(layer(ordinal).output().grid.ordinal(chunk));
  draft.layer = ordinal;
  draft.peer = draft.delivery = -1;
  draft.first_input = static_cast<std::uint32_t>(drafts_.inputs.size());
  draft.time = -1;
  for (int i = 0; i < static_cast<int>(plan_.graph().inputs(ordinal).size()); ++i)
    draft.time = std::max(draft.time, draft_input(ordinal, i, chunk));
  if (draft.time < 0) draft.time = order_.latest(ordinal, ChunkBox::single(chunk));
  draft.inputs = static_cast<std::uint32_t>(drafts_.inputs.size()) - draft.first_input;
  draft.first_send = static_cast<std::uint32_t>(drafts_.sends.size());
  if (!plan_.graph().consumers(ordinal).empty()) {
    plan_.deliveries(ordinal, chunk, sets_, fed_);
    for (const RankSet& set : sets_) draft_sends(draft, MulticastTree(set, rank_));
  }
  drafts_.tasks.push_back(draft);
}

std::int64_t Drafter::draft_input(int ordinal, int input, const ChunkIndex& chunk) {
  const int from = plan_.graph().inputs(ordinal)[input];
  const bool waits = order_.waits_for(ordinal, from);
  std::int64_t latest = -1;
  needed_.clear();
  layer(ordinal).needs(input, ChunkBox::single(chunk), needed_);
  for (const ChunkBox& block : needed_) {
    std::uint32_t number = 0;
    block.for_each([&](const ChunkIndex& needed) {
      const int owner = plan_.partition(from).owner(needed);
      number = owner == rank_ ? local(from, needed) : remote(from, needed, owner);
      drafts_.inputs.push_back(number);
    });
    if (!waits) continue;
    // A single chunk's time is at hand; that of a block is more than its chunks' where it spans several owners.
    latest = std::max(latest, block.count() == 1 ? (number < tasks_ ? drafts_.tasks[number].time
                                                                    : drafts_.receives[number - tasks_].time)
                                                 : order_.latest(from, block));
  }
  return latest;
}

std::uint32_t Drafter::local(int ordinal, const ChunkIndex& chunk) const {
  return first_[ordinal] + static_cast<std::uint32_t>(own_[ordinal].index_of(chunk));
}

/// Number of the receive that brings a remote chunk; drafts it, and those of overlapping deliveries, if new.
std::uint32_t Drafter::remote(int ordinal, const ChunkIndex& chunk, int owner) {
  const auto place = static_cast<std::int64_t>(layer(ordinal).output().grid.ordinal(chunk));
  const auto [known, is_new] = remotes_.try_emplace({ordinal, place}, tasks_ + drafts_.receives.size());
  if (!is_new) return known->second;
  const std::int64_t time = order_.latest(ordinal, ChunkBox::single(chunk));
  plan_.deliveries(ordinal, chunk, sets_, fed_);
  for (int d = 0; d < static_cast<int>(sets_.size()); ++d) {
    if (!sets_[d].contains(rank_)) continue;
    const MulticastTree tree(sets_[d], owner);
    Draft draft{.ordinal = place, .time = time, .layer = ordinal, .peer = tree.parent(rank_), .delivery = d};
    draft.first_send = static_cast<std::uint32_t>(drafts_.sends.size());
    draft_sends(draft, tree);
    drafts_.receives.push_back(draft);
  }
  require(known->second < tasks_ + drafts_.receives.size(), "a chunk that a rank needs is delivered to it");
  return known->second;
}

void Drafter::draft_sends(Draft& draft, const MulticastTree& tree) {
  const std::size_t before = drafts_.sends.size();
  tree.children(rank_, drafts_.sends);
  draft.sends += static_cast<std::uint32_t>(drafts_.sends.size() - before);
}

}  // namespace dunlin
