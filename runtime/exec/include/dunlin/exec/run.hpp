#pragma once
// Carries out one rank's schedule: with its threads, within its planned peak, together with the other ranks.
//
// Items (tasks, receives) are *granted* memory strictly in the schedule's order, never above the planned peak; granted
// tasks run as soon as their inputs are there, on any thread, the earliest in the order first. So a task runs ahead of
// the order only into memory that the order does not need, and the first item that is not granted can always get its
// memory once those before it are done: nothing waits in a circle (layer_plan.hpp).
//
// After a failure (a kernel threw, the user asked for an end, another rank's alarm) no new task starts. Every planned
// edge is still completed: tasks yield nothing, which travels as poison, through the same machinery. So the run ends
// with no request left, and the caller agrees with the other ranks about what happened.
//
// Threading: thread 0 (the caller) talks to the transport and runs serial kernels, beside its share of tasks.

#include <atomic>
#include <optional>

#include "dunlin/exec/executor.hpp"
#include "dunlin/exec/failure.hpp"
#include "dunlin/memory/buffer.hpp"
#include "dunlin/plan/schedule.hpp"
#include "dunlin/trace/counters.hpp"
#include "dunlin/trace/trace.hpp"
#include "dunlin/transport/transport.hpp"

namespace dunlin {

struct RunParts {
  const LayerPlan& plan;
  const Schedule& schedule;
  Transport& transport;
  BufferPool& pool;
  Executor& executor;
  Trace& trace;
  Counters& counters;
  const std::atomic<bool>* stop = nullptr;  // may be null
};

/// Runs to the end; returns this rank's failure, if it had one of its own: of those that several threads met, the first
/// in the order of items. Throws only where the run cannot be brought to its end (the transport fails, no memory for
/// bookkeeping): then edges may be open, and the transport is of no further use.
std::optional<Failure> run_schedule(const RunParts& parts);

}  // namespace dunlin
