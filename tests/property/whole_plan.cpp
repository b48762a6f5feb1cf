#include "property/whole_plan.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "support/graph_layers.hpp"

namespace dunlin::test {
namespace {

using Chunk = std::pair<int, std::int64_t>;  // layer, ordinal

/// Found by walking every chunk.
struct Walk {
  std::vector<std::set<std::int64_t>> needed;  // per layer
  std::map<Chunk, int> owner;
  std::map<Chunk, std::vector<Chunk>> inputs;    // in kernel order
  std::map<Chunk, std::set<int>> needing_ranks;  // other than the owner
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
          if (!hulls[from]) hulls[from] = ChunkBox::single(input);
          for (int a = 0; a < hulls[from]->rank(); ++a) {
            hulls[from]->begin[a] = std::min(hulls[from]->begin[a], input.at[a]);
            hulls[from]->end[a] = std::max(hulls[from]->end[a], input.at[a] + 1);
          }
        }
      }
    });
  }
  for (const auto& [id, inputs] : found.inputs)
    for (const Chunk& input : inputs)
      if (found.owner.at(id) != found.owner.at(input)) found.needing_ranks[input].insert(found.owner.at(id));
  return found;
}

/// The time of a block as layer_plan.hpp and task_order.hpp say it, path by path.
std::int64_t time_of(const LayerPlan& plan, int k, const ChunkBox& block) {
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
  for (int i = 0; i < static_cast<int>(graph.inputs(k).size()); ++i) {
    const int from = graph.inputs(k)[i];
    if (plan.stage(from) != plan.stage(k) || plan.is_aid(from)) continue;
    blocks.clear();
    graph.layer(k).needs(i, block, blocks);
    for (const ChunkBox& needed : blocks) latest = std::max(latest, time_of(plan, from, needed));
  }
  return latest >= 0 ? latest : plan.partition(k).latest(block);
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
      const Chunk id{item.layer, item.chunk};
      const Layer& layer = plan_.graph().layer(item.layer);
      const ChunkIndex chunk = layer.output().grid.at(ChunkOrdinal{item.chunk});
      const TaskKey key = plan_.key(item.layer, chunk);
      if (key.time != time_of(plan_, item.layer, ChunkBox::single(chunk))) fault(text(id) + " has a wrong key" + on);
      if (k > 0 && key < key_of(schedule.items[k - 1])) fault(text(id) + " stands out of order" + on);
      if (item.bytes != (layer.has_output() ? layer.output().bytes(chunk) : 0))
        fault(text(id) + " has wrong bytes" + on);
      for (const Schedule::Send& send : schedule.sends_of(k))
        if (!sends_.insert({{schedule.rank, send.peer, send.edge}, {id, item.bytes}}).second)
          fault("two sends are one edge" + on);
      for (std::uint32_t consumer : schedule.consumers_of(k)) {
        ++consumed[k];
        const auto inputs = schedule.inputs_of(consumer);
        if (std::count(inputs.begin(), inputs.end(), k) == 0) fault(text(id) + " feeds what does not need it" + on);
      }
      item.is_receive() ? check_receive(schedule, k, id) : check_task(schedule, k, id, key),
          tasks += !item.is_receive();
    }
    std::vector<std::size_t> used(schedule.size(), 0);
    for (std::uint32_t input : schedule.inputs) ++used[input];
    if (used != consumed) fault("consumers are not the inverse of inputs" + on);
    if (tasks != schedule.tasks) fault("tasks are counted wrongly" + on);
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
    for (std::uint32_t input : schedule.inputs_of(k)) {
      inputs.push_back({schedule.items[input].layer, schedule.items[input].chunk});
      if (input >= k || !(key_of(schedule.items[input]) < key)) fault(text(id) + " stands before what it needs");
    }
    if (inputs != walk_.inputs[id]) fault(text(id) + " gets other inputs than its kernel needs");
  }

  TaskKey key_of(const Schedule::Item& item) const {
    return plan_.key(item.layer, plan_.graph().layer(item.layer).output().grid.at(ChunkOrdinal{item.chunk}));
  }

  void check_edges() {
    if (sends_ != receives_) fault("sends and receives do not match");
    std::map<std::pair<int, int>, std::int64_t> next;
    for (const auto& [edge, what] : sends_)
      if (std::get<2>(edge) != next[{std::get<0>(edge), std::get<1>(edge)}]++) fault("edges are not numbered from 0");
  }

  using Edge = std::tuple<int, int, std::int64_t>;  // from, to, ordinal
  const LayerPlan& plan_;
  const std::vector<Schedule>& schedules_;
  Walk walk_;
  std::map<Chunk, int> made_;
  std::set<std::pair<Chunk, int>> received_;
  std::map<Edge, std::pair<Chunk, std::int64_t>> sends_, receives_;
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
