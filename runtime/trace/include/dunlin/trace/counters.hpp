#pragma once
// What a run has done so far on this rank, as plain counts. Written by the run's threads, readable by any thread at any
// time (a progress display, a live page); single counts are exact, a set of them is no snapshot of one instant.
//
// Counts that change with every task are kept per worker: only that worker writes its own, so that the line they lie in
// does not travel, and a count costs a load and a store.
//
//   Counters counters;  counters.workers = std::vector<WorkerCounters>(threads);   // before anyone else looks
//   count_up(counters.workers[w].tasks[kind]);                                     // worker w
//   counters.of_workers([](const WorkerCounters& w) -> const Count& { return w.waiting_ns; });   // anyone

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace dunlin {

using Count = std::atomic<std::int64_t>;

/// Adds to a count that the calling thread alone writes.
inline void count_up(Count& count, std::int64_t by = 1) {
  count.store(count.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
}

/// One worker's own.
struct alignas(64) WorkerCounters {
  static constexpr std::size_t kKinds = 16;
  /// Tasks done, by the number of their layer's kind (LayerKind, graph/).
  std::array<Count, kKinds> tasks{};
  /// Time in tasks, and with nothing to do; tasks taken from another worker.
  Count busy_ns{0}, waiting_ns{0}, tasks_stolen{0};
};

struct Counters {
  Count tasks_planned{0}, tasks_done{0};
  /// Bytes taken from and given to files, as stored (compressed where they are).
  Count bytes_read{0}, bytes_written{0};
  /// Array bytes decoded from and encoded into files.
  Count bytes_decoded{0}, bytes_encoded{0};
  Count bytes_sent{0}, bytes_received{0}, messages_sent{0};
  /// Bytes reserved by admitted tasks now, and the most so far.
  Count bytes_reserved{0}, peak_bytes_reserved{0};
  /// Bytes of values in memory now; set aside in a local file now, and written there and read back in all.
  Count bytes_resident{0}, bytes_spilled{0}, spill_written{0}, spill_read{0};

  /// Sized before another thread looks, and never again while one does.
  std::vector<WorkerCounters> workers;

  /// The sum of one count over all workers: `pick(worker)` names it.
  template <class Pick>
  std::int64_t of_workers(Pick pick) const {
    std::int64_t sum = 0;
    for (const WorkerCounters& worker : workers) {
      const Count& count = pick(worker);
      sum += count.load(std::memory_order_relaxed);
    }
    return sum;
  }
  /// Tasks done of one kind of layer.
  std::int64_t tasks_of_kind(std::size_t kind) const {
    return of_workers([kind](const WorkerCounters& worker) -> const Count& { return worker.tasks[kind]; });
  }
};

}  // namespace dunlin
