#pragma once
// Runs one task after the other on one worker: gathers the inputs, calls the kernel, books what it yields. Keeps its
// scratch between tasks, so that nothing is allocated per task but the output.

#include "run_state.hpp"

namespace dunlin {

class Messenger;

class TaskRunner {
 public:
  /// `messenger`: of worker 0; null for others.
  TaskRunner(const RunParts& parts, RunState& state, int worker, const std::vector<const char*>& names,
             Messenger* messenger)
      : parts_(parts),
        state_(state),
        worker_(worker),
        names_(names),
        messenger_(messenger),
        mine_(static_cast<std::size_t>(worker) < parts.counters.workers.size()
                  ? &parts.counters.workers[static_cast<std::size_t>(worker)]
                  : nullptr) {}

  /// Runs a task or packs a parcel, and completes it. True where it took long enough for others to have news.
  bool run(std::uint32_t item);

 private:
  const Layer& layer(int ordinal) const { return parts_.plan.graph().layer(ordinal); }
  /// What the item yields. Throws what its kernel throws.
  Value make(std::uint32_t item);
  Value pack(std::uint32_t item);
  void gather(std::uint32_t item);
  Value accept(const Layer& of, const Schedule::Item& planned, Value made);
  void count(const Layer& of, const Schedule::Item& planned, const TaskCounts& counts);
  void fail(std::uint32_t item);

  const RunParts& parts_;
  RunState& state_;
  const int worker_;
  const std::vector<const char*>& names_;  // of layers; empty where nothing is traced
  Messenger* messenger_;
  WorkerCounters* mine_;  // null where nobody looks
  std::vector<ChunkView> inputs_;
  std::vector<Box> parts_taken_;
};

}  // namespace dunlin
