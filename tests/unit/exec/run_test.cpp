// What a run promises: the graph's values, the same bits for all ranks, threads and budgets, memory within the plan.
// Built twice: over local ranks (tests/unit) and over MPI (tests/mpi).

#include <gtest/gtest.h>

#include <mutex>
#include <set>
#include <thread>

#include "dunlin/transport/local_transport.hpp"
#include "one_run.hpp"
#include "random_graph.hpp"
#include "support/ranks.hpp"
#include "support/watchdog.hpp"

namespace dunlin::test {
namespace {

constexpr unsigned kGraphs = 16;
constexpr int kThreads[] = {1, 2, 4};

std::vector<std::unique_ptr<Executor>> executors() {
  std::vector<std::unique_ptr<Executor>> all;
  for (int threads : kThreads) all.push_back(make_executor(threads));
  all.push_back(make_thread_executor(3));
  return all;
}

std::int64_t chunks_of(const RandomGraph& graph) {
  std::int64_t chunks = 0;
  for (const auto& collected : graph.collected) chunks += collected->grid().count();
  return chunks;
}

/// Checks this rank's chunks, and that all ranks together have each chunk once.
void check(Runner& runner, const RandomGraph& graph, const std::vector<std::vector<double>>& expected) {
  Agreement mine = Agreement::of(Call::setup, 0);
  for (std::size_t k = 0; k < expected.size(); ++k) mine.total[0] += check_collected(*graph.collected[k], expected[k]);
  EXPECT_EQ(runner.transport().agree(mine).total[0], chunks_of(graph));
}

TEST(Run, RandomGraphsYieldWhatPlainLoopsYield) {
  const Watchdog watchdog("random graphs of whole numbers", std::chrono::seconds(240));
  for_ranks([](std::unique_ptr<Transport> ranks) {
    Runner runner(std::move(ranks), make_serial_executor());
    for (auto& executor : executors()) {
      runner.use(std::move(executor));
      for (unsigned seed = 0; seed < kGraphs; ++seed) {
        SCOPED_TRACE("graph " + std::to_string(seed));
        const RandomGraph graph = random_graph(seed, Numbers::whole);
        const auto ended = runner.run(graph.sinks);
        EXPECT_FALSE(ended.failure);
        check(runner, graph, graph.expected);
      }
    }
  });
}

TEST(Run, BitsDoNotDependOnRanksThreadsOrBudget) {
  const Watchdog watchdog("random graphs of fractions", std::chrono::seconds(240));
  std::vector<std::vector<std::vector<double>>> alone;
  for (unsigned seed = 0; seed < kGraphs; ++seed) {
    const RandomGraph graph = random_graph(seed, Numbers::fractions);
    Runner(make_local_transport(), make_serial_executor()).run(graph.sinks);
    auto& whole = alone.emplace_back();
    for (const auto& collected : graph.collected) whole.push_back(whole_of(*collected));
  }
  for_ranks([&](std::unique_ptr<Transport> ranks) {
    Runner runner(std::move(ranks), make_serial_executor());
    for (auto& executor : executors()) {
      runner.use(std::move(executor));
      for (unsigned seed = 0; seed < kGraphs; ++seed)
        for (std::int64_t budget : {std::int64_t{1}, std::int64_t{1} << 40}) {
          SCOPED_TRACE("graph " + std::to_string(seed) + ", budget " + std::to_string(budget));
          const RandomGraph graph = random_graph(seed, Numbers::fractions);
          const auto ended = runner.run(graph.sinks, budget);
          EXPECT_FALSE(ended.failure);
          EXPECT_TRUE(budget > 1 || ended.planned_peak == ended.serial_peak) << "the tightest plan there is";
          check(runner, graph, alone[seed]);
        }
    }
  });
}

TEST(Run, TasksOfUnequalLengthMakeNoDifference) {
  const Watchdog watchdog("delayed tasks");
  for_ranks([](std::unique_ptr<Transport> ranks) {
    Runner runner(std::move(ranks), make_executor(4));
    const ChunkGrid grid = ChunkGrid::regular({40, 6}, {3, 2});
    for (int late : {0, 1, 2}) {  // which rows are slow
      const auto value = [](const Coords& at) { return 1.0 / static_cast<double>(at[0] * 6 + at[1] + 1); };
      const TaskSettings slow{.hook = [late](const ChunkIndex& chunk) {
        if (chunk.at[0] % 3 == late) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }};
      const LayerPtr x = source("x", grid, value, slow), total = summed("total", x, {0});
      const LayerPtr rest = combined("rest", grid, x, straight(2), total, {{1}}, -1);
      auto collected = std::make_shared<Collected>(grid);
      EXPECT_FALSE(runner.run({sink("out", rest, collected)}, 1).failure);
      const auto alone = std::make_shared<Collected>(grid);
      Runner(make_local_transport(), make_serial_executor()).run({sink("out", rest, alone)});
      check_collected(*collected, whole_of(*alone));
    }
  });
}

TEST(Run, SerialKernelsRunOnTheCallersThreadOneAtATime) {
  const Watchdog watchdog("serial kernels");
  for_ranks([](std::unique_ptr<Transport> ranks) {
    Runner runner(std::move(ranks), make_executor(4));
    const auto caller = std::this_thread::get_id();
    std::atomic<int> at_work = 0, seen = 0, elsewhere = 0;
    const TaskSettings serial{.hook =
                                  [&](const ChunkIndex&) {
                                    EXPECT_EQ(++at_work, 1);
                                    EXPECT_EQ(std::this_thread::get_id(), caller);
                                    ++seen;
                                    std::this_thread::sleep_for(std::chrono::microseconds(100));
                                    --at_work;
                                  },
                              .serial = true};
    const TaskSettings free{.hook = [&](const ChunkIndex&) {
      if (std::this_thread::get_id() != caller) ++elsewhere;
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }};
    const ChunkGrid grid = ChunkGrid::regular({64}, {1});
    const auto one = [](const Coords&) { return 1.0; };
    auto collected = std::make_shared<Collected>(grid);
    const LayerPtr both = combined("both", grid, source("serial", grid, one, serial), straight(1),
                                   source("free", grid, one, free), straight(1), 1);
    const auto ended = runner.run({sink("out", both, collected)});
    EXPECT_FALSE(ended.failure);
    EXPECT_EQ(static_cast<std::size_t>(seen), collected->take().size());
    EXPECT_TRUE(runner.size() > 1 || elsewhere > 0) << "other threads work meanwhile";
  });
}

TEST(Run, AGraphWithoutChunksEndsAtOnce) {
  const Watchdog watchdog("empty graphs");
  for_ranks([](std::unique_ptr<Transport> ranks) {
    Runner runner(std::move(ranks), make_executor(2));
    const ChunkGrid empty = ChunkGrid::regular({0, 5}, {2, 2});
    auto collected = std::make_shared<Collected>(empty);
    const LayerPtr x = source("x", empty, [](const Coords&) { return 0.0; });
    EXPECT_FALSE(runner.run({sink("out", scaled("twice", x, 2, 0), collected)}).failure);
    EXPECT_TRUE(collected->take().empty());
    EXPECT_FALSE(runner.run({}).failure);
  });
}

TEST(Run, MoreRanksThanChunksIsAnOrdinaryCase) {
  const Watchdog watchdog("one chunk");
  for_ranks([](std::unique_ptr<Transport> ranks) {
    Runner runner(std::move(ranks), make_executor(2));
    const ChunkGrid point;  // a 0-d array
    auto collected = std::make_shared<Collected>(point);
    const LayerPtr x = source("x", point, [](const Coords&) { return 21.0; });
    const auto ended = runner.run({sink("out", scaled("twice", x, 2, 0), collected)});
    EXPECT_FALSE(ended.failure);
    Agreement mine = Agreement::of(Call::setup, 0);
    mine.total[0] = check_collected(*collected, {42});
    EXPECT_EQ(runner.transport().agree(mine).total[0], 1);
  });
}

TEST(Run, SpansNameLayersThatEndedWithThePlan) {
  const LayerPtr x = source("x", ChunkGrid::regular({4}, {2}), [](const Coords&) { return 1.0; });
  auto collected = std::make_shared<Collected>(x->output().grid);
  Trace trace;
  trace.enable(1);
  {
    const Cluster cluster{.budget_bytes = 1 << 20};
    const LayerPlan plan = LayerPlan::make(LayerGraph::of({sink("out", scaled("twice", x, 2, 0), collected)}), cluster);
    const Schedule schedule = make_schedule(plan, 0);
    const auto transport = make_local_transport();
    const auto executor = make_serial_executor();
    BufferPool pool;
    Counters counters;
    EXPECT_FALSE(run_schedule({plan, schedule, *transport, pool, *executor, trace, counters}));
  }
  std::set<std::string> names;
  for (const TraceEvent& event : trace.events()[0]) names.insert(event.name);
  EXPECT_EQ(names, (std::set<std::string>{"x", "twice", "out"}));
}

}  // namespace
}  // namespace dunlin::test
