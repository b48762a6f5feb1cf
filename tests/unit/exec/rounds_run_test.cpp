// An array that is eight times the budget of all ranks is turned from rows to columns: refused at once, done in rounds.

#include <gtest/gtest.h>

#include <atomic>

#include "dunlin/plan/explain.hpp"
#include "dunlin/plan/passes.hpp"
#include "dunlin/transport/local_transport.hpp"
#include "one_run.hpp"
#include "support/ranks.hpp"
#include "support/test_layers.hpp"
#include "support/watchdog.hpp"

namespace dunlin::test {
namespace {

constexpr std::int64_t kLength = 1024, kBytes = kLength * kLength * 8;

double value_at(const Coords& at) { return static_cast<double>(at[0] * 1000 + at[1]) / 7; }

TEST(Rounds, TurnRowsToColumnsInAnEighthOfTheArray) {
  const Watchdog watchdog("rounds", std::chrono::seconds(120));
  const ChunkGrid rows = ChunkGrid::regular({kLength, kLength}, {4, kLength});
  const ChunkGrid columns = ChunkGrid::regular({kLength, kLength}, {kLength, 4});
  for (int ranks : {1, 2, 4}) {
    const std::int64_t budget = kBytes / 8 / ranks;  // of a rank
    std::atomic<std::int64_t> written = 0, reads = 0;
    for_local_ranks(ranks, [&](std::unique_ptr<Transport> transport) {
      Runner runner(std::move(transport), make_executor(2));
      const LayerPtr x = source("x", rows, &value_at, {.hook = [&](const ChunkIndex&) { ++reads; }});
      const auto collected = std::make_shared<Collected>(columns);
      const LayerPtr out = sink("out", rechunked("turn", scaled("twice", x, 2, 1), columns), collected,
                                {.hook = [&](const ChunkIndex& chunk) {
                                  EXPECT_EQ(chunk.at[0], 0);
                                  ++written;
                                }});
      const Cluster cluster{.ranks = ranks, .threads = 2, .budget_bytes = budget};
      const LayerGraph at_once = choose(fuse(push_selections(simplify(LayerGraph::of({out})))), cluster);
      EXPECT_GT(make_schedule(LayerPlan::of_rewritten(at_once, cluster), runner.rank()).least_bytes(), budget);

      const LayerPlan plan = LayerPlan::make(LayerGraph::of({out}), cluster);
      const std::string rounds = "in " + std::to_string(plan.graph().sinks().size()) + " rounds";
      EXPECT_NE(explain_text(plan, {}).find(rounds), std::string::npos);
      const auto ended = runner.run({out}, budget);
      EXPECT_FALSE(ended.failure);
      EXPECT_LE(ended.serial_peak, budget);
      EXPECT_LE(ended.planned_peak, budget);
      for (const auto& [chunk, values] : collected->take()) {
        const Box box = columns.box(chunk);
        ASSERT_EQ(values.size(), static_cast<std::size_t>(box.count()));
        for (std::int64_t k = 0; k < box.count(); ++k) {
          const Coords at{k / 4, box.begin[1] + k % 4};
          ASSERT_EQ(values[static_cast<std::size_t>(k)], 2 * value_at(at) + 1);
        }
      }
    });
    EXPECT_EQ(written, columns.count()) << "every chunk once";
    EXPECT_EQ(reads % rows.count(), 0);
    EXPECT_GE(reads, 2 * rows.count()) << "this source makes whole chunks, and is read again in each round";
  }
}

TEST(Rounds, AFailureNamesTheChunkThatTheUsersGraphKnows) {
  const ChunkGrid rows = ChunkGrid::regular({kLength, kLength}, {4, kLength});
  const ChunkGrid columns = ChunkGrid::regular({kLength, kLength}, {kLength, 4});
  Runner runner(make_local_transport(), make_serial_executor());
  const auto collected = std::make_shared<Collected>(columns);
  const LayerPtr out = sink("out", rechunked("turn", source("x", rows, &value_at), columns), collected,
                            {.hook = [](const ChunkIndex& chunk) {
                              if (chunk.at[1] == 40) throw std::runtime_error("this one");
                            }});
  const auto ended = runner.run({out}, kBytes / 8);
  ASSERT_TRUE(ended.failure);
  EXPECT_EQ(ended.failure->layer, "out");
  EXPECT_EQ(ended.failure->chunk, "(0, 40)");
}

}  // namespace
}  // namespace dunlin::test
