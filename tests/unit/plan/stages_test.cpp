// Stages: what waits for a whole reduction comes after it, as little as possible is held between, and parts that share
// nothing large follow one another.

#include <gtest/gtest.h>

#include <map>

#include "dunlin/plan/passes.hpp"
#include "support/graph_layers.hpp"

namespace dunlin::test {
namespace {

const ChunkGrid kGrid = ChunkGrid::regular({40, 6}, {9, 4});

LayerPtr anomaly(const LayerPtr& x, const Coords& axes, const OperandMap& map) {
  return apply(kSubtract, {x, reduce(mean_reducer(), axes, x)}, {straight(2), map}, x->output().grid);
}

/// Stages by layer name; layers of one name lie in one stage here.
std::map<std::string, int> stages(const LayerGraph& graph) {
  std::map<std::string, int> found;
  const std::vector<int> stage = stages_of(graph);
  for (int k = 0; k < graph.size(); ++k) found[graph.layer(k).name()] = stage[k];
  return found;
}

TEST(Stages, PutWhatWaitsForAWholeReductionAfterIt) {
  EXPECT_EQ(stages(LayerGraph::of({capture_sink(anomaly(pattern_source("x", kGrid), {0}, {{1}}))})),
            (std::map<std::string, int>{
                {"x", 0}, {"mean: partial", 0}, {"mean: combine", 0}, {"mean", 0}, {"subtract", 1}, {"keep", 1}}));
}

TEST(Stages, AreOneWhereEveryChunkHasItsOwnMean) {
  const LayerPtr x = pattern_source("x", ChunkGrid::regular({40, 6}, {40, 4}));
  for (const auto& [name, stage] : stages(LayerGraph::of({capture_sink(anomaly(x, {0}, {{1}}))})))
    EXPECT_EQ(stage, 0) << name;
}

TEST(Stages, AreAsManyAsReductionsThatWaitForOneAnother) {
  LayerPtr x = pattern_source("x", kGrid);
  for (int k = 0; k < 4; ++k) x = anomaly(x, {0}, {{1}});
  const LayerGraph graph = LayerGraph::of({capture_sink(x)});
  EXPECT_EQ(stages_of(graph).back(), 4);
}

TEST(Stages, AreAsLateAsConsumersAllow) {
  const LayerPtr x = pattern_source("x", kGrid), late = pattern_source("late", kGrid);
  const LayerPtr result = apply(kAdd, {anomaly(x, {0}, {{1}}), late});
  EXPECT_EQ(stages(LayerGraph::of({capture_sink(result)})).at("late"), 1) << "not held during the reduction";
}

TEST(Stages, OfPagesAreThoseOfTheFirstSourceThatNeedsThem) {
  const LayerPtr x = paged_source("x", kGrid, {2, 1});
  const LayerGraph graph = LayerGraph::of({capture_sink(anomaly(x, {0}, {{1}}))});
  EXPECT_EQ(stages(graph).at("pages of x"), 0);
  EXPECT_TRUE(is_aid(graph, 0));
  EXPECT_FALSE(is_aid(graph, 1));
}

TEST(Parts, ThatShareNothingFollowOneAnother) {
  const LayerPtr x = pattern_source("x", kGrid), y = pattern_source("y", kGrid);
  const LayerGraph graph = LayerGraph::of({capture_sink(anomaly(x, {0}, {{1}})), capture_sink(anomaly(y, {0}, {{1}}))});
  const std::vector<int> part = parts_of(graph), stage = stages_of(graph);
  EXPECT_EQ(part[static_cast<std::size_t>(graph.sinks()[0])], 0);
  EXPECT_EQ(part[static_cast<std::size_t>(graph.sinks()[1])], 1);
  EXPECT_EQ(stage[static_cast<std::size_t>(graph.sinks()[0])], 1);
  EXPECT_EQ(stage[static_cast<std::size_t>(graph.sinks()[1])], 3) << "y's two stages come after x's";
}

TEST(Parts, AreOneWhereALargeValueIsShared) {
  const LayerPtr x = pattern_source("x", ChunkGrid::regular({1000, 1000}, {100, 1000}));
  const LayerGraph large = LayerGraph::of({capture_sink(apply(kNegate, {x})), capture_sink(apply(kAdd, {x, x}))});
  EXPECT_EQ(parts_of(large), (std::vector<int>{0, 0, 0, 0, 0}));
  const LayerPtr w = pattern_source("w", kGrid);  // a common weight ties nothing together
  const LayerGraph small = LayerGraph::of({capture_sink(apply(kNegate, {w})), capture_sink(apply(kAdd, {w, w}))});
  EXPECT_EQ(parts_of(small), (std::vector<int>{0, 0, 0, 1, 1})) << "and belongs to the first";
}

}  // namespace
}  // namespace dunlin::test
