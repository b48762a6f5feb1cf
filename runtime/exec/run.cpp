#include "dunlin/exec/run.hpp"

#include <fmt/format.h>

#include <chrono>

#include "dunlin/base/byte_size.hpp"
#include "dunlin/memory/worker_place.hpp"
#include "messenger.hpp"
#include "task_runner.hpp"

namespace dunlin {
namespace {

/// Looks at empty boards before a worker sleeps: some microseconds, about what falling asleep and waking cost.
constexpr int kLooks = 64;
/// Looks of a lead that expects a message, giving the processor away in between, before it rests.
constexpr int kLeadLooks = 256;
/// Tasks that the lead runs between two talks, where they are short.
constexpr int kTasksPerTalk = 8;
constexpr std::chrono::microseconds kRest{50}, kLongRest{2000};

class Run {
 public:
  Run(const RunParts& parts, const Team& team) : parts_(parts), state_(parts, team), messenger_(parts, state_) {
    if (!parts.trace.enabled()) return;
    // The plan's layers end with the run, a trace is read after it.
    for (const LayerPtr& layer : parts.plan.graph().layers()) names_.push_back(parts.trace.keep(layer->name()));
  }

  std::optional<Failure> run(const Team& team) {
    state_.grant();
    parts_.executor.host([&](int worker) {
      guarded([&] {
        const AtPlace here({.domain = team.domain[worker], .worker = worker});
        const std::shared_ptr<void> settled = team.settle ? team.settle(worker) : nullptr;
        worker == 0 ? lead() : work(worker);
      });
    });
    if (state_.broken) std::rethrow_exception(state_.broken);
    if (state_.take_alarm()) parts_.transport.raise_alarm();
    return std::move(state_.failure);
  }

 private:
  /// What escapes a loop ends the run on this rank.
  template <class Loop>
  void guarded(Loop&& loop) {
    try {
      loop();
    } catch (...) {
      const std::lock_guard lock(state_.failure_mutex);
      if (!state_.broken) state_.broken = std::current_exception();
      state_.end();
    }
  }

  void work(int worker) {
    TaskRunner runner(parts_, state_, worker, names_, nullptr);
    for (int looks = 0; !state_.over();) {
      if (const auto task = state_.board.take(worker)) {
        runner.run(*task);
        looks = 0;
      } else if (++looks < kLooks) {
        pause_core();
      } else {
        looks = 0;
        state_.grant();
        state_.board.call_lead();  // it may be the last to know that all is done
        state_.board.sleep([&] { return state_.over(); });
      }
    }
  }

  /// The loop of worker 0: messages first, then a task.
  void lead() {
    TaskRunner runner(parts_, state_, 0, names_, &messenger_);
    int looks = 0, tasks = 0;
    while (!state_.over()) {
      state_.look_at_stop();
      if (tasks == 0) messenger_.talk();
      auto task = state_.board.take_serial();
      if (!task) task = state_.board.take(0);
      if (task) {
        tasks = runner.run(*task) ? 0 : (tasks + 1) % kTasksPerTalk;
        looks = 0;
        continue;
      }
      tasks = 0;
      if (state_.all_done() && messenger_.is_silent()) return state_.end();
      if (++looks < (messenger_.expects() ? kLeadLooks : kLooks)) {
        messenger_.expects() ? std::this_thread::yield() : pause_core();
      } else {
        state_.grant();
        state_.board.lead_sleep(messenger_.expects() ? kRest : kLongRest, [&] {
          return state_.has_talk() || state_.over() || (state_.all_done() && messenger_.is_silent());
        });
      }
    }
  }

  const RunParts& parts_;
  RunState state_;
  Messenger messenger_;
  std::vector<const char*> names_;  // of the layers, for the trace; empty where nothing is traced
};

}  // namespace

void RunHooks::durable(const Layer&, const ChunkIndex&) {}
void RunHooks::released(const Layer&, const ChunkIndex&) {}
void RunHooks::evicted(const Layer&, const ChunkIndex&) {}

OutOfBudget::OutOfBudget(std::int64_t needed, std::int64_t budget)
    : MemoryRefused(fmt::format("values whose size only the run could tell need {}, the budget is {}: give more "
                                "memory, more ranks, or smaller pieces",
                                human_bytes(needed), human_bytes(budget))),
      needed(needed),
      budget(budget) {}

std::optional<Failure> run_schedule(const RunParts& parts) {
  parts.counters.tasks_planned.fetch_add(parts.schedule.tasks, std::memory_order_relaxed);
  const Team anywhere = parts.team ? Team() : Team::anywhere(parts.executor.threads());
  const Team& team = parts.team ? *parts.team : anywhere;
  const auto run = std::make_shared<Run>(parts, team);
  try {
    return run->run(team);
  } catch (...) {
    if (parts.wreck) *parts.wreck = run;
    try {
      parts.transport.raise_alarm();  // the others must not wait for what does not come any more
    } catch (const std::exception&) {
      // It was the transport itself: the others learn of it when it goes.
    }
    throw;
  }
}

}  // namespace dunlin
