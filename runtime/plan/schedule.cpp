#include "dunlin/plan/schedule.hpp"

#include <algorithm>
#include <unordered_map>

namespace dunlin {
namespace {

struct DraftItem {
  TaskKey key;
  int delivery;  // −1: a task; else the delivery that a receive is part of
  int peer;
  std::vector<std::uint32_t> inputs;  // draft numbers
  std::vector<int> send_to;
};

/// An edge before it has its ordinal: makers' keys sort it.
struct DraftEdge {
  int peer;
  TaskKey key;
  int delivery;
  std::uint32_t item;
  int slot;  // which send of the item; −1 for a receive
};

struct RemoteChunk {
  int layer;
  std::int64_t chunk;
  friend bool operator==(const RemoteChunk&, const RemoteChunk&) = default;
};
struct RemoteHash {
  std::size_t operator()(const RemoteChunk& remote) const {
    return std::hash<std::int64_t>{}(remote.chunk * 1'000'003 + remote.layer);
  }
};

class Builder {
 public:
  Builder(const LayerPlan& plan, int rank) : plan_(plan), rank_(rank) {}

  Schedule build() {
    draft_tasks();
    for (std::size_t k = 0, tasks = drafts_.size(); k < tasks; ++k) draft_inputs(static_cast<std::uint32_t>(k));
    Schedule schedule;
    schedule.rank = rank_;
    sort_items(schedule);
    number_edges(schedule);
    return schedule;
  }

 private:
  const Layer& layer(int ordinal) const { return plan_.graph().layer(ordinal); }
  ChunkBox own(int ordinal) const {
    const ChunkBox mine = plan_.partition(ordinal).chunks_of(rank_), needed = plan_.needed(ordinal);
    if (mine.count() == 0 || needed.count() == 0 || mine.rank() != needed.rank()) return {{0}, {0}};
    const Box both = intersection({mine.begin, mine.end}, {needed.begin, needed.end});
    return {both.begin, both.end};
  }

  void draft_tasks() {
    for (int k = 0; k < plan_.graph().size(); ++k) {
      own_.push_back(own(k));
      first_.push_back(drafts_.size());
      own_.back().for_each([&](const ChunkIndex& chunk) {
        DraftItem item{plan_.key(k, chunk), -1, -1, {}, {}};
        if (!plan_.graph().consumers(k).empty()) {
          plan_.deliveries(k, chunk, sets_);
          for (const RankSet& set : sets_) MulticastTree(set, rank_).children(rank_, item.send_to);
        }
        drafts_.push_back(std::move(item));
      });
    }
  }

  /// Draft number of a chunk that this rank makes.
  std::uint32_t local(int ordinal, const ChunkIndex& chunk) const {
    const ChunkBox& box = own_[ordinal];
    std::int64_t position = 0;
    for (int a = 0; a < box.rank(); ++a)
      position = position * (box.end[a] - box.begin[a]) + (chunk.at[a] - box.begin[a]);
    return static_cast<std::uint32_t>(first_[ordinal] + static_cast<std::size_t>(position));
  }

  /// Draft number of the receive that brings a remote chunk; drafts it, and those of overlapping deliveries, if new.
  std::uint32_t remote(int ordinal, const ChunkIndex& chunk, int owner) {
    const RemoteChunk id{ordinal, static_cast<std::int64_t>(layer(ordinal).output().grid.ordinal(chunk))};
    const auto [known, is_new] = receives_.try_emplace(id, 0);
    if (!is_new) return known->second;
    const TaskKey key = plan_.key(ordinal, chunk);
    plan_.deliveries(ordinal, chunk, sets_);
    bool found = false;
    for (int d = 0; d < static_cast<int>(sets_.size()); ++d) {
      if (!sets_[d].contains(rank_)) continue;
      const MulticastTree tree(sets_[d], owner);
      DraftItem item{key, d, tree.parent(rank_), {}, {}};
      tree.children(rank_, item.send_to);
      if (!found) known->second = static_cast<std::uint32_t>(drafts_.size());
      found = true;
      drafts_.push_back(std::move(item));
    }
    require(found, "a chunk that a rank needs is delivered to it");
    return known->second;
  }

  void draft_inputs(std::uint32_t number) {
    const TaskKey key = drafts_[number].key;
    const ChunkBox block = ChunkBox::single(layer(key.layer).output().grid.at(ChunkOrdinal{key.ordinal}));
    std::vector<std::uint32_t> inputs;
    std::vector<ChunkBox> blocks;
    for (int i = 0; i < static_cast<int>(plan_.graph().inputs(key.layer).size()); ++i) {
      const int from = plan_.graph().inputs(key.layer)[i];
      blocks.clear();
      plan_.needs(key.layer, i, block, blocks);
      for (const ChunkBox& needed : blocks)
        needed.for_each([&](const ChunkIndex& chunk) {
          const int owner = plan_.partition(from).owner(chunk);
          inputs.push_back(owner == rank_ ? local(from, chunk) : remote(from, chunk, owner));
        });
    }
    drafts_[number].inputs = std::move(inputs);
  }

  void sort_items(Schedule& schedule) {
    std::vector<std::uint32_t> order(drafts_.size());
    for (std::size_t k = 0; k < order.size(); ++k) order[k] = static_cast<std::uint32_t>(k);
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
      return drafts_[a].key == drafts_[b].key ? drafts_[a].delivery < drafts_[b].delivery
                                              : drafts_[a].key < drafts_[b].key;
    });
    place_.resize(order.size());
    for (std::size_t k = 0; k < order.size(); ++k) place_[order[k]] = static_cast<std::uint32_t>(k);
    std::vector<std::uint32_t> uses(order.size() + 1, 0);
    for (std::uint32_t number : order) {
      const DraftItem& draft = drafts_[number];
      append(schedule, draft);
      for (std::uint32_t input : draft.inputs) {
        schedule.inputs.push_back(place_[input]);
        ++uses[place_[input]];
      }
    }
    finish_lists(schedule, uses);
  }

  void append(Schedule& schedule, const DraftItem& draft) const {
    const Layer& of = layer(draft.key.layer);
    const ChunkIndex chunk = of.output().grid.at(ChunkOrdinal{draft.key.ordinal});
    Schedule::Item item{};
    item.layer = draft.key.layer;
    item.peer = draft.peer;
    item.chunk = draft.key.ordinal;
    item.bytes = of.has_output() ? of.output().bytes(chunk) : 0;
    item.first_input = static_cast<std::uint32_t>(schedule.inputs.size());
    item.first_send = static_cast<std::uint32_t>(schedule.sends.size());
    for (int peer : draft.send_to) {
      schedule.sends.push_back({peer, 0});
      schedule.send_bytes += item.bytes;
    }
    if (item.is_receive()) {
      ++schedule.receives;
      schedule.receive_bytes += item.bytes;
    } else {
      const Cost cost = of.kernel()->cost(chunk);
      item.scratch_bytes = cost.scratch_bytes;
      ++schedule.tasks;
      schedule.read_bytes += cost.read_bytes;
      schedule.write_bytes += cost.write_bytes;
      schedule.operations += cost.operations;
    }
    schedule.items.push_back(item);
  }

  static void finish_lists(Schedule& schedule, const std::vector<std::uint32_t>& uses) {
    const std::size_t n = schedule.items.size();
    Schedule::Item end{};
    end.first_input = static_cast<std::uint32_t>(schedule.inputs.size());
    end.first_send = static_cast<std::uint32_t>(schedule.sends.size());
    end.first_consumer = static_cast<std::uint32_t>(schedule.inputs.size());
    schedule.items.push_back(end);
    schedule.consumers.resize(schedule.inputs.size());
    std::vector<std::uint32_t> next(n);
    std::uint32_t first = 0;
    for (std::size_t k = 0; k < n; ++k) {
      schedule.items[k].first_consumer = next[k] = first;
      first += uses[k];
    }
    for (std::size_t k = 0; k < n; ++k)
      for (std::uint32_t input : schedule.inputs_of(k))
        schedule.consumers[next[input]++] = static_cast<std::uint32_t>(k);
  }

  void number_edges(Schedule& schedule) const {
    std::vector<DraftEdge> in, out;
    for (std::size_t number = 0; number < drafts_.size(); ++number) {
      const DraftItem& draft = drafts_[number];
      const std::uint32_t item = place_[number];
      if (draft.peer >= 0) in.push_back({draft.peer, draft.key, draft.delivery, item, -1});
      const auto deliveries = delivery_of_sends(draft);
      for (int slot = 0; slot < static_cast<int>(draft.send_to.size()); ++slot)
        out.push_back({draft.send_to[slot], draft.key, deliveries[slot], item, slot});
    }
    const auto number = [&](std::vector<DraftEdge>& edges, auto&& set) {
      std::sort(edges.begin(), edges.end(), [](const DraftEdge& a, const DraftEdge& b) {
        if (a.peer != b.peer) return a.peer < b.peer;
        return a.key == b.key ? a.delivery < b.delivery : a.key < b.key;
      });
      std::int64_t ordinal = 0;
      for (std::size_t k = 0; k < edges.size(); ++k) {
        ordinal = k > 0 && edges[k].peer == edges[k - 1].peer ? ordinal + 1 : 0;
        set(edges[k], ordinal);
      }
    };
    number(in, [&](const DraftEdge& edge, std::int64_t ordinal) { schedule.items[edge.item].edge = ordinal; });
    number(out, [&](const DraftEdge& edge, std::int64_t ordinal) {
      schedule.sends[schedule.items[edge.item].first_send + static_cast<std::uint32_t>(edge.slot)].edge = ordinal;
    });
  }

  /// Which delivery each send of an item belongs to: a receive passes on its own, a task starts all of them.
  std::vector<int> delivery_of_sends(const DraftItem& draft) const {
    if (draft.delivery >= 0) return std::vector<int>(draft.send_to.size(), draft.delivery);
    std::vector<int> result;
    if (draft.send_to.empty()) return result;
    std::vector<RankSet> sets;
    std::vector<int> children;
    plan_.deliveries(draft.key.layer, layer(draft.key.layer).output().grid.at(ChunkOrdinal{draft.key.ordinal}), sets);
    for (int d = 0; d < static_cast<int>(sets.size()); ++d) {
      children.clear();
      MulticastTree(sets[d], rank_).children(rank_, children);
      result.insert(result.end(), children.size(), d);
    }
    return result;
  }

  const LayerPlan& plan_;
  const int rank_;
  std::vector<ChunkBox> own_;       // per layer
  std::vector<std::size_t> first_;  // per layer: draft number of its first task
  std::vector<DraftItem> drafts_;
  std::vector<std::uint32_t> place_;  // draft number → item
  std::unordered_map<RemoteChunk, std::uint32_t, RemoteHash> receives_;
  std::vector<RankSet> sets_;
};

}  // namespace

Schedule make_schedule(const LayerPlan& plan, int rank) {
  Schedule schedule = Builder(plan, rank).build();
  estimate(schedule, plan.cluster());
  return schedule;
}

}  // namespace dunlin
