#include "dunlin/plan/schedule.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "draft.hpp"

namespace dunlin {
namespace {

/// What drafts are sorted by: their keys, the receives of one chunk in the order of its deliveries, parcels of one
/// round by what takes their parts, so that both ends of an edge have them in one order.
struct Place {
  std::int32_t stage;
  std::int32_t layer;
  std::int64_t time, ordinal;
  std::uint32_t number;  // of the draft
};

bool stands_before(const Place& a, const Place& b, const Drafts& drafts) {
  const TaskKey x{a.stage, a.layer, a.time, a.ordinal}, y{b.stage, b.layer, b.time, b.ordinal};
  if (!(x == y)) return x < y;
  const std::int32_t p = drafts[a.number].parcel, q = drafts[b.number].parcel;
  if (p < 0 || q < 0) return a.number < b.number;
  const ParcelDraft &one = drafts.parcels[p], &other = drafts.parcels[q];
  return std::tie(one.layer, one.input, one.peer, one.sent) <
         std::tie(other.layer, other.input, other.peer, other.sent);
}

/// Numbers of drafts in the order of their items.
std::vector<std::uint32_t> in_order(const LayerPlan& plan, const Drafts& drafts) {
  std::vector<Place> places;
  places.reserve(drafts.size());
  for (std::uint32_t number = 0; number < drafts.size(); ++number) {
    const Draft& draft = drafts[number];
    places.push_back({plan.stage(draft.layer), draft.layer, draft.time, draft.ordinal, number});
  }
  std::sort(places.begin(), places.end(), [&](const Place& a, const Place& b) { return stands_before(a, b, drafts); });
  std::vector<std::uint32_t> order;
  order.reserve(places.size());
  for (const Place& place : places) order.push_back(place.number);
  return order;
}

class Assembly {
 public:
  Assembly(const LayerPlan& plan, int rank, const Drafts& drafts) : plan_(plan), drafts_(drafts) {
    schedule_.rank = rank;
  }

  Schedule assemble() {
    const std::vector<std::uint32_t> order = in_order(plan_, drafts_);
    std::vector<std::uint32_t> item_of(order.size());
    for (std::size_t k = 0; k < order.size(); ++k) item_of[order[k]] = static_cast<std::uint32_t>(k);
    schedule_.items.reserve(order.size() + 1);
    schedule_.inputs.reserve(drafts_.inputs.size());
    schedule_.sends.reserve(drafts_.sends.size());
    schedule_.parts = drafts_.parts;
    schedule_.input_parts.reserve(drafts_.input_parts.size());
    for (std::uint32_t number : order) append(drafts_[number], item_of);
    end_items();
    list_consumers();
    return std::move(schedule_);
  }

 private:
  void append(const Draft& draft, const std::vector<std::uint32_t>& item_of) {
    Schedule::Item item = draft.parcel >= 0 ? parcel(drafts_.parcels[draft.parcel]) : chunk(draft);
    item.peer = draft.peer;
    item.first_input = static_cast<std::uint32_t>(schedule_.inputs.size());
    item.first_send = static_cast<std::uint32_t>(schedule_.sends.size());
    for (std::uint32_t i = 0; i < draft.inputs; ++i)
      schedule_.inputs.push_back(item_of[drafts_.inputs[draft.first_input + i]]);
    if (!drafts_.input_parts.empty()) append_input_parts(draft, item.first_input);
    // Edges are numbered as they come: both ends have those between them in one order, by key and delivery.
    for (std::uint32_t s = 0; s < draft.sends; ++s) {
      const std::int32_t peer = drafts_.sends[draft.first_send + s];
      schedule_.sends.push_back({peer, number_edge(edges_to_[peer], item)});
      schedule_.send_bytes += sent_bytes(draft, item);
    }
    if (item.is_receive()) {
      item.edge = number_edge(edges_from_[item.peer], item);
      ++schedule_.receives;
      schedule_.receive_bytes += item.bytes;
    } else if (item.is_task()) {
      const Layer& layer = plan_.graph().layer(item.layer);
      count(item, layer.kernel()->cost(layer.output().grid.at(ChunkOrdinal{item.chunk})));
    }
    schedule_.items.push_back(item);
  }

  void append_input_parts(const Draft& draft, std::uint32_t first_input) {
    auto entry = std::lower_bound(drafts_.input_parts.begin(), drafts_.input_parts.end(), draft.first_input,
                                  [](const Schedule::InputPart& a, std::uint32_t input) { return a.input < input; });
    for (; entry != drafts_.input_parts.end() && entry->input < draft.first_input + draft.inputs; ++entry)
      schedule_.input_parts.push_back({first_input + (entry->input - draft.first_input), entry->part});
  }

  std::int64_t sent_bytes(const Draft& draft, const Schedule::Item& item) const {
    if (item.is_parcel() || item.bytes > 0) return item.bytes;
    const ValueSpec& value = plan_.graph().layer(draft.layer).output();
    return value.bytes(value.grid.at(ChunkOrdinal{draft.ordinal}));
  }

  Schedule::Item chunk(const Draft& draft) const {
    const Layer& layer = plan_.graph().layer(draft.layer);
    Schedule::Item item{};
    item.layer = draft.layer;
    item.chunk = draft.ordinal;
    if (layer.has_output() && !(draft.peer < 0 && is_borrowed(draft)))
      item.bytes = layer.output().bytes(layer.output().grid.at(ChunkOrdinal{draft.ordinal}));
    if (layer.kernel()->keeps()) {
      const ValueSpec& kept = layer.inputs()[0]->output();
      item.bytes = kept.bytes(kept.grid.at(ChunkOrdinal{draft.ordinal}));
      item.retained = true;
    }
    return item;
  }

  /// Lent memory counts only where somebody needs a packed copy of it.
  bool is_borrowed(const Draft& draft) const {
    const auto lends = plan_.graph().layer(draft.layer).kernel()->lends();
    if (lends != Kernel::Lends::strided) return lends == Kernel::Lends::packed;
    const auto& consumers = plan_.graph().consumers(draft.layer);
    return draft.sends == 0 && std::all_of(consumers.begin(), consumers.end(), [&](const LayerGraph::Consumer& c) {
             return plan_.graph().layer(c.layer).kernel()->takes_strides();
           });
  }

  static Schedule::Item parcel(const ParcelDraft& draft) {
    Schedule::Item item{};
    item.layer = draft.layer;
    item.parcel_input = static_cast<std::int16_t>(draft.input);
    item.chunk = draft.first_part;
    item.parts = draft.parts;
    item.bytes = draft.bytes;
    return item;
  }

  /// What carries its size before itself takes two.
  std::int64_t number_edge(std::int64_t& next, const Schedule::Item& item) const {
    const bool exact = item.is_parcel() || plan_.graph().layer(item.layer).output().is_exact();
    return std::exchange(next, next + (exact ? 1 : 2));
  }

  void count(Schedule::Item& item, const Cost& cost) {
    item.scratch_bytes = cost.scratch_bytes;
    ++schedule_.tasks;
    schedule_.read_bytes += cost.read_bytes;
    schedule_.write_bytes += cost.write_bytes;
    schedule_.operations += cost.operations;
  }

  void end_items() {
    Schedule::Item end{};
    end.first_input = end.first_consumer = static_cast<std::uint32_t>(schedule_.inputs.size());
    end.first_send = static_cast<std::uint32_t>(schedule_.sends.size());
    schedule_.items.push_back(end);
  }

  /// The inverse of inputs. `first_consumer` counts uses, then stands at the end of its list, then walks to its start.
  void list_consumers() {
    for (std::uint32_t input : schedule_.inputs) ++schedule_.items[input].first_consumer;
    std::uint32_t end = 0;
    for (std::size_t k = 0; k < schedule_.size(); ++k) end = schedule_.items[k].first_consumer += end;
    schedule_.consumers.resize(schedule_.inputs.size());
    for (std::size_t k = schedule_.size(); k-- > 0;) {
      const auto inputs = schedule_.inputs_of(k);
      for (auto input = inputs.rbegin(); input != inputs.rend(); ++input)
        schedule_.consumers[--schedule_.items[*input].first_consumer] = static_cast<std::uint32_t>(k);
    }
  }

  const LayerPlan& plan_;
  const Drafts& drafts_;
  Schedule schedule_;
  std::unordered_map<std::int32_t, std::int64_t> edges_to_, edges_from_;  // per peer: how many so far
};

}  // namespace

Schedule make_schedule(const LayerPlan& plan, int rank) {
  Schedule schedule = [&] {
    const Drafts drafts = Drafter(plan, rank).draft();
    return Assembly(plan, rank, drafts).assemble();
  }();
  estimate(schedule, plan.cluster(), plan.graph().size());
  return schedule;
}

}  // namespace dunlin
