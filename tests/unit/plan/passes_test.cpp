// What each pass makes of a graph, before and after, and that the values stay the same bit for bit.

#include "dunlin/plan/passes.hpp"

#include <gtest/gtest.h>

#include "support/graph_layers.hpp"
#include "support/graph_lines.hpp"

namespace dunlin::test {
namespace {

const ChunkGrid kGrid = ChunkGrid::regular({40, 6}, {9, 4});

/// int16 → float32 with missing values → float64, as decoding does.
LayerPtr decoded(const ChunkGrid& grid = kGrid, const std::string& name = "x") {
  Program program;
  const Operand marker = program.add_constant<std::int16_t>(3);
  program.add(kMask16, std::vector{program.add_input(DType::int16), marker});
  program.add(kWiden, std::vector{Operand{Operand::From::result, 0}});
  return BlockwiseLayer::make("decode", program, grid, {pattern_source(name, grid, DType::int16)},
                              {straight(grid.rank())});
}

LayerPtr anomaly(const LayerPtr& x) {
  const LayerPtr mean = reduce(mean_reducer(), {0}, x);
  return apply(kSubtract, {x, mean}, {straight(2), {{1}}}, x->output().grid);
}

TEST(Simplify, MakesEqualLayersOne) {
  // The same expression written twice, with no layer in common.
  const LayerGraph graph = LayerGraph::of({capture_sink(apply(kAdd, {decoded(), decoded()}))});
  EXPECT_EQ(lines(graph), (Lines{"source x", "blockwise decode 0", "source x", "blockwise decode 2",
                                 "blockwise add 1 3", "sink keep 4"}));
  const LayerGraph simple = simplify(graph);
  EXPECT_EQ(lines(simple), (Lines{"source x", "blockwise decode 0", "blockwise add 1 1", "sink keep 2"}));
  EXPECT_EQ(taken(simple), taken(graph));
  EXPECT_EQ(simplify(simple).hash(), simple.hash()) << "nothing is left to do";
}

TEST(Simplify, KeepsWhatDiffersAndEverySink) {
  const LayerPtr x = pattern_source("x", kGrid), y = pattern_source("y", kGrid);
  const LayerGraph graph = LayerGraph::of({capture_sink(x, "a"), capture_sink(y, "b"), capture_sink(x, "a")});
  EXPECT_EQ(simplify(graph).size(), 5) << "two sinks of one array are two writes, equal or not";
  EXPECT_EQ(simplify(graph).sinks().size(), 3u);
}

TEST(Simplify, RechunksOnceFromTheFirstGridToTheLast) {
  const LayerPtr x = pattern_source("x", kGrid);
  const ChunkGrid last = ChunkGrid::regular({40, 6}, {40, 1});
  const LayerGraph graph =
      LayerGraph::of({capture_sink(rechunk(rechunk(rechunk(x, ChunkGrid::regular({40, 6}, {5, 5})), kGrid), last))});
  const LayerGraph simple = simplify(graph);
  EXPECT_EQ(lines(simple), (Lines{"source x", "rechunk rechunk 0", "sink keep 1"}));
  EXPECT_EQ(simple.layer(1).output().grid, last);
  EXPECT_EQ(taken(simple), taken(graph));
}

TEST(Simplify, DropsRechunksThatChangeNothing) {
  const LayerPtr x = pattern_source("x", ChunkGrid::regular({4, 6}, {9, 4}));
  const auto with = [&](const ChunkGrid& grid) { return simplify(LayerGraph::of({capture_sink(rechunk(x, grid))})); };
  const Lines without{"source x", "sink keep 0"};
  EXPECT_EQ(lines(with(x->output().grid)), without);
  EXPECT_EQ(lines(with(ChunkGrid::regular({4, 6}, {4, 4}))), without) << "chunks of 9 of 4 are chunks of 4";
  EXPECT_EQ(lines(with(ChunkGrid::ragged({{4}, {4, 2}}))), without) << "said otherwise";
  EXPECT_EQ(with(ChunkGrid::ragged({{4}, {2, 4}})).size(), 3);
  const LayerPtr there_and_back = rechunk(rechunk(x, ChunkGrid::single({4, 6})), x->output().grid);
  EXPECT_EQ(lines(simplify(LayerGraph::of({capture_sink(there_and_back)}))), without);
}

TEST(Simplify, DoesNotTakeAnOperationOnWhatADroppedRechunkLeftForThatItself) {
  // −(−x): between the two lies a rechunk that goes, and the outer one must not be shared with the inner.
  const LayerPtr x = pattern_source("x", kGrid), negated = apply(kNegate, {x});
  const LayerGraph graph = LayerGraph::of({capture_sink(apply(kNegate, {rechunk(negated, kGrid)}))});
  const LayerGraph simple = simplify(graph);
  EXPECT_EQ(simple.size(), 4);
  EXPECT_EQ(taken(simple), taken(graph));
}

TEST(Fuse, MovesDecodingIntoTheMeanAndTheSubtraction) {
  const LayerGraph graph = LayerGraph::of({capture_sink(anomaly(decoded()))});
  EXPECT_EQ(lines(graph), (Lines{"source x", "blockwise decode 0", "reduction mean: partial 1",
                                 "reduction mean: combine 2", "reduction mean: combine 3", "reduction mean: combine 4",
                                 "reduction mean 5", "blockwise subtract 1 6", "sink keep 7"}));
  const LayerGraph fused = fuse(graph);
  EXPECT_EQ(lines(fused), (Lines{"source x", "reduction decode + mean: partial 0", "reduction mean: combine 1",
                                 "reduction mean: combine 2", "reduction mean: combine 3", "reduction mean 4",
                                 "blockwise decode + subtract 0 5", "sink keep 6"}));
  EXPECT_EQ(taken(fused), taken(graph));
  EXPECT_EQ(fuse(fused).hash(), fused.hash());
}

TEST(Fuse, JoinsChainsAndReadsEqualOperandsOnce) {
  const LayerPtr x = pattern_source("x", kGrid), y = pattern_source("y", kGrid);
  const LayerPtr sum = apply(kAdd, {x, y}), difference = apply(kSubtract, {x, y});
  const LayerGraph graph = LayerGraph::of({capture_sink(apply(kNegate, {apply(kMultiply, {sum, difference})}))});
  const LayerGraph fused = fuse(graph);
  ASSERT_EQ(fused.size(), 4) << "two sources, one pass, a sink";
  EXPECT_EQ(fused.inputs(2), (std::vector<int>{0, 1}));
  EXPECT_EQ(taken(fused), taken(graph));
}

TEST(Fuse, LooksThroughTransposedOperands) {
  const ChunkGrid square = ChunkGrid::regular({7, 7}, {3, 3});
  const LayerPtr x = pattern_source("x", square), w = pattern_source("w", ChunkGrid::regular({7}, {3}));
  const LayerPtr weighted = apply(kMultiply, {x, w}, {straight(2), {{1}}}, square);
  const LayerPtr turned = apply(kAdd, {x, weighted}, {straight(2), {{1, 0}}}, square);
  const LayerGraph graph = LayerGraph::of({capture_sink(turned)}), fused = fuse(graph);
  ASSERT_EQ(fused.size(), 4);
  const auto& layer = dynamic_cast<const BlockwiseLayer&>(fused.layer(2));
  EXPECT_EQ(layer.maps(), (std::vector<OperandMap>{{{0, 1}}, {{1, 0}}, {{0}}}));
  EXPECT_EQ(taken(fused), taken(graph));
}

TEST(Fuse, LeavesWhatIsDearOrRepeatedToBeComputedOnce) {
  const LayerPtr x = pattern_source("x", kGrid), row = pattern_source("row", ChunkGrid::regular({6}, {4}));
  const LayerGraph dear = LayerGraph::of({capture_sink(apply(kNegate, {apply(kDearAdd, {x, x})}))});
  EXPECT_EQ(fuse(dear).hash(), dear.hash());
  const LayerGraph repeated =
      LayerGraph::of({capture_sink(apply(kAdd, {x, apply(kNegate, {row})}, {straight(2), {{1}}}, kGrid))});
  EXPECT_EQ(fuse(repeated).hash(), repeated.hash());
  const LayerGraph kept = LayerGraph::of({capture_sink(rechunk(apply(kNegate, {x}), ChunkGrid::single({40, 6})))});
  EXPECT_EQ(fuse(kept).hash(), kept.hash()) << "a rechunk takes nothing in";
}

TEST(Fuse, EndsWithProgramsOfBoundedLength) {
  LayerPtr x = pattern_source("x", kGrid);
  for (int k = 0; k < 500; ++k) x = apply(kNegate, {x});
  const LayerGraph graph = LayerGraph::of({capture_sink(x)}), fused = fuse(graph);
  EXPECT_LT(fused.size(), 25);
  EXPECT_GT(fused.size(), 10);
  EXPECT_EQ(taken(fused), taken(graph));
}

Cluster cluster_of(std::int64_t budget, int ranks = 1) {
  return {.ranks = ranks, .threads = 1, .budget_bytes = budget};
}

TEST(Choose, ReadsASourceAgainForALaterStage) {
  const LayerGraph graph = fuse(LayerGraph::of({capture_sink(anomaly(decoded()))}));
  const LayerGraph again = choose(graph, cluster_of(0));
  EXPECT_EQ(lines(again), (Lines{"source x again", "source x", "reduction decode + mean: partial 1",
                                 "reduction mean: combine 2", "reduction mean: combine 3", "reduction mean: combine 4",
                                 "reduction mean 5", "blockwise decode + subtract 0 6", "sink keep 7"}));
  EXPECT_EQ(taken(again), taken(graph));
  EXPECT_EQ(choose(again, cluster_of(0)).hash(), again.hash()) << "each reading serves one stage";
}

TEST(Choose, HoldsWhatFitsUnlessReadingAgainIsCheaper) {
  const ChunkGrid grid = ChunkGrid::regular({400, 6}, {10, 6});
  const std::int64_t all = 400 * 6 * 8, window = 12 * 10 * 6 * 8;  // bytes: six chunks for each of two workers
  struct Case {
    const char* why;
    double decoding;  // operations per byte
    int ranks;
    std::int64_t budget, node_memory;
    bool held;
  };
  const std::vector<Case> cases = {
      {"it does not fit", 10, 1, all / 2 + window, 0, false},
      {"half of it fits on each of two ranks", 10, 2, all / 2 + window, 0, true},
      {"a byte less does not", 10, 2, all / 2 + window - 1, 0, false},
      {"it fits and is dear to decode", 10, 1, 1000 * all, 1000 * all, true},
      {"it is cheap to read, and so small that the file cache has it", 0, 1, 1000 * all, 1000 * all, false},
      {"it is cheap to read, but larger than that", 0, 1, 1000 * all, 7 * all, true},
      {"it is cheap to read, of a memory that is not known", 0, 1, 1000 * all, 0, true},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.why);
    const LayerGraph graph =
        LayerGraph::of({capture_sink(anomaly(pattern_source("x", grid, DType::float64, c.decoding)))});
    Cluster cluster = cluster_of(c.budget, c.ranks);
    cluster.node_memory_bytes = c.node_memory;
    EXPECT_EQ(choose(graph, cluster).size(), graph.size() + (c.held ? 0 : 1));
  }
}

TEST(Choose, LeavesASourceOfOneStageAlone) {
  const LayerPtr x = pattern_source("x", kGrid);
  const LayerGraph graph = LayerGraph::of({capture_sink(apply(kAdd, {x, apply(kNegate, {x})}))});
  EXPECT_EQ(choose(graph, cluster_of(0)).hash(), graph.hash());
}

TEST(Choose, LeavesPagesAlone) {
  const LayerPtr x = paged_source("x", kGrid, {2, 1});
  const LayerGraph graph = LayerGraph::of({capture_sink(anomaly(x))});
  const LayerGraph again = choose(graph, cluster_of(0));
  ASSERT_EQ(again.size(), graph.size() + 1) << "x again, its pages not";
  int aids = 0;
  for (int k = 0; k < again.size(); ++k) aids += is_aid(again, k);
  EXPECT_EQ(aids, 1);
  EXPECT_EQ(again.consumers(0).size(), 2u) << "both readings use the same pages";
  EXPECT_EQ(taken(again), taken(graph));
}

}  // namespace
}  // namespace dunlin::test
