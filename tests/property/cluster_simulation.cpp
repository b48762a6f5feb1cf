#include "property/cluster_simulation.hpp"

#include <deque>
#include <map>
#include <set>
#include <tuple>

namespace dunlin::test {
namespace {

struct Event {
  enum Kind { task_ends, message_arrives, message_is_gone } kind;
  int rank;
  std::uint32_t item;
  std::uint32_t send = 0;  // of the item, for messages
};

struct RankState {
  struct Item {
    std::size_t pending = 0, uses = 0;
    bool granted = false, done = false;
  };
  std::vector<Item> items;
  std::size_t next_grant = 0, done = 0;
  std::int64_t reserved = 0;
};

class Simulation {
 public:
  Simulation(const std::vector<Schedule>& schedules, const std::vector<std::int64_t>& limits, Luck luck,
             std::mt19937_64& random)
      : schedules_(schedules), limits_(limits), luck_(luck), random_(random), ranks_(schedules.size()) {}

  std::string run() {
    for (int rank = 0; rank < size(); ++rank) {
      ranks_[rank].items.resize(schedules_[rank].size());
      for (std::size_t k = 0; k < schedules_[rank].size(); ++k) {
        const std::size_t sends = schedules_[rank].sends_of(k).size();
        ranks_[rank].items[k].pending = schedules_[rank].inputs_of(k).size();
        ranks_[rank].items[k].uses = schedules_[rank].consumers_of(k).size() + sends;
        if (schedules_[rank].items[k].is_receive())
          receive_of_[{schedules_[rank].items[k].peer, rank, schedules_[rank].items[k].edge}] =
              static_cast<std::uint32_t>(k);
      }
    }
    for (int rank = 0; rank < size(); ++rank) grant(rank);
    while (fault_.empty() && !events_.empty()) happen(next());
    for (int rank = 0; rank < size() && fault_.empty(); ++rank) check_end(rank);
    return fault_;
  }

 private:
  int size() const { return static_cast<int>(schedules_.size()); }
  const Schedule::Item& planned(int rank, std::uint32_t item) const { return schedules_[rank].items[item]; }

  Event next() {
    std::size_t k = 0;
    if (luck_ == Luck::any) k = random_() % events_.size();
    if (luck_ == Luck::last_come) k = events_.size() - 1;
    if (luck_ == Luck::low_ranks_first || luck_ == Luck::high_ranks_first)
      for (std::size_t other = 1; other < events_.size(); ++other)
        if (luck_ == Luck::low_ranks_first ? events_[other].rank < events_[k].rank
                                           : events_[other].rank > events_[k].rank)
          k = other;
    const Event event = events_[k];
    events_.erase(events_.begin() + static_cast<std::ptrdiff_t>(k));
    return event;
  }

  void happen(const Event& event) {
    if (event.kind == Event::task_ends) return complete(event.rank, event.item);
    const Schedule::Send& send = schedules_[event.rank].sends_of(event.item)[event.send];
    if (event.kind == Event::message_arrives) {
      complete(send.peer, receive_of_.at({event.rank, send.peer, send.edge}));
      events_.push_back({Event::message_is_gone, event.rank, event.item, event.send});
    } else {
      drop_use(event.rank, event.item);
      grant(event.rank);
    }
  }

  void grant(int rank) {
    RankState& state = ranks_[rank];
    for (; state.next_grant < state.items.size(); ++state.next_grant) {
      const auto number = static_cast<std::uint32_t>(state.next_grant);
      const Schedule::Item& item = planned(rank, number);
      if (state.reserved + item.bytes + item.scratch_bytes > limits_[rank]) break;
      state.reserved += item.bytes + item.scratch_bytes;
      state.items[number].granted = true;
      if (!item.is_receive() && state.items[number].pending == 0) events_.push_back({Event::task_ends, rank, number});
      if (item.is_receive()) try_message(item.peer, rank, item.edge);
    }
    if (state.reserved > limits_[rank]) fault_ = "rank " + std::to_string(rank) + " exceeds its limit";
  }

  /// A message moves once its value is made and its receive granted.
  void try_message(int from, int to, std::int64_t edge) {
    const auto sent = made_.find({from, to, edge});
    if (sent == made_.end() || !ranks_[to].items[receive_of_.at({from, to, edge})].granted) return;
    events_.push_back({Event::message_arrives, from, sent->second.first, sent->second.second});
    made_.erase(sent);
  }

  void complete(int rank, std::uint32_t number) {
    RankState& state = ranks_[rank];
    state.items[number].done = true;
    ++state.done;
    state.reserved -= planned(rank, number).scratch_bytes;
    if (state.items[number].uses == 0) state.reserved -= planned(rank, number).bytes;
    for (std::uint32_t input : schedules_[rank].inputs_of(number)) drop_use(rank, input);
    for (std::uint32_t consumer : schedules_[rank].consumers_of(number))
      if (--state.items[consumer].pending == 0 && state.items[consumer].granted)
        events_.push_back({Event::task_ends, rank, consumer});
    const auto sends = schedules_[rank].sends_of(number);
    for (std::uint32_t k = 0; k < sends.size(); ++k) {
      if (!receive_of_.contains({rank, sends[k].peer, sends[k].edge})) {
        fault_ =
            "rank " + std::to_string(rank) + " sends what rank " + std::to_string(sends[k].peer) + " does not expect";
        return;
      }
      made_[{rank, sends[k].peer, sends[k].edge}] = {number, k};
      try_message(rank, sends[k].peer, sends[k].edge);
    }
    grant(rank);
  }

  void drop_use(int rank, std::uint32_t item) {
    if (--ranks_[rank].items[item].uses == 0) ranks_[rank].reserved -= planned(rank, item).bytes;
  }

  void check_end(int rank) {
    const RankState& state = ranks_[rank];
    if (state.done < state.items.size()) {
      std::size_t item = 0;
      while (state.items[item].done) ++item;
      fault_ = "rank " + std::to_string(rank) + " stands still at item " + std::to_string(item) + " of " +
               std::to_string(state.items.size()) + ", layer " +
               std::to_string(planned(rank, static_cast<std::uint32_t>(item)).layer) +
               (state.items[item].granted ? ", which waits for others" : ", for which there is no memory");
    } else if (state.reserved != 0) {
      fault_ = "rank " + std::to_string(rank) + " keeps " + std::to_string(state.reserved) + " bytes";
    }
  }

  const std::vector<Schedule>& schedules_;
  const std::vector<std::int64_t>& limits_;
  const Luck luck_;
  std::mt19937_64& random_;
  std::vector<RankState> ranks_;
  std::deque<Event> events_;
  std::map<std::tuple<int, int, std::int64_t>, std::uint32_t> receive_of_;  // (from, to, edge) → item at `to`
  std::map<std::tuple<int, int, std::int64_t>, std::pair<std::uint32_t, std::uint32_t>>
      made_;  // → item, send at `from`
  std::string fault_;
};

}  // namespace

std::string simulate_cluster(const std::vector<Schedule>& schedules, const std::vector<std::int64_t>& limits, Luck luck,
                             std::mt19937_64& random) {
  return Simulation(schedules, limits, luck, random).run();
}

}  // namespace dunlin::test
