#include "dunlin/plan/schedule.hpp"

#include <algorithm>
#include <unordered_map>

#include "draft.hpp"

namespace dunlin {
namespace {

/// What drafts are sorted by: their keys, and the receives of one chunk in the order of its deliveries.
struct Place {
  std::int32_t stage;
  std::int32_t layer;
  std::int64_t time, ordinal;
  std::uint32_t number;  // of the draft
  friend bool operator<(const Place& a, const Place& b) {
    const TaskKey x{a.stage, a.layer, a.time, a.ordinal}, y{b.stage, b.layer, b.time, b.ordinal};
    return x == y ? a.number < b.number : x < y;
  }
};

/// Numbers of drafts in the order of their items.
std::vector<std::uint32_t> in_order(const LayerPlan& plan, const Drafts& drafts) {
  std::vector<Place> places;
  places.reserve(drafts.size());
  for (std::uint32_t number = 0; number < drafts.size(); ++number) {
    const Draft& draft = drafts[number];
    places.push_back({plan.stage(draft.layer), draft.layer, draft.time, draft.ordinal, number});
  }
  std::sort(places.begin(), places.end());
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
    for (std::uint32_t number : order) append(drafts_[number], item_of);
    end_items();
    list_consumers();
    return std::move(schedule_);
  }

 private:
  void append(const Draft& draft, const std::vector<std::uint32_t>& item_of) {
    const Layer& layer = plan_.graph().layer(draft.layer);
    const ChunkIndex chunk = layer.output().grid.at(ChunkOrdinal{draft.ordinal});
    Schedule::Item item{};
    item.layer = draft.layer;
    item.peer = draft.peer;
    item.chunk = draft.ordinal;
    item.bytes = layer.has_output() ? layer.output().bytes(chunk) : 0;
    item.first_input = static_cast<std::uint32_t>(schedule_.inputs.size());
    item.first_send = static_cast<std::uint32_t>(schedule_.sends.size());
    for (std::uint32_t i = 0; i < draft.inputs; ++i)
      schedule_.inputs.push_back(item_of[drafts_.inputs[draft.first_input + i]]);
    // Edges are numbered as they come: both ends have those between them in one order, by key and delivery.
    for (std::uint32_t s = 0; s < draft.sends; ++s) {
      const std::int32_t peer = drafts_.sends[draft.first_send + s];
      schedule_.sends.push_back({peer, edges_to_[peer]++});
      schedule_.send_bytes += item.bytes;
    }
    if (item.is_receive()) {
      item.edge = edges_from_[item.peer]++;
      ++schedule_.receives;
      schedule_.receive_bytes += item.bytes;
    } else {
      count(item, layer.kernel()->cost(chunk));
    }
    schedule_.items.push_back(item);
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
