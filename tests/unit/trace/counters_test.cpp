// Counts of several workers add up, and may be read while they grow.

#include "dunlin/trace/counters.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace dunlin {
namespace {

TEST(Counters, OfWorkersAddUpWhileAnotherThreadReads) {
  constexpr std::int64_t kTasks = 20'000;
  Counters counters;
  EXPECT_EQ(counters.tasks_of_kind(0), 0) << "no workers yet";
  counters.workers = std::vector<WorkerCounters>(3);
  std::atomic<bool> ended{false};
  bool fell = false;
  std::thread reader([&] {
    for (std::int64_t before = 0; !ended;) {
      const std::int64_t now = counters.tasks_of_kind(2);
      fell |= now < before || now > 3 * kTasks;
      before = now;
    }
  });
  std::vector<std::thread> workers;
  for (WorkerCounters& own : counters.workers)
    workers.emplace_back([&own] {
      for (std::int64_t task = 0; task < kTasks; ++task) {
        count_up(own.tasks[2]);
        count_up(own.waiting_ns, 5);
      }
    });
  for (std::thread& worker : workers) worker.join();
  ended = true;
  reader.join();
  EXPECT_FALSE(fell);
  EXPECT_EQ(counters.tasks_of_kind(2), 3 * kTasks);
  EXPECT_EQ(counters.tasks_of_kind(1), 0);
  EXPECT_EQ(counters.of_workers([](const WorkerCounters& worker) -> const Count& { return worker.waiting_ns; }),
            15 * kTasks);
}

TEST(Counters, OfDifferentWorkersLieInDifferentLines) {
  const std::vector<WorkerCounters> workers(2);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(workers.data()) % 64, 0u);
  EXPECT_EQ(sizeof(WorkerCounters) % 64, 0u);
}

}  // namespace
}  // namespace dunlin
