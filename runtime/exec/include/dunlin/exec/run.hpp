#pragma once
// Carries out one rank's schedule: with its threads, within its planned peak, together with the other ranks.
//
// Items (tasks, receives, parcels) are *granted* memory strictly in the schedule's order, never above the planned peak;
// granted tasks run as soon as their inputs are there, on any thread: first those whose inputs the thread has just
// made, then in the order of the schedule. So a task runs ahead of the order only into memory that the order does not
// need, and the first item that is not granted can always get its memory once those before it are done: nothing waits
// in a circle (layer_plan.hpp).
//
// After a failure (a kernel threw, the user asked for an end, another rank's alarm) no new task starts. Every planned
// edge is still completed: tasks yield nothing, which travels as poison, through the same machinery. So the run ends
// with no request left, and the caller agrees with the other ranks about what happened.
//
// Values of inexact layers travel as two messages: their size, then their bytes. They are reserved as expected and
// counted as they are; where they outgrow the plan the run goes on one item at a time, up to the budget, then sets
// values aside in a local file, and fails with OutOfBudget where that does not help either.
//
// Threading: thread 0 (the caller) talks to the transport and runs serial kernels, beside its share of tasks; while it
// is inside a long kernel it talks when the kernel lets it (TaskRun::poll).

#include <atomic>
#include <memory>
#include <optional>

#include "dunlin/exec/executor.hpp"
#include "dunlin/exec/failure.hpp"
#include "dunlin/exec/team.hpp"
#include "dunlin/memory/buffer.hpp"
#include "dunlin/memory/spill.hpp"
#include "dunlin/plan/schedule.hpp"
#include "dunlin/trace/counters.hpp"
#include "dunlin/trace/trace.hpp"
#include "dunlin/transport/transport.hpp"

namespace dunlin {

/// Told of chunks as they go: what restart, spill and a live page read. Called by any worker, several at once, between
/// tasks; must not throw and not wait.
class RunHooks {
 public:
  virtual ~RunHooks() = default;
  /// A sink's task has put its chunk where it belongs.
  virtual void durable(const Layer& sink, const ChunkIndex& chunk);
  /// The last use of a value on this rank is over.
  virtual void released(const Layer& layer, const ChunkIndex& chunk);
  /// A value has left memory before its last use.
  virtual void evicted(const Layer& layer, const ChunkIndex& chunk);
};

/// Values whose size only the run tells have grown beyond the budget.
struct OutOfBudget : MemoryRefused {
  OutOfBudget(std::int64_t needed, std::int64_t budget);
  std::int64_t needed, budget;
};

struct RunParts {
  const LayerPlan& plan;
  const Schedule& schedule;
  Transport& transport;
  BufferPool& pool;
  Executor& executor;
  Trace& trace;
  Counters& counters;
  const std::atomic<bool>* stop = nullptr;  // may be null
  RunHooks* hooks = nullptr;                // may be null
  const Team* team = nullptr;               // null: workers without a place
  SpillFile* spill = nullptr;               // null: nothing is set aside
  /// Where a run that had to be broken off leaves its buffers, which open requests may still read and write: to be let
  /// go after the transport.
  std::shared_ptr<void>* wreck = nullptr;
};

/// Runs to the end; returns this rank's failure, if it had one of its own: of those that several threads met, the first
/// in the order of items. Throws only where the run cannot be brought to its end (the transport fails, no memory for
/// bookkeeping): then edges may be open, and the transport is of no further use.
std::optional<Failure> run_schedule(const RunParts& parts);

}  // namespace dunlin
