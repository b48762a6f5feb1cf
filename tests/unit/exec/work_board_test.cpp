// Where workers find tasks, in which order, and that none is lost or missed, whoever takes what when.

#include "work_board.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace dunlin::test {
namespace {

/// Two domains of two cores.
Team two_domains() {
  return {.domain = {0, 0, 1, 1}, .near = {{1, 2, 3}, {0, 3, 2}, {3, 0, 1}, {2, 1, 0}}, .settle = {}};
}

std::vector<std::uint32_t> taken_by(WorkBoard& board, int worker) {
  std::vector<std::uint32_t> tasks;
  while (const auto task = board.take(worker)) tasks.push_back(*task);
  return tasks;
}

TEST(WorkBoard, GivesOwnTasksYoungestFirstThenGrantedOnesInOrder) {
  const Team team = Team::anywhere(1);
  WorkBoard board(team, 16);
  board.add_granted({1, 2, 3});
  board.add_own(0, 7);
  board.add_own(0, 8);
  EXPECT_EQ(taken_by(board, 0), (std::vector<std::uint32_t>{8, 7, 1, 2, 3}));
  EXPECT_FALSE(board.has_work());
}

TEST(WorkBoard, ThievesTakeTheOldestOfTheNearest) {
  const Team team = two_domains();
  WorkBoard board(team, 16);
  for (std::uint32_t task : {10, 11, 12}) board.add_own(0, task);
  for (std::uint32_t task : {20, 21}) board.add_own(3, task);
  EXPECT_EQ(board.take(2), 20u) << "3 is in its domain";
  EXPECT_EQ(board.take(1), 10u) << "0 is in its domain";
  EXPECT_EQ(taken_by(board, 2), (std::vector<std::uint32_t>{21, 11, 12})) << "then from the other domain";
}

TEST(WorkBoard, GrantedTasksGoToTheDomainsInRuns) {
  const Team team = two_domains();
  WorkBoard board(team, 64);
  board.add_granted({0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  EXPECT_EQ(board.take(3), 4u) << "its own domain's first run is the second of all";
  EXPECT_EQ(board.take(0), 0u);
  EXPECT_EQ(taken_by(board, 2), (std::vector<std::uint32_t>{5, 6, 7, 1, 2, 3, 8, 9})) << "then the other domain's";
}

TEST(WorkBoard, SerialTasksAreForTheLeadAlone) {
  const Team team = Team::anywhere(2);
  WorkBoard board(team, 16);
  board.add_serial(5);
  EXPECT_EQ(board.take(1), std::nullopt);
  EXPECT_EQ(board.take_serial(), 5u);
}

TEST(WorkBoard, EveryTaskIsTakenOnceByOwnersAndThieves) {
  constexpr std::uint32_t kTasks = 20'000;
  const Team team = Team::anywhere(4);
  WorkBoard board(team, 32'768);
  std::vector<std::atomic<int>> taken(kTasks);
  std::atomic<std::uint32_t> left = kTasks;
  std::vector<std::jthread> workers;
  for (int worker = 0; worker < 4; ++worker)
    workers.emplace_back([&, worker] {
      // Worker 0 makes every second task, worker 2 the others; all take.
      std::uint32_t next = worker / 2;
      while (left.load() > 0) {
        if (worker % 2 == 0 && next < kTasks) {
          board.add_own(worker, next);
          next += 2;
        }
        if (next % 3 != 0 && next < kTasks && worker % 2 == 0) continue;  // let them pile up
        if (const auto task = board.take(worker)) {
          ++taken[*task];
          --left;
        }
      }
    });
  workers.clear();
  for (std::uint32_t task = 0; task < kTasks; ++task) ASSERT_EQ(taken[task], 1) << "task " << task;
}

TEST(WorkBoard, ASleeperHearsOfEveryTask) {
  constexpr std::uint32_t kTasks = 2'000;
  const Team team = Team::anywhere(3);
  WorkBoard board(team, 4096);
  std::atomic<std::uint32_t> done = 0;
  std::atomic<bool> over = false;
  std::vector<std::jthread> sleepers;
  for (int worker : {1, 2})
    sleepers.emplace_back([&, worker] {
      while (!over.load()) {
        if (board.take(worker))
          ++done;
        else
          board.sleep([&] { return over.load(); });
      }
    });
  for (std::uint32_t task = 0; task < kTasks; ++task) {
    board.add_granted({task});
    if (task % 7 == 0) std::this_thread::yield();
    // Without another word: who misses an announcement sleeps for ever, and the test runs into its limit.
    if (task % 64 == 63)
      while (done.load() <= task) std::this_thread::yield();
  }
  while (done.load() < kTasks) std::this_thread::yield();
  over = true;
  board.wake_all();
}

TEST(WorkBoard, TheLeadIsWokenByACallAndByTime) {
  const Team team = Team::anywhere(2);
  WorkBoard board(team, 16);
  for (int round = 0; round < 200; ++round) {
    std::jthread caller([&] { board.call_lead(); });
    board.lead_sleep(std::chrono::microseconds(200), [] { return false; });
  }
  bool asked = false;
  board.lead_sleep(std::chrono::hours(1), [&] { return asked = true; });
  EXPECT_TRUE(asked) << "news that came before it fell asleep keep it awake";
}

}  // namespace
}  // namespace dunlin::test
