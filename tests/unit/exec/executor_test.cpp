// What hosts the workers: every worker is called once with its number, the first one by the caller.

#include "dunlin/exec/executor.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <set>
#include <thread>

namespace dunlin {
namespace {

struct Case {
  const char* why;
  std::unique_ptr<Executor> executor;
  int threads;
};

TEST(Executor, CallsEveryWorkerOnceAndTheFirstOnTheCallersThread) {
  Case cases[] = {
      {"serial", make_serial_executor(), 1},           {"OpenMP, one", make_openmp_executor(1), 1},
#ifndef DUNLIN_HOST_THREADS  // a thread sanitizer does not see GNU OpenMP's own barriers
      {"OpenMP, several", make_openmp_executor(4), 4},
#endif
      {"threads, one", make_thread_executor(1), 1},    {"threads, several", make_thread_executor(4), 4},
      {"a context's, one", make_executor(1), 1},       {"a context's, several", make_executor(3), 3},
  };
  for (const auto& [why, executor, threads] : cases) {
    SCOPED_TRACE(why);
    EXPECT_EQ(executor->threads(), threads);
    std::mutex mutex;
    std::multiset<int> workers;
    std::thread::id first;
    executor->host([&](int worker) {
      const std::lock_guard lock(mutex);
      workers.insert(worker);
      if (worker == 0) first = std::this_thread::get_id();
    });
    EXPECT_EQ(first, std::this_thread::get_id());
    ASSERT_FALSE(workers.empty());
    EXPECT_EQ(*workers.begin(), 0);
    EXPECT_EQ(*workers.rbegin(), static_cast<int>(workers.size()) - 1) << "numbered without gaps, each once";
    EXPECT_EQ(std::set(workers.begin(), workers.end()).size(), workers.size());
    EXPECT_LE(static_cast<int>(workers.size()), threads);
  }
}

}  // namespace
}  // namespace dunlin
