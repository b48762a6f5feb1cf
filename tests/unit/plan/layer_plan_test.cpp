// What all ranks plan alike: who leads whom, what is needed, where values must go, and keys that stay cheap however the
// graph is woven.

#include "dunlin/plan/layer_plan.hpp"

#include <gtest/gtest.h>

#include "dunlin/plan/schedule.hpp"
#include "support/graph_layers.hpp"

namespace dunlin::test {
namespace {

const Cluster kFour{.ranks = 4, .threads = 1, .budget_bytes = 1 << 20};

/// Owners of a layer's chunks, in order.
std::vector<int> owners(const LayerPlan& plan, int layer) {
  std::vector<int> ranks;
  plan.graph().layer(layer).output().grid.all().for_each(
      [&](const ChunkIndex& chunk) { ranks.push_back(plan.partition(layer).owner(chunk)); });
  return ranks;
}

int layer_named(const LayerPlan& plan, const std::string& name) {
  for (int k = plan.graph().size() - 1; k >= 0; --k)
    if (plan.graph().layer(k).name() == name) return k;
  throw std::logic_error("no layer " + name);
}

TEST(LayerPlan, LetsTheLargestOperandLeadTheOthersFollow) {
  const LayerPtr small = pattern_source("small", ChunkGrid::regular({6}, {2}));
  const LayerPtr large = pattern_source("large", ChunkGrid::regular({8, 6}, {2, 2}));
  const LayerPlan plan = LayerPlan::of_rewritten(
      LayerGraph::of({capture_sink(apply(kAdd, {small, large}, {{{1}}, straight(2)}, large->output().grid))}), kFour);
  EXPECT_EQ(owners(plan, layer_named(plan, "add")), owners(plan, layer_named(plan, "large")));
  EXPECT_EQ(owners(plan, layer_named(plan, "keep")), owners(plan, layer_named(plan, "large")));
}

TEST(LayerPlan, SpreadsWhatIsLargerThanItsOperands) {
  const LayerPtr a = pattern_source("a", ChunkGrid::regular({2}, {2})),
                 b = pattern_source("b", ChunkGrid::regular({8}, {1}));
  const LayerPtr outer = apply(kMultiply, {a, b}, {{{0}}, {{1}}}, ChunkGrid::regular({2, 8}, {2, 1}));
  const LayerPtr filled =
      apply(kNegate, {pattern_source("one", ChunkGrid())}, {OperandMap{}}, ChunkGrid::regular({8}, {1}));
  const LayerPlan plan = LayerPlan::of_rewritten(LayerGraph::of({capture_sink(outer), capture_sink(filled)}), kFour);
  EXPECT_EQ(plan.partition(layer_named(plan, "multiply")).used_ranks(), 4);
  EXPECT_EQ(plan.partition(layer_named(plan, "negate")).used_ranks(), 4) << "one value fills an array on all ranks";
}

TEST(LayerPlan, PutsManySmallArraysOnDifferentRanks) {
  std::vector<LayerPtr> sinks;
  for (int k = 0; k < 8; ++k) {
    const std::string name = "v" + std::to_string(k);
    sinks.push_back(capture_sink(pattern_source(name, ChunkGrid::single({5})), name));
  }
  const LayerPlan plan = LayerPlan::make(LayerGraph::of(sinks), kFour);
  std::vector<int> used(4, 0);
  for (int k = 0; k < 8; ++k)
    ++used[static_cast<std::size_t>(owners(plan, layer_named(plan, "v" + std::to_string(k)))[0])];
  EXPECT_EQ(used, (std::vector<int>{2, 2, 2, 2}));
}

TEST(LayerPlan, PutsOneRankLayersWhereTheirKeySays) {
  const LayerPtr x = one_rank_source("x", ChunkGrid::regular({8}, {2}), 7);
  const LayerPlan plan = LayerPlan::make(LayerGraph::of({capture_sink_on_rank_0(x)}), kFour);
  EXPECT_EQ(owners(plan, 0), (std::vector<int>{3, 3, 3, 3})) << "7 modulo 4";
  EXPECT_EQ(owners(plan, 1), (std::vector<int>{0, 0, 0, 0}));
}

std::vector<RankSet> deliveries(const LayerPlan& plan, int layer, const ChunkIndex& chunk) {
  std::vector<RankSet> sets;
  std::vector<ChunkBox> scratch;
  plan.deliveries(layer, chunk, sets, scratch);
  return sets;
}

TEST(Deliveries, GoToWhoeverNeedsAValueAndToNobodyElse) {
  const LayerPtr x = pattern_source("x", ChunkGrid::regular({8, 3}, {1, 3}));
  const LayerPtr mean = reduce(mean_reducer(), {0}, x);
  const LayerPlan plan = LayerPlan::of_rewritten(
      LayerGraph::of({capture_sink(apply(kSubtract, {x, mean}, {straight(2), {{1}}}, x->output().grid))}), kFour);
  const auto of_mean = deliveries(plan, layer_named(plan, "mean"), {{0}});
  ASSERT_EQ(of_mean.size(), 1u);
  EXPECT_EQ(of_mean[0].size(), 4) << "every rank subtracts it";
  EXPECT_TRUE(deliveries(plan, layer_named(plan, "x"), {{5, 0}}).empty()) << "its owner alone";
  EXPECT_TRUE(deliveries(plan, layer_named(plan, "keep"), {{5, 0}}).empty()) << "nobody";
}

TEST(Deliveries, OfSeveralConsumersAreOneWhereOneHoldsTheOther) {
  const LayerPtr x = pattern_source("x", ChunkGrid::regular({8, 3}, {1, 3})),
                 w = pattern_source("w", ChunkGrid::single({3}));
  const auto weighted = [&](const OpDescriptor& op) {
    return capture_sink(apply(op, {x, w}, {straight(2), {{1}}}, x->output().grid));
  };
  const LayerPlan plan =
      LayerPlan::of_rewritten(LayerGraph::of({weighted(kAdd), weighted(kSubtract), capture_sink(w)}), kFour);
  EXPECT_EQ(deliveries(plan, layer_named(plan, "w"), {{0}}).size(), 1u);
}

TEST(TaskKey, OrdersByStageTimeLayerAndChunk) {
  const TaskKey key{.stage = 1, .layer = 1, .time = 1, .ordinal = 1};
  EXPECT_LT(key, (TaskKey{.stage = 2, .layer = 0, .time = 0, .ordinal = 0}));
  EXPECT_LT(key, (TaskKey{.stage = 1, .layer = 0, .time = 2, .ordinal = 0}));
  EXPECT_LT(key, (TaskKey{.stage = 1, .layer = 2, .time = 1, .ordinal = 0}));
  EXPECT_LT(key, (TaskKey{.stage = 1, .layer = 1, .time = 1, .ordinal = 2}));
  EXPECT_FALSE(key < key);
}

TEST(TaskKey, TakesFewStepsWhereManyPathsJoin) {
  // 2^80 paths lead from the last layer to the source: whoever walked them would not return.
  const ChunkGrid coarse = ChunkGrid::regular({24}, {6}), fine = ChunkGrid::regular({24}, {4});
  LayerPtr x = pattern_source("x", coarse);
  for (int k = 0; k < 80; ++k) x = apply(kDearAdd, {x, rechunk(rechunk(x, fine), coarse)});
  const LayerPlan plan = LayerPlan::of_rewritten(LayerGraph::of({capture_sink(x)}), kFour);
  std::int64_t tasks = 0;
  for (int rank = 0; rank < 4; ++rank) tasks += make_schedule(plan, rank).tasks;
  EXPECT_EQ(tasks, 4 + 80 * (4 + 6 + 4) + 4);
}

TEST(TaskKey, OfPagesOfPagesStandBeforeWhatNeedsThem) {
  const ChunkGrid grid = ChunkGrid::regular({64}, {1});
  const LayerPtr pages = paged_source("pages", page_grid(grid, {4}), {4});
  const LayerPlan plan =
      LayerPlan::of_rewritten(LayerGraph::of({capture_sink(paged_source("x", grid, {4}, pages))}), kFour);
  for (std::int64_t k = 0; k < 64; ++k) {
    const TaskKey chunk = plan.key(2, {{k}}), page = plan.key(1, {{k / 4}}), outer = plan.key(0, {{k / 16}});
    EXPECT_LT(page, chunk);
    EXPECT_LT(outer, page);
  }
}

}  // namespace
}  // namespace dunlin::test
