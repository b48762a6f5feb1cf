// What a run tells of its chunks as they go.

#include <gtest/gtest.h>

#include <map>
#include <mutex>

#include "one_run.hpp"
#include "support/ranks.hpp"
#include "support/test_layers.hpp"
#include "support/watchdog.hpp"

namespace dunlin::test {
namespace {

class Diary final : public RunHooks {
 public:
  void durable(const Layer& sink, const ChunkIndex& chunk) override { note("durable " + sink.name(), chunk); }
  void released(const Layer& layer, const ChunkIndex& chunk) override { note("released " + layer.name(), chunk); }
  void evicted(const Layer& layer, const ChunkIndex& chunk) override { note("evicted " + layer.name(), chunk); }
  std::map<std::string, int> count;
  std::vector<std::string> lines;

 private:
  void note(const std::string& what, const ChunkIndex& chunk) {
    const std::lock_guard lock(mutex_);
    ++count[what];
    lines.push_back(what + " " + to_string(chunk));
  }
  std::mutex mutex_;
};

TEST(Hooks, TellOfEveryChunkThatIsDurableOrReleased) {
  const Watchdog watchdog("hooks");
  for_local_ranks(1, [](std::unique_ptr<Transport> ranks) {
    for (int threads : {1, 3}) {
      Diary diary;
      const ChunkGrid grid = ChunkGrid::regular({10}, {1});
      const LayerPtr x = source("x", grid, [](const Coords& at) { return static_cast<double>(at[0]); });
      const LayerPtr out = sink("out", x, std::make_shared<Collected>(grid));
      const LayerPlan plan = LayerPlan::make(LayerGraph::of({out}), {.threads = threads, .budget_bytes = 1 << 20});
      const Schedule schedule = make_schedule(plan, 0);
      const auto executor = make_executor(threads);
      BufferPool pool;
      Trace trace;
      Counters counters;
      counters.workers = std::vector<WorkerCounters>(static_cast<std::size_t>(threads));
      EXPECT_FALSE(run_schedule({plan, schedule, *ranks, pool, *executor, trace, counters, nullptr, &diary}));
      EXPECT_EQ(diary.count["durable out"], 10);
      EXPECT_EQ(diary.count["released x"], 10);
      EXPECT_EQ(diary.count.size(), 2u) << "nothing was evicted";
      for (int chunk = 0; chunk < 10; ++chunk) {
        const std::string name = to_string(ChunkIndex{{chunk}});
        const auto durable = std::find(diary.lines.begin(), diary.lines.end(), "durable out " + name);
        const auto released = std::find(diary.lines.begin(), diary.lines.end(), "released x " + name);
        EXPECT_LT(durable, released) << "what is written is let go afterwards";
      }
      EXPECT_EQ(counters.tasks_of_kind(static_cast<std::size_t>(LayerKind::source)), 10);
      EXPECT_EQ(counters.tasks_of_kind(static_cast<std::size_t>(LayerKind::sink)), 10);
    }
  });
}

TEST(Team, OfAnyShapeYieldsTheSameValues) {
  const Watchdog watchdog("teams");
  const Team teams[] = {
      Team::anywhere(4),
      {.domain = {0, 1, 0, 1}, .near = {{2, 1, 3}, {3, 0, 2}, {0, 1, 3}, {1, 0, 2}}, .settle = {}},
      {.domain = {0, 1, 2, 3}, .near = {{1, 2, 3}, {2, 3, 0}, {3, 0, 1}, {0, 1, 2}}, .settle = {}},
  };
  for_local_ranks(1, [&](std::unique_ptr<Transport> ranks) {
    for (Team team : teams) {
      std::atomic<int> settled = 0, left = 0;
      team.settle = [&](int) -> std::shared_ptr<void> {
        ++settled;
        return std::shared_ptr<void>(&settled, [&](void*) { ++left; });
      };
      const ChunkGrid grid = ChunkGrid::regular({200}, {1});
      const auto collected = std::make_shared<Collected>(ChunkGrid());
      const LayerPtr x = source("x", grid, [](const Coords& at) { return static_cast<double>(at[0]); });
      const LayerPlan plan = LayerPlan::make(LayerGraph::of({sink("out", summed("total", x, {0}), collected)}),
                                             {.threads = 4, .budget_bytes = 1 << 20});
      const Schedule schedule = make_schedule(plan, 0);
      const auto executor = make_executor(4);
      BufferPool pool(std::size_t{1} << 30, team.domains());
      Trace trace;
      Counters counters;
      EXPECT_FALSE(run_schedule({plan, schedule, *ranks, pool, *executor, trace, counters, nullptr, nullptr, &team}));
      EXPECT_EQ(collected->take().begin()->second.front(), 199 * 200 / 2);
      EXPECT_EQ(settled, 4);
      EXPECT_EQ(left, 4) << "every worker is let go";
    }
  });
}

}  // namespace
}  // namespace dunlin::test
