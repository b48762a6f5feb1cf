#pragma once
// Computes the keys of tasks (layer_plan.hpp).
//
// The time of a task is the latest of the times of what it needs in its own stage; that of a source's chunk says how
// far its owner is through its share. Whole blocks are asked at once, down to the sources, so that the key of a mean
// over a billion chunks takes as many steps as the graph has layers. A layer that several others of its stage need is
// asked for each block only once per key: no number of joining paths makes a key dear.
//
// Keeps scratch between calls: one per thread.

#include <vector>

#include "dunlin/plan/layer_plan.hpp"

namespace dunlin {

class TaskOrder {
 public:
  explicit TaskOrder(const LayerPlan& plan);

  TaskKey key(int layer, const ChunkIndex& chunk);
  TaskKey key(int layer, std::int64_t ordinal, std::int64_t time) const {
    return {.stage = plan_.stage(layer), .layer = layer, .time = time, .ordinal = ordinal};
  }
  /// The bound on the times of a block's tasks that the tasks which need all of it stand behind.
  std::int64_t latest(int layer, const ChunkBox& block);
  /// True where a task's time is that of what it needs from input `from` or later.
  bool waits_for(int layer, int from) const { return plan_.stage(from) == plan_.stage(layer) && !plan_.is_aid(from); }

 private:
  std::int64_t latest_of(int layer, const ChunkBox& block);
  std::int64_t latest_of_inputs(int layer, const ChunkBox& block);
  std::int64_t earliest(int layer, const ChunkBox& block);

  const LayerPlan& plan_;
  std::vector<bool> shared_;      // per layer: several layers of its stage wait for it
  std::vector<ChunkBox> blocks_;  // a stack
  struct Known {
    int layer;
    ChunkBox block;
    std::int64_t latest;
    int next;  // of the same layer, or −1
  };
  std::vector<Known> known_;  // of shared layers, for one key
  std::vector<int> newest_;   // per layer, or −1
};

}  // namespace dunlin
