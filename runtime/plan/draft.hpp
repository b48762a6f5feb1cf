#pragma once
// One rank's items before they have their places: what `make_schedule` sorts.
//
// Tasks are drafted layer by layer, chunk by chunk, so that the number of a local chunk's draft follows from its place;
// receives get the numbers after all tasks, in the order in which tasks ask for them.

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "task_order.hpp"

namespace dunlin {

struct Draft {
  std::int64_t ordinal, time;
  std::int32_t layer;
  std::int32_t peer;      // a receive's sender; −1 for a task
  std::int32_t delivery;  // that a receive is part of; −1 for a task
  std::uint32_t first_input, first_send;
  std::uint32_t inputs, sends;
};

struct Drafts {
  std::vector<Draft> tasks, receives;
  std::vector<std::uint32_t> inputs;  // of tasks, in kernel order: numbers of drafts
  std::vector<std::int32_t> sends;    // peers; a task's in the order of its deliveries

  std::size_t size() const { return tasks.size() + receives.size(); }
  const Draft& operator[](std::uint32_t number) const {
    return number < tasks.size() ? tasks[number] : receives[number - tasks.size()];
  }
};

/// Drafts all items of a rank.
class Drafter {
 public:
  Drafter(const LayerPlan& plan, int rank) : plan_(plan), rank_(rank), order_(plan) {}
  Drafts draft();

 private:
  const Layer& layer(int ordinal) const { return plan_.graph().layer(ordinal); }
  void draft_task(int ordinal, const ChunkIndex& chunk);
  /// Drafts what a task takes from one input; returns the time of the latest that it waits for, or −1.
  std::int64_t draft_input(int ordinal, int input, const ChunkIndex& chunk);
  std::uint32_t local(int ordinal, const ChunkIndex& chunk) const;
  std::uint32_t remote(int ordinal, const ChunkIndex& chunk, int owner);
  /// Appends this rank's children in a delivery.
  void draft_sends(Draft& draft, const MulticastTree& tree);

  const LayerPlan& plan_;
  const int rank_;
  TaskOrder order_;
  Drafts drafts_;
  std::vector<ChunkSet> own_;         // per layer
  std::vector<std::uint32_t> first_;  // per layer: number of its first task
  std::uint32_t tasks_ = 0;
  struct Remote {
    int layer;
    std::int64_t ordinal;
    friend bool operator==(const Remote&, const Remote&) = default;
  };
  struct RemoteHash {
    std::size_t operator()(const Remote& remote) const {
      return std::hash<std::int64_t>{}(remote.ordinal * 1'000'003 + remote.layer);
    }
  };
  std::unordered_map<Remote, std::uint32_t, RemoteHash> remotes_;
  // Scratch.
  std::vector<ChunkBox> needed_, fed_;
  std::vector<RankSet> sets_;
};

}  // namespace dunlin
