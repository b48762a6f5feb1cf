#pragma once
// One rank's items before they have their places: what `make_schedule` sorts.
//
// Tasks are drafted layer by layer, chunk by chunk, so that the number of a local chunk's draft follows from its place;
// receives get the numbers after all tasks, in the order in which tasks ask for them; the packing of parcels comes
// last.

#include <cstdint>
#include <map>
#include <span>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "dunlin/plan/schedule.hpp"
#include "task_order.hpp"

namespace dunlin {

struct Draft {
  std::int64_t ordinal, time;
  std::int32_t layer;
  std::int32_t peer;      // a receive's sender; −1 for a task
  std::int32_t delivery;  // that a receive is part of; −1 for a task
  std::int32_t parcel;    // that is packed or received; −1 for a chunk
  std::uint32_t first_input, first_send;
  std::uint32_t inputs, sends;
};

/// What one rank packs for another, or gets from it: parts of the chunks of one layer in one round.
struct ParcelDraft {
  std::int32_t layer, input;  // that takes the parts, and through which input
  std::int32_t peer;
  bool sent;
  std::int64_t round_end;
  std::uint32_t first_part = 0, parts = 0;
  std::int64_t bytes = 0;
};

struct Drafts {
  std::vector<Draft> tasks, receives, packings;
  std::vector<std::uint32_t> inputs;  // of tasks, in kernel order: numbers of drafts
  std::vector<std::int32_t> sends;    // peers; a task's in the order of its deliveries
  std::vector<ParcelDraft> parcels;
  std::vector<Schedule::Part> parts;             // parcel by parcel
  std::vector<Schedule::InputPart> input_parts;  // of the above inputs, ascending

  std::size_t size() const { return tasks.size() + receives.size() + packings.size(); }
  const Draft& operator[](std::uint32_t number) const {
    if (number < tasks.size()) return tasks[number];
    number -= static_cast<std::uint32_t>(tasks.size());
    return number < receives.size() ? receives[number] : packings[number - receives.size()];
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
  /// The same for a part of a remote chunk that an output chunk needs.
  std::uint32_t remote_part(int ordinal, int input, const ChunkIndex& output, const ChunkIndex& chunk, int owner);
  std::int64_t time_of_remote(int ordinal, const ChunkIndex& chunk, std::int64_t place);
  /// Notes the parts of an own chunk that other ranks need.
  void draft_parts(int ordinal, const ChunkIndex& chunk, const Draft& draft, std::uint32_t number);
  std::int32_t parcel(int ordinal, int input, int peer, bool sent, std::int64_t round_end);
  void close_parcels();
  void draft_packing(std::int32_t parcel, std::span<const std::uint32_t> chunks);
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
  std::unordered_map<Remote, std::int64_t, RemoteHash> remote_times_;  // of chunks that come in parts
  struct PartDraft {
    std::int64_t chunk, output;
    std::int32_t parcel;
    std::uint32_t number;  // of the own chunk's draft, where it is sent
  };
  std::vector<PartDraft> parts_;  // in the order of their finding: what input_parts names until the parcels are closed
  std::map<std::tuple<std::int32_t, std::int32_t, std::int32_t, bool, std::int64_t>, std::int32_t> parcels_;
  // Scratch.
  std::vector<ChunkBox> needed_, fed_;
  std::vector<RankSet> sets_;
};

}  // namespace dunlin
