// What happens when a task fails: no new task starts, every edge is completed, the first failure is told with its
// place, and the same ranks run the next graph. Built twice: over local ranks (tests/unit) and over MPI (tests/mpi).

#include <gtest/gtest.h>

#include <new>
#include <thread>

#include "dunlin/transport/local_transport.hpp"
#include "one_run.hpp"
#include "random_graph.hpp"
#include "support/ranks.hpp"
#include "support/watchdog.hpp"

namespace dunlin::test {
namespace {

struct FullDisk : StorageError {
  FullDisk() : StorageError("no room for 5 bytes on /x") {}
};

struct Fault {
  const char* why;
  std::function<void()> happens;
  ErrorCode code;
  const char* text;
};

const Fault kFaults[] = {
    {"an error of the storage", [] { throw FullDisk(); }, ErrorCode::storage, "no room for 5 bytes on /x"},
    {"no memory", [] { throw std::bad_alloc(); }, ErrorCode::memory,
     "the system gave no more memory: lower the budget below what this machine has free"},
    {"a bug", [] { throw std::runtime_error("index 7 of 5"); }, ErrorCode::internal, "index 7 of 5"},
    {"no exception of C++'s", [] { throw 7; }, ErrorCode::internal,
     "an exception of an unknown type was thrown (a bug: exceptions derive from std::exception)"},
};

/// x − sum(x) over 12 x 2 chunks: every rank waits for the others' partial sums.
struct Anomaly {
  ChunkGrid grid = ChunkGrid::regular({36, 4}, {3, 2});
  std::shared_ptr<Collected> collected = std::make_shared<Collected>(grid);
  std::vector<LayerPtr> sinks(const TaskSettings& reading, const TaskSettings& writing = {}) {
    const LayerPtr x = source(
        "x", grid, [](const Coords& at) { return static_cast<double>(at[0] - at[1]); }, reading);
    const LayerPtr rest = combined("rest", grid, x, straight(2), summed("total", x, {0}), {{1}}, -1);
    return {sink("out", rest, collected, writing)};
  }
};

/// Chunks of the last column of rows, spread over the ranks: where a fault may strike.
const ChunkIndex kPlaces[] = {{{0, 0}}, {{5, 1}}, {{11, 1}}};

void expect_next_run_works(Runner& runner) {
  Anomaly anomaly;
  const auto ended = runner.run(anomaly.sinks({}));
  EXPECT_FALSE(ended.failure);
  EXPECT_FALSE(ended.agreed.failed());
  Agreement mine = Agreement::of(Call::setup, 0);
  mine.total[0] = static_cast<std::int64_t>(anomaly.collected->take().size());
  EXPECT_EQ(runner.transport().agree(mine).total[0], 24);
}

TEST(Failure, ATaskThatThrowsEndsTheRunOnAllRanksWithItsPlace) {
  const Watchdog watchdog("throwing tasks");
  for_ranks([](std::unique_ptr<Transport> ranks) {
    Runner runner(std::move(ranks), make_serial_executor());
    for (int threads : {1, 3})
      for (const Fault& fault : kFaults)
        for (const ChunkIndex& place : kPlaces)
          for (bool writing : {false, true})
            for (std::int64_t budget : {std::int64_t{1}, std::int64_t{1} << 30}) {
              SCOPED_TRACE(std::string(fault.why) + " at " + to_string(place) + (writing ? ", writing" : ", reading"));
              runner.use(make_executor(threads));
              const TaskSettings broken{.hook = [&](const ChunkIndex& chunk) {
                if (chunk == place) fault.happens();
              }};
              Anomaly anomaly;
              const auto ended = runner.run(
                  anomaly.sinks(writing ? TaskSettings{} : broken, writing ? broken : TaskSettings{}), budget);
              EXPECT_TRUE(ended.agreed.failed());
              EXPECT_EQ(ended.agreed.failing_code, static_cast<std::int32_t>(fault.code));
              EXPECT_EQ(ended.failure.has_value(), ended.agreed.failing_rank == runner.rank()) << "one rank failed";
              if (ended.failure) {
                EXPECT_EQ(ended.failure->text, fault.text);
                EXPECT_EQ(ended.failure->layer.substr(0, writing ? 3 : 1), writing ? "out" : "x");
                EXPECT_EQ(ended.failure->chunk, to_string(place));
                EXPECT_TRUE(ended.failure->original);
              }
            }
    expect_next_run_works(runner);
  });
}

TEST(Failure, OfSeveralFailingTasksTheFirstInOrderIsTold) {
  const Watchdog watchdog("several failures");
  Runner runner(make_local_transport(), make_thread_executor(2));
  for (int late : {0, 1}) {  // both tasks are at work when one fails; the other fails later
    SCOPED_TRACE("task " + std::to_string(late) + " fails last");
    std::atomic<bool> late_is_at_work = false, early_is_at_work = false;
    const TaskSettings broken{.hook = [&](const ChunkIndex& chunk) {
      if (chunk.at[0] == late) {
        late_is_at_work = true;
        while (!early_is_at_work) std::this_thread::yield();
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
      } else {
        while (!late_is_at_work) std::this_thread::yield();
        early_is_at_work = true;
      }
      throw FullDisk();
    }};
    auto collected = std::make_shared<Collected>(ChunkGrid::regular({2}, {1}));
    const LayerPtr x = source(
        "x", collected->grid(), [](const Coords&) { return 1.0; }, broken);
    const auto ended = runner.run({sink("out", x, collected)});
    ASSERT_TRUE(ended.failure);
    EXPECT_EQ(ended.failure->chunk, "(0,)");
    EXPECT_EQ(ended.agreed.failing_task, ended.failure->task);
  }
}

TEST(Failure, ASlowRankHearsOfItWhileOthersWait) {
  const Watchdog watchdog("a failure elsewhere");
  for_ranks([](std::unique_ptr<Transport> ranks) {
    if (ranks->size() == 1) return;
    Runner runner(std::move(ranks), make_executor(2));
    // The last rank fails at its first task; the others have a second of work each, of which they may do little. No
    // value goes from rank to rank: only the alarm can tell them.
    std::atomic<int> begun = 0;
    const bool fails = runner.rank() == runner.size() - 1;
    const TaskSettings mixed{.hook = [&](const ChunkIndex&) {
      if (fails) throw FullDisk();
      ++begun;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }};
    const ChunkGrid grid = ChunkGrid::regular({2000}, {1});
    auto collected = std::make_shared<Collected>(grid);
    const LayerPtr x = source(
        "x", grid, [](const Coords&) { return 1.0; }, mixed);
    const auto ended = runner.run({sink("out", x, collected)});
    EXPECT_TRUE(ended.agreed.failed());
    EXPECT_EQ(ended.agreed.failing_rank, runner.size() - 1);
    EXPECT_EQ(ended.failure.has_value(), fails);
    EXPECT_LT(begun, 400) << "no task starts after the news";
    expect_next_run_works(runner);
  });
}

TEST(Failure, AStopFlagEndsTheRunAtTheNextTask) {
  const Watchdog watchdog("stop flags");
  for_ranks([](std::unique_ptr<Transport> ranks) {
    Runner runner(std::move(ranks), make_executor(2));
    for (int stopped_rank = 0; stopped_rank < runner.size(); ++stopped_rank)
      for (int after : {0, 3}) {
        SCOPED_TRACE("rank " + std::to_string(stopped_rank) + " is stopped after " + std::to_string(after) + " tasks");
        std::atomic<bool> stop = after == 0 && runner.rank() == stopped_rank;
        std::atomic<int> begun = 0;
        const TaskSettings counting{.hook = [&](const ChunkIndex&) {
          if (runner.rank() == stopped_rank && ++begun == after) stop = true;
          std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }};
        const ChunkGrid grid = ChunkGrid::regular({1000}, {1});
        auto collected = std::make_shared<Collected>(ChunkGrid());
        const LayerPtr x = source(
            "x", grid, [](const Coords&) { return 1.0; }, counting);
        const auto ended = runner.run({sink("out", summed("total", x, {0}), collected)}, 1 << 20, &stop);
        EXPECT_EQ(ended.agreed.failing_rank, stopped_rank);
        EXPECT_EQ(ended.agreed.failing_code, static_cast<std::int32_t>(ErrorCode::stopped));
        EXPECT_EQ(ended.failure ? ended.failure->text : "stopped on request", "stopped on request");
        EXPECT_TRUE(collected->take().empty());
        EXPECT_LT(begun, 100);
      }
    expect_next_run_works(runner);
  });
}

TEST(Failure, OfAnyTaskOfRandomGraphsLeavesNothingBehind) {
  const Watchdog watchdog("failures in random graphs", std::chrono::seconds(240));
  for_ranks([](std::unique_ptr<Transport> ranks) {
    Runner runner(std::move(ranks), make_executor(2));
    for (unsigned seed = 0; seed < 12; ++seed)
      for (int nth : {0, 1, 4}) {
        SCOPED_TRACE("graph " + std::to_string(seed) + ", task " + std::to_string(nth));
        // One more sink, whose n-th task on rank (seed mod ranks) throws.
        const RandomGraph graph = random_graph(seed, Numbers::whole);
        std::vector<LayerPtr> sinks = graph.sinks;
        std::atomic<int> count = 0;
        const bool here = static_cast<int>(seed) % runner.size() == runner.rank();
        const TaskSettings broken{.hook = [&](const ChunkIndex&) {
          if (here && count++ == nth) throw FullDisk();
        }};
        sinks.push_back(sink("broken", sinks.front()->inputs()[0], nullptr, broken));
        const auto ended = runner.run(sinks, 1);
        EXPECT_EQ(ended.failure.has_value(), here && count > nth);
      }
    expect_next_run_works(runner);
  });
}

}  // namespace
}  // namespace dunlin::test
