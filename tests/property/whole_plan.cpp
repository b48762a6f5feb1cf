#include "property/whole_plan.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "support/graph_layers.hpp"

namespace dunlin::test {
namespace {

using Chunk = std::pair<int, std::int64_t>;  // layer, ordinal

/// A part that travels: what output chunk `output` of a layer takes from chunk `chunk` through one of its inputs.
using Part = std::tuple<int, int, std::int64_t, std::int64_t>;  // layer, input, chunk, output

/// Found by walking every chunk.
struct Walk {
  std::vector<std::set<std::int64_t>> needed;  // per layer
  std::map<Chunk, int> owner;
  std::map<Chunk, std::vector<Chunk>> inputs;    // in kernel order
  std::map<Chunk, std::set<int>> needing_ranks;  // other than the owner, of the whole chunk
  std::set<Part> parts;                          // between different ranks
};

std::int64_t ordinal(const Layer& layer, const ChunkIndex& chunk) {
  return static_cast<std::int64_t>(layer.output().grid.ordinal(chunk));
}

Walk walk(const LayerPlan& plan) {
  const LayerGraph& graph = plan.graph();
  Walk found;
  found.needed.resize(static_cast<std::size_t>(graph.size()));
  std::vector<std::optional<ChunkBox>> hulls(static_cast<std::size_t>(graph.size()));
  for (int sink : graph.sinks()) hulls[sink] = graph.layer(sink).output().grid.all();
  for (int k = graph.size() - 1; k >= 0; --k) {
    if (!hulls[k]) continue;
    const Layer& layer = graph.layer(k);
    hulls[k]->for_each([&](const ChunkIndex& chunk) {
      const Chunk id{k, ordinal(layer, chunk)};
      found.needed[k].insert(id.second);
      found.owner[id] = plan.partition(k).owner(chunk);
      for (int i = 0; i < static_cast<int>(graph.inputs(k).size()); ++i) {
        const int from = graph.inputs(k)[i];
        std::vector<ChunkBox> blocks;
        layer.needs(i, ChunkBox::single(chunk), blocks);
        for (const ChunkIndex& input : chunks_in(blocks, graph.layer(from).output().grid)) {
          found.inputs[id].push_back({from, ordinal(graph.layer(from), input)});
          const int owner = plan.partition(from).owner(input);
          if (owner == found.owner.at(id)) {
          } else if (plan.in_parts(k, i)) {
            found.parts.insert({k, i, found.inputs[id].back().second, id.second});
          } else {
            found.needing_ranks[found.inputs[id].back()].insert(found.owner.at(id));
          }
          if (!hulls[from]) hulls[from] = ChunkBox::single(input);
          for (int a = 0; a < hulls[from]->rank(); ++a) {
            hulls[from]->begin[a] = std::min(hulls[from]->begin[a], input.at[a]);
            hulls[from]->end[a] = std::max(hulls[from]->end[a], input.at[a] + 1);
          }
        }
      }
    });
  }
  return found;
}

/// The time of a block as layer_plan.hpp and task_order.hpp say it, path by path.
std::int64_t time_of(const LayerPlan& plan, int k, const ChunkBox& block) {
  if (plan.is_flat(k)) return 0;
  const LayerGraph& graph = plan.graph();
  std::vector<ChunkBox> blocks;
  if (plan.is_aid(k)) {
    std::int64_t earliest = std::int64_t{1} << 30;
    for (const auto& consumer : graph.consumers(k)) {
      if (plan.stage(consumer.layer) != plan.stage(k)) continue;
      blocks.clear();
      graph.layer(consumer.layer).feeds(consumer.input, block, blocks);
      for (const ChunkBox& fed : blocks)
        earliest = std::min(earliest, plan.is_aid(consumer.layer) ? time_of(plan, consumer.layer, fed)
                                                                  : plan.partition(consumer.layer).earliest(fed));
    }
    return earliest;
  }
  std::int64_t latest = -1;
  bool waits = false;
  for (int i = 0; i < static_cast<int>(graph.inputs(k).size()); ++i) {
    const int from = graph.inputs(k)[i];
    if (plan.stage(from) != plan.stage(k) || plan.is_aid(from)) continue;
    waits = true;
    blocks.clear();
    graph.layer(k).needs(i, block, blocks);
    for (const ChunkBox& needed : blocks) {
      const std::int64_t time = time_of(plan, from, needed);
      latest = std::max(latest, plan.in_parts(k, i) ? plan.round_end(from, time) : time);
    }
  }
  return latest >= 0 ? latest : waits ? 0 : plan.partition(k).latest(block);
}

std::string text(const Chunk& chunk) {
  return "chunk " + std::to_string(chunk.second) + " of layer " + std::to_string(chunk.first);
}

class Check {
 public:
  Check(const LayerPlan& plan, const std::vector<Schedule>& schedules)
      : plan_(plan), schedules_(schedules), walk_(walk(plan)) {}

  std::string run() {
    for (const Schedule& schedule : schedules_) check_rank(schedule);
    for (const auto& [id, owner] : walk_.owner)
      if (made_[id] != 1) fault(text(id) + " is made " + std::to_string(made_[id]) + " times");
    for (const auto& [id, ranks] : walk_.needing_ranks)
      for (int rank : ranks)
        if (!received_.contains({id, rank})) fault("rank " + std::to_string(rank) + " does not get " + text(id));
    if (parts_ != walk_.parts) fault("the parts that travel are not those that are needed");
    check_edges();
    return fault_;
  }

 private:
  void fault(const std::string& what) {
    if (fault_.empty()) fault_ = what;
  }

  void check_rank(const Schedule& schedule) {
    const std::string on = " on rank " + std::to_string(schedule.rank);
    std::vector<std::size_t> consumed(schedule.size(), 0);
    std::int64_t tasks = 0;
    for (std::size_t k = 0; k < schedule.size(); ++k) {
      const Schedule::Item& item = schedule.items[k];
      if (k > 0 && key_of(schedule, k) < key_of(schedule, k - 1)) fault("an item stands out of order" + on);
      for (std::uint32_t consumer : schedule.consumers_of(k)) {
        ++consumed[k];
        const auto inputs = schedule.inputs_of(consumer);
        if (std::count(inputs.begin(), inputs.end(), k) == 0) fault("an item feeds what does not need it" + on);
      }
      if (item.is_parcel()) {
        check_parcel(schedule, k);
        continue;
      }
      const Chunk id{item.layer, item.chunk};
      const Layer& layer = plan_.graph().layer(item.layer);
      const ChunkIndex chunk = layer.output().grid.at(ChunkOrdinal{item.chunk});
      const TaskKey key = plan_.key(item.layer, chunk);
      if (key.time != time_of(plan_, item.layer, ChunkBox::single(chunk))) fault(text(id) + " has a wrong key" + on);
      if (item.bytes != (layer.has_output() ? layer.output().bytes(chunk) : 0))
        fault(text(id) + " has wrong bytes" + on);
      for (const Schedule::Send& send : schedule.sends_of(k))
        if (!sends_.insert({{schedule.rank, send.peer, send.edge}, {id, item.bytes}}).second)
          fault("two sends are one edge" + on);
      item.is_receive() ? check_receive(schedule, k, id) : check_task(schedule, k, id, key),
          tasks += !item.is_receive();
    }
    std::vector<std::size_t> used(schedule.size(), 0);
    for (std::uint32_t input : schedule.inputs) ++used[input];
    if (used != consumed) fault("consumers are not the inverse of inputs" + on);
    if (tasks != schedule.tasks) fault("tasks are counted wrongly" + on);
  }

  /// Parts in order, each the right size, on a parcel between their owners, which stands behind all its chunks.
  void check_parcel(const Schedule& schedule, std::size_t k) {
    const Schedule::Item& item = schedule.items[k];
    const Layer& layer = plan_.graph().layer(item.layer);
    const int from = plan_.graph().inputs(item.layer)[item.parcel_input];
    const ChunkGrid& grid = plan_.graph().layer(from).output().grid;
    const auto sends = schedule.sends_of(k);
    if (!item.is_receive() && sends.size() != 1) return fault("a parcel goes to one rank");
    const int maker = item.is_receive() ? item.peer : schedule.rank;
    const int taker = item.is_receive() ? schedule.rank : sends[0].peer;
    std::int64_t bytes = 0;
    std::vector<std::pair<std::int64_t, std::int64_t>> content;
    std::vector<std::int64_t> chunks;
    for (std::uint32_t p = 0; p < item.parts; ++p) {
      const Schedule::Part& part = schedule.parts[static_cast<std::size_t>(item.chunk) + p];
      const ChunkIndex chunk = grid.at(ChunkOrdinal{part.chunk});
      const ChunkIndex output = layer.output().grid.at(ChunkOrdinal{part.output});
      if (plan_.partition(from).owner(chunk) != maker || plan_.partition(item.layer).owner(output) != taker)
        fault("a part is in a parcel between wrong ranks");
      if (part.offset != bytes) fault("a part has a wrong place in its parcel");
      const Box box = layer.part(item.parcel_input, output, chunk);
      bytes +=
          (box.count() * static_cast<std::int64_t>(plan_.graph().layer(from).output().dtype.size()) + 63) / 64 * 64;
      content.emplace_back(part.chunk, part.output);
      if (chunks.empty() || chunks.back() != part.chunk) chunks.push_back(part.chunk);
      const std::int64_t end = plan_.round_end(from, time_of(plan_, from, ChunkBox::single(chunk)));
      if (end != key_of(schedule, k).time) fault("a part is in a wrong round");
      if (item.is_receive() && !parts_.insert({item.layer, item.parcel_input, part.chunk, part.output}).second)
        fault("a part comes twice");
    }
    if (!std::is_sorted(content.begin(), content.end())) fault("the parts of a parcel are not in order");
    if (bytes != item.bytes) fault("a parcel has wrong bytes");
    const Sent sent{{-1 - item.layer, item.chunk < 0 ? -1 : chunks.front()}, item.bytes};
    if (item.is_receive()) {
      if (!receives_.insert({{item.peer, schedule.rank, item.edge}, sent}).second) fault("two receives are one edge");
      return;
    }
    if (!sends_.insert({{schedule.rank, sends[0].peer, sends[0].edge}, sent}).second) fault("two sends are one edge");
    std::vector<std::int64_t> packed;
    for (std::uint32_t input : schedule.inputs_of(k)) {
      if (schedule.items[input].layer != from || input >= k) fault("a parcel packs what it should not");
      packed.push_back(schedule.items[input].chunk);
    }
    if (packed != chunks) fault("a parcel packs other chunks than its parts are of");
  }

  void check_receive(const Schedule& schedule, std::size_t k, const Chunk& id) {
    const Schedule::Item& item = schedule.items[k];
    const auto needing = walk_.needing_ranks.find(id);
    if (needing == walk_.needing_ranks.end() || !needing->second.contains(schedule.rank))
      fault("rank " + std::to_string(schedule.rank) + " gets " + text(id) + ", which it does not need");
    if (!receives_.insert({{item.peer, schedule.rank, item.edge}, {id, item.bytes}}).second)
      fault("two receives are one edge");
    if (!schedule.inputs_of(k).empty()) fault("a receive takes inputs");
    received_.insert({id, schedule.rank});
  }

  void check_task(const Schedule& schedule, std::size_t k, const Chunk& id, const TaskKey& key) {
    ++made_[id];
    const auto owner = walk_.owner.find(id);
    if (owner == walk_.owner.end())
      fault(text(id) + " is made, but not needed");
    else if (owner->second != schedule.rank)
      fault(text(id) + " is made on rank " + std::to_string(schedule.rank) + ", its owner is another");
    std::vector<Chunk> inputs;
    for (std::size_t i = 0; i < schedule.inputs_of(k).size(); ++i) {
      const std::uint32_t input = schedule.inputs_of(k)[i];
      const Schedule::Item& made = schedule.items[input];
      if (input >= k || !(key_of(schedule, input) < key)) fault(text(id) + " stands before what it needs");
      if (!made.is_parcel()) {
        inputs.push_back({made.layer, made.chunk});
        continue;
      }
      const auto taken = std::find_if(schedule.input_parts.begin(), schedule.input_parts.end(), [&](const auto& entry) {
        return entry.input == schedule.items[k].first_input + i;
      });
      if (taken == schedule.input_parts.end()) return fault(text(id) + " takes no part of a parcel");
      const Schedule::Part& part = schedule.parts[taken->part];
      inputs.push_back({plan_.graph().inputs(made.layer)[made.parcel_input], part.chunk});
      if (made.layer != id.first || part.output != id.second) fault(text(id) + " takes a part that is for another");
    }
    if (inputs != walk_.inputs[id]) fault(text(id) + " gets other inputs than its kernel needs");
  }

  TaskKey key_of(const Schedule& schedule, std::size_t k) const {
    const Schedule::Item& item = schedule.items[k];
    if (item.is_parcel()) {
      const int from = plan_.graph().inputs(item.layer)[item.parcel_input];
      const Schedule::Part& part = schedule.parts[static_cast<std::size_t>(item.chunk)];
      const ChunkIndex first = plan_.graph().layer(from).output().grid.at(ChunkOrdinal{part.chunk});
      return {.stage = plan_.stage(from),
              .layer = from,
              .time = plan_.round_end(from, time_of(plan_, from, ChunkBox::single(first))),
              .ordinal = std::numeric_limits<std::int64_t>::max()};
    }
    return plan_.key(item.layer, plan_.graph().layer(item.layer).output().grid.at(ChunkOrdinal{item.chunk}));
  }

  /// Of parcels (negative layers) both ends know the size.
  bool carries_its_size(const Chunk& chunk) const {
    return chunk.first >= 0 && !plan_.graph().layer(chunk.first).output().is_exact();
  }

  void check_edges() {
    if (sends_ != receives_) fault("sends and receives do not match");
    std::map<std::pair<int, int>, std::int64_t> next;
    for (const auto& [edge, what] : sends_) {
      std::int64_t& expected = next[{std::get<0>(edge), std::get<1>(edge)}];
      if (std::get<2>(edge) != expected) fault("edges are not numbered from 0");
      expected += carries_its_size(what.first) ? 2 : 1;  // the size goes before it
    }
  }

  using Sent = std::pair<Chunk, std::int64_t>;
  using Edge = std::tuple<int, int, std::int64_t>;  // from, to, ordinal
  const LayerPlan& plan_;
  const std::vector<Schedule>& schedules_;
  Walk walk_;
  std::map<Chunk, int> made_;
  std::set<std::pair<Chunk, int>> received_;
  std::map<Edge, Sent> sends_, receives_;
  std::set<Part> parts_;
  std::string fault_;
};

}  // namespace

std::vector<Schedule> all_schedules(const LayerPlan& plan) {
  std::vector<Schedule> schedules;
  for (int rank = 0; rank < plan.cluster().ranks; ++rank) schedules.push_back(make_schedule(plan, rank));
  return schedules;
}

std::string check_against_walk(const LayerPlan& plan, const std::vector<Schedule>& schedules) {
  return Check(plan, schedules).run();
}

}  // namespace dunlin::test
