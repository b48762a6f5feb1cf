#pragma once
// One rank's part of a plan: its tasks and receives in order, what each takes and passes on, and what memory that
// needs.
//
// *Items* are tasks (make a chunk) and receives (get a chunk that another rank made), sorted by task key, a receive
// standing where its maker stands. An item's value lives until its local consumers have run and its sends are done.
//
//   rank 0 of 2, mean of 4 chunks:   read 0 · partial 0 · read 1 · partial 1 · receive partial 2, 3 · combine · final
//
// *Edges* between a pair of ranks are numbered in the order of their makers' keys, alike at both ends, so that messages
// need no names. A value needed by many travels along a tree: a receiver passes it on (`sends` of a receive).
//
// *Parcels* (layer_plan.hpp) are items too: one rank *packs* the parts that another needs into one value and sends it;
// the other receives it, and its tasks take their parts from it.
//
//   parcel := part*      in the order of (chunk, output chunk), each packed row-major, from a multiple of 64 bytes on
//
// *Peak bytes*: the serial peak is what running the items one by one needs; the planned peak lets as many items as
// threads can use begin early, within the budget. A run that reserves in this order and never above the planned peak
// neither exceeds it nor gets stuck.
//
// Building takes time and memory of this rank's items and edges only.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "dunlin/plan/layer_plan.hpp"

namespace dunlin {

struct Schedule {
  struct Item {
    std::int32_t layer;          // that it makes a chunk of; of a parcel, the layer that takes the parts
    std::int32_t peer;           // a receive's sender; −1 for others
    std::int64_t chunk;          // ordinal in the layer's grid; of a parcel, its first part in `parts`
    std::int64_t edge;           // a receive's ordinal among the edges from its peer
    std::int64_t bytes;          // reserved for its value: none for lent ones; what is expected where only a run tells
    std::int64_t scratch_bytes;  // beside it, while it runs
    std::uint32_t first_input, first_consumer, first_send;
    std::uint32_t parts = 0;         // of a parcel: how many
    std::int16_t parcel_input = -1;  // of a parcel: which input of the layer; −1: a chunk
    bool retained = false;           // its bytes stay until the run has ended (a chunk that is kept)
    bool is_receive() const { return peer >= 0; }
    bool is_parcel() const { return parcel_input >= 0; }
    bool is_task() const { return peer < 0 && parcel_input < 0; }
  };
  /// One part in a parcel: the elements of input chunk `chunk` that chunk `output` of the parcel's layer needs.
  struct Part {
    std::int64_t chunk, output;
    std::int64_t offset;  // bytes into the parcel
  };
  /// The input at place `input` of `inputs` is part `part` of a received parcel.
  struct InputPart {
    std::uint32_t input, part;
  };
  struct Send {
    std::int32_t peer;
    std::int64_t edge;
  };

  int rank = 0;
  std::vector<Item> items;               // and one more at the end, for the first_… of "the next"
  std::vector<std::uint32_t> inputs;     // per item, in kernel order: items
  std::vector<std::uint32_t> consumers;  // per item: tasks that take it, once per use
  std::vector<Send> sends;               // per item
  std::vector<Part> parts;               // per parcel
  std::vector<InputPart> input_parts;    // of those inputs that are parts, ascending

  std::int64_t tasks = 0, receives = 0;
  /// Array bytes from and to storage, and through messages.
  std::int64_t read_bytes = 0, write_bytes = 0, send_bytes = 0, receive_bytes = 0;
  double operations = 0;
  std::int64_t serial_peak_bytes = 0, planned_peak_bytes = 0;
  /// What planning and running keep beside the chunks: items, edges, layers. Up to kBookkeepingFree it passes for part
  /// of the process itself, which the budget does not count either.
  std::int64_t bookkeeping_bytes = 0;
  /// What the rank is told to need: at least, and as planned.
  std::int64_t least_bytes() const { return serial_peak_bytes + bookkeeping_bytes; }
  std::int64_t peak_bytes() const { return planned_peak_bytes + bookkeeping_bytes; }
  /// Layer whose task stands at the serial peak.
  int peak_layer = -1;

  std::size_t size() const { return items.size() - 1; }
  std::span<const std::uint32_t> inputs_of(std::size_t item) const {
    return std::span(inputs).subspan(items[item].first_input, items[item + 1].first_input - items[item].first_input);
  }
  std::span<const std::uint32_t> consumers_of(std::size_t item) const {
    return std::span(consumers).subspan(items[item].first_consumer,
                                        items[item + 1].first_consumer - items[item].first_consumer);
  }
  std::span<const Send> sends_of(std::size_t item) const {
    return std::span(sends).subspan(items[item].first_send, items[item + 1].first_send - items[item].first_send);
  }
};

/// Rank `rank`'s schedule. Pure and local.
Schedule make_schedule(const LayerPlan& plan, int rank);

/// Most bytes reserved at one time if items begin in order and item k ends when item k + `window` begins (0: before the
/// next begins). `at`, if given, gets the item that stands at the peak.
std::int64_t simulated_peak(const Schedule& schedule, int window, std::size_t* at = nullptr);
/// Bytes of bookkeeping per item and per layer (measured: 870,000 tasks, 14,000 layers), and what of it goes uncounted.
inline constexpr std::int64_t kItemBytes = 256, kLayerBytes = 5 << 10, kBookkeepingFree = 16 << 20;
/// Fills the peaks of a schedule of a graph of `layers` layers: planned = what `cluster.threads` can use, within its
/// budget, at least the serial peak.
void estimate(Schedule& schedule, const Cluster& cluster, int layers);

/// The plan cannot fit: needs more than the budget on some rank. `reason`: the chunks of an input or an output that are
/// so large, or where the peak stands, and what would fit.
struct PlanTooLarge : MemoryRefused {
  PlanTooLarge(std::int64_t needed, std::int64_t budget, int rank, const std::string& reason);
  std::int64_t needed, budget;
  int rank;
};
/// What a refused plan on this rank says.
PlanTooLarge too_large(const LayerPlan& plan, const Schedule& schedule);

}  // namespace dunlin
