// What does not fit at once is done in rounds: as few as fit, each reading what it needs, every chunk written once.

#include <gtest/gtest.h>

#include <set>

#include "dunlin/graph/sink.hpp"
#include "dunlin/plan/explain.hpp"
#include "dunlin/plan/passes.hpp"
#include "support/graph_layers.hpp"
#include "support/graph_lines.hpp"

namespace dunlin::test {
namespace {

constexpr std::int64_t kLength = 512, kBytes = kLength * kLength * 8;
const ChunkGrid kRows = ChunkGrid::regular({kLength, kLength}, {8, kLength});
const ChunkGrid kColumns = ChunkGrid::regular({kLength, kLength}, {kLength, 8});

Cluster cluster_of(std::int64_t budget, int ranks) { return {.ranks = ranks, .threads = 1, .budget_bytes = budget}; }

/// Rows of x + 1 as columns.
LayerGraph turned(const LayerPtr& x, const std::string& identity = "kept") {
  return LayerGraph::of({capture_sink(rechunk(apply(kNegate, {x}), kColumns), identity)});
}

std::int64_t least_bytes(const LayerPlan& plan) {
  std::int64_t most = 0;
  for (int rank = 0; rank < plan.cluster().ranks; ++rank)
    most = std::max(most, make_schedule(plan, rank).least_bytes());
  return most;
}

/// The columns that each sink of a graph writes, in its order; fails where one is written twice.
std::vector<std::int64_t> columns_of(const LayerGraph& graph) {
  std::vector<std::int64_t> columns;
  for (int sink : graph.sinks()) {
    const Layer& layer = graph.layer(sink);
    layer.output().grid.all().for_each(
        [&](const ChunkIndex& chunk) { columns.push_back(layer.chunk_of_whole(chunk).at[1]); });
  }
  return columns;
}

TEST(Rounds, MakeRowsColumnsInAnEighthOfTheArray) {
  for (const bool selects : {true, false})
    for (int ranks : {1, 2, 4}) {
      SCOPED_TRACE(std::to_string(ranks) + (selects ? " ranks" : " ranks, whole chunks"));
      const Cluster cluster = cluster_of(kBytes / 8, ranks);
      const LayerGraph graph = turned(selects ? pattern_source("x", kRows) : whole_source("x", kRows));
      const LayerGraph simple = fuse(push_selections(simplify(graph)));
      EXPECT_GT(least_bytes(LayerPlan::of_rewritten(choose(simple, cluster), cluster)), cluster.budget_bytes);
      const LayerPlan plan = LayerPlan::make(graph, cluster);
      EXPECT_LE(least_bytes(plan), cluster.budget_bytes);
      EXPECT_GE(plan.graph().sinks().size(), 2u);
      std::vector<std::int64_t> all;
      for (std::int64_t column = 0; column < kColumns.count(1); ++column) all.push_back(column);
      EXPECT_EQ(columns_of(plan.graph()), all) << "every column is written once";
      std::int64_t read = 0;
      for (int rank = 0; rank < ranks; ++rank) read += make_schedule(plan, rank).read_bytes;
      EXPECT_EQ(read, selects ? kBytes : kBytes * static_cast<std::int64_t>(plan.graph().sinks().size()))
          << "a source that makes parts is read once in all";
    }
}

TEST(Rounds, LeaveEveryValueAsItIs) {
  const LayerGraph graph = turned(whole_source("x", kRows));
  const LayerGraph after = in_rounds(fuse(simplify(graph)), cluster_of(kBytes / 4, 1));
  const Evaluation whole = evaluate(graph), parts = evaluate(after);
  const std::vector<std::vector<std::byte>>& columns = whole.chunks.at(graph.layer(graph.sinks()[0]).inputs()[0].get());
  ASSERT_GE(after.sinks().size(), 2u);
  for (int sink : after.sinks()) {
    const Layer& layer = after.layer(sink);
    layer.output().grid.all().for_each([&](const ChunkIndex& chunk) {
      const auto ordinal = static_cast<std::size_t>(layer.output().grid.ordinal(chunk));
      EXPECT_EQ(parts.chunks.at(layer.inputs()[0].get())[ordinal],
                columns[static_cast<std::size_t>(layer.chunk_of_whole(chunk).at[1])]);
    });
  }
}

TEST(Rounds, FollowOneAnother) {
  const Cluster cluster = cluster_of(kBytes / 8, 2);
  const LayerPlan plan = LayerPlan::make(turned(whole_source("x", kRows)), cluster);
  int last = -1;
  for (int sink : plan.graph().sinks()) {
    EXPECT_GT(plan.stage(sink), last);
    last = plan.stage(sink);
  }
}

TEST(Rounds, AreToldByExplain) {
  const LayerPlan plan = LayerPlan::make(turned(pattern_source("x", kRows)), cluster_of(kBytes / 8, 1));
  const std::string rounds = "in " + std::to_string(plan.graph().sinks().size()) + " rounds";
  EXPECT_NE(explain_text(plan, {}).find(rounds), std::string::npos) << explain_text(plan, {});
  EXPECT_NE(explain_json(plan, {}).find("\"rounds\":\"" + rounds + ": 1\""), std::string::npos);
}

TEST(Rounds, AreOnlyMadeOfWhatDoesNotFit) {
  const LayerGraph fits = fuse(simplify(turned(pattern_source("x", kRows))));
  EXPECT_EQ(in_rounds(fits, cluster_of(4 * kBytes, 1)).hash(), fits.hash());
  // Nothing but all rows in one chunk: rounds of one chunk each do not help.
  const LayerPtr x = pattern_source("x", kRows);
  const LayerGraph one = LayerGraph::of({capture_sink(rechunk(x, ChunkGrid::single({kLength, kLength})))});
  EXPECT_EQ(in_rounds(one, cluster_of(kBytes / 8, 1)).hash(), one.hash());
  // Of two variables the one that does not fit.
  const LayerPtr y = pattern_source("y", kRows);
  const LayerGraph both = LayerGraph::of({capture_sink(y, "y"), capture_sink(rechunk(x, kColumns), "x")});
  const LayerGraph after = in_rounds(both, cluster_of(kBytes / 8, 1));
  EXPECT_GT(after.sinks().size(), 2u);
  EXPECT_EQ(dynamic_cast<const SinkLayer&>(after.layer(after.sinks()[0])).rounds(), 1) << "the first is y's, as before";
  EXPECT_EQ(dynamic_cast<const SinkLayer&>(after.layer(after.sinks()[1])).round(), 0);
}

TEST(Rounds, ShareWhatIsSmall) {
  const LayerPtr x = pattern_source("x", kRows);
  const LayerPtr mean = reduce(mean_reducer(), {1}, x);
  const LayerPtr anomaly = apply(kSubtract, {x, mean}, {straight(2), {{0}}}, kRows);
  const LayerGraph graph = fuse(simplify(LayerGraph::of({capture_sink(rechunk(anomaly, kColumns))})));
  const LayerGraph after = in_rounds(graph, cluster_of(kBytes / 4, 1));
  ASSERT_GE(after.sinks().size(), 2u);
  int partials = 0;
  for (const LayerPtr& layer : after.layers()) partials += layer->name().find("partial") != std::string::npos;
  EXPECT_EQ(partials, 1) << "the mean is made once";
}

}  // namespace
}  // namespace dunlin::test
