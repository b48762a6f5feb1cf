#include "draft.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

namespace dunlin {
namespace {
/// Parcels stand behind all chunks of their layer and time.
constexpr std::int64_t kParcelOrdinal = std::numeric_limits<std::int64_t>::max();
}  // namespace

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
  if (!parts_.empty()) close_parcels();
  return std::move(drafts_);
}

void Drafter::draft_task(int ordinal, const ChunkIndex& chunk) {
  Draft draft{};
  draft.ordinal = static_cast<std::int64_t>(layer(ordinal).output().grid.ordinal(chunk));
  draft.layer = ordinal;
  draft.peer = draft.delivery = draft.parcel = -1;
  draft.first_input = static_cast<std::uint32_t>(drafts_.inputs.size());
  draft.time = -1;
  for (int i = 0; i < static_cast<int>(plan_.graph().inputs(ordinal).size()); ++i)
    draft.time = std::max(draft.time, draft_input(ordinal, i, chunk));
  if (draft.time < 0 || plan_.is_flat(ordinal)) draft.time = order_.latest(ordinal, ChunkBox::single(chunk));
  draft.inputs = static_cast<std::uint32_t>(drafts_.inputs.size()) - draft.first_input;
  draft.first_send = static_cast<std::uint32_t>(drafts_.sends.size());
  if (!plan_.graph().consumers(ordinal).empty()) {
    plan_.deliveries(ordinal, chunk, sets_, fed_);
    for (const RankSet& set : sets_) draft_sends(draft, MulticastTree(set, rank_));
    draft_parts(ordinal, chunk, draft, static_cast<std::uint32_t>(drafts_.tasks.size()));
  }
  drafts_.tasks.push_back(draft);
}

std::int64_t Drafter::draft_input(int ordinal, int input, const ChunkIndex& chunk) {
  const int from = plan_.graph().inputs(ordinal)[input];
  const bool waits = order_.waits_for(ordinal, from), in_parts = plan_.in_parts(ordinal, input);
  std::int64_t latest = -1;
  needed_.clear();
  layer(ordinal).needs(input, ChunkBox::single(chunk), needed_);
  for (const ChunkBox& block : needed_) {
    std::uint32_t number = 0;
    block.for_each([&](const ChunkIndex& needed) {
      const int owner = plan_.partition(from).owner(needed);
      number = owner == rank_ ? local(from, needed)
               : in_parts     ? remote_part(ordinal, input, chunk, needed, owner)
                              : remote(from, needed, owner);
      drafts_.inputs.push_back(number);
    });
    if (!waits) continue;
    // A single chunk's time is at hand; that of a block is more than its chunks' where it spans several owners.
    const std::int64_t time = block.count() != 1 ? order_.latest(from, block)
                              : number < tasks_  ? drafts_.tasks[number].time
                                                 : drafts_.receives[number - tasks_].time;
    latest = std::max(latest, in_parts ? plan_.round_end(from, time) : time);
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
    draft.parcel = -1;
    draft.first_send = static_cast<std::uint32_t>(drafts_.sends.size());
    draft_sends(draft, tree);
    drafts_.receives.push_back(draft);
  }
  require(known->second < tasks_ + drafts_.receives.size(), "a chunk that a rank needs is delivered to it");
  return known->second;
}

std::int64_t Drafter::time_of_remote(int ordinal, const ChunkIndex& chunk, std::int64_t place) {
  const auto [known, is_new] = remote_times_.try_emplace({ordinal, place}, 0);
  if (is_new) known->second = order_.latest(ordinal, ChunkBox::single(chunk));
  return known->second;
}

std::int32_t Drafter::parcel(int ordinal, int input, int peer, bool sent, std::int64_t round_end) {
  const auto [known, is_new] =
      parcels_.try_emplace({ordinal, input, peer, sent, round_end}, static_cast<std::int32_t>(drafts_.parcels.size()));
  if (is_new) drafts_.parcels.push_back({ordinal, input, peer, sent, round_end});
  return known->second;
}

std::uint32_t Drafter::remote_part(int ordinal, int input, const ChunkIndex& output, const ChunkIndex& chunk,
                                   int owner) {
  const int from = plan_.graph().inputs(ordinal)[input];
  const auto place = static_cast<std::int64_t>(layer(from).output().grid.ordinal(chunk));
  const std::int64_t end = plan_.round_end(from, time_of_remote(from, chunk, place));
  const std::size_t known = drafts_.parcels.size();
  const std::int32_t which = parcel(ordinal, input, owner, false, end);
  if (drafts_.parcels.size() > known) {
    drafts_.parcels.back().first_part = static_cast<std::uint32_t>(drafts_.receives.size());  // until they are closed
    Draft draft{.ordinal = kParcelOrdinal, .time = end, .layer = from, .peer = owner, .delivery = -1, .parcel = which};
    draft.first_send = static_cast<std::uint32_t>(drafts_.sends.size());
    drafts_.receives.push_back(draft);
  }
  drafts_.input_parts.push_back(
      {static_cast<std::uint32_t>(drafts_.inputs.size()), static_cast<std::uint32_t>(parts_.size())});
  parts_.push_back({place, static_cast<std::int64_t>(layer(ordinal).output().grid.ordinal(output)), which, 0});
  return tasks_ + drafts_.parcels[which].first_part;
}

void Drafter::draft_parts(int ordinal, const ChunkIndex& chunk, const Draft& draft, std::uint32_t number) {
  for (const auto& consumer : plan_.graph().consumers(ordinal)) {
    if (!plan_.in_parts(consumer.layer, consumer.input)) continue;
    const ChunkBox& wanted = plan_.needed(consumer.layer);
    if (wanted.count() == 0) continue;
    fed_.clear();
    layer(consumer.layer).feeds(consumer.input, ChunkBox::single(chunk), fed_);
    for (const ChunkBox& block : fed_)
      block.for_each([&](const ChunkIndex& output) {
        if (!wanted.contains(output)) return;
        const int owner = plan_.partition(consumer.layer).owner(output);
        if (owner == rank_) return;
        const std::int32_t which =
            parcel(consumer.layer, consumer.input, owner, true, plan_.round_end(ordinal, draft.time));
        parts_.push_back({draft.ordinal, static_cast<std::int64_t>(layer(consumer.layer).output().grid.ordinal(output)),
                          which, number});
      });
  }
}

/// Puts every parcel's parts in their order, which is the same at both ends, and drafts the packing of what is sent.
void Drafter::close_parcels() {
  std::vector<std::uint32_t> order(parts_.size()), place(parts_.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    const PartDraft &x = parts_[a], &y = parts_[b];
    return std::tie(x.parcel, x.chunk, x.output) < std::tie(y.parcel, y.chunk, y.output);
  });
  std::vector<std::uint32_t> chunks;
  for (std::size_t begin = 0; begin < order.size();) {
    const std::int32_t which = parts_[order[begin]].parcel;
    ParcelDraft& parcel = drafts_.parcels[which];
    const Layer& of = layer(parcel.layer);
    const ValueSpec& from = of.inputs()[static_cast<std::size_t>(parcel.input)]->output();
    parcel.first_part = static_cast<std::uint32_t>(drafts_.parts.size());
    chunks.clear();
    std::size_t k = begin;
    for (; k < order.size() && parts_[order[k]].parcel == which; ++k) {
      const PartDraft& part = parts_[order[k]];
      place[order[k]] = static_cast<std::uint32_t>(drafts_.parts.size());
      drafts_.parts.push_back({part.chunk, part.output, parcel.bytes});
      const Box box =
          of.part(parcel.input, of.output().grid.at(ChunkOrdinal{part.output}), from.grid.at(ChunkOrdinal{part.chunk}));
      const std::int64_t bytes = box.count() * static_cast<std::int64_t>(from.dtype.size()) * from.planes;
      parcel.bytes += (bytes + 63) / 64 * 64;
      if (parcel.sent && (chunks.empty() || chunks.back() != part.number)) chunks.push_back(part.number);
    }
    parcel.parts = static_cast<std::uint32_t>(drafts_.parts.size()) - parcel.first_part;
    if (parcel.sent) draft_packing(which, chunks);
    begin = k;
  }
  for (Schedule::InputPart& input : drafts_.input_parts) input.part = place[input.part];
}

void Drafter::draft_packing(std::int32_t which, std::span<const std::uint32_t> chunks) {
  const ParcelDraft& parcel = drafts_.parcels[which];
  const int from = plan_.graph().inputs(parcel.layer)[parcel.input];
  Draft draft{
      .ordinal = kParcelOrdinal, .time = parcel.round_end, .layer = from, .peer = -1, .delivery = -1, .parcel = which};
  draft.first_input = static_cast<std::uint32_t>(drafts_.inputs.size());
  draft.inputs = static_cast<std::uint32_t>(chunks.size());
  drafts_.inputs.insert(drafts_.inputs.end(), chunks.begin(), chunks.end());
  draft.first_send = static_cast<std::uint32_t>(drafts_.sends.size());
  draft.sends = 1;
  drafts_.sends.push_back(parcel.peer);
  drafts_.packings.push_back(draft);
}

void Drafter::draft_sends(Draft& draft, const MulticastTree& tree) {
  const std::size_t before = drafts_.sends.size();
  tree.children(rank_, drafts_.sends);
  draft.sends += static_cast<std::uint32_t>(drafts_.sends.size() - before);
}

}  // namespace dunlin
