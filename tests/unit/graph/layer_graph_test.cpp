// A graph holds each layer once, after its inputs, in an order that all ranks share, and says which layer differs
// first.

#include "dunlin/graph/layer_graph.hpp"

#include <gtest/gtest.h>

#include "support/graph_layers.hpp"

namespace dunlin::test {
namespace {

const ChunkGrid kGrid = ChunkGrid::regular({6}, {2});

TEST(LayerGraph, HoldsEachLayerOnceAfterItsInputs) {
  const LayerPtr x = pattern_source("x", kGrid), y = pattern_source("y", kGrid);
  const LayerPtr sum = apply(kAdd, {x, y}), square = apply(kMultiply, {sum, sum}), both = apply(kAdd, {square, x});
  const LayerPtr first = capture_sink(both), second = capture_sink(y);
  const LayerGraph graph = LayerGraph::of({first, second});
  EXPECT_EQ(graph.layers(), (std::vector<LayerPtr>{x, y, sum, square, both, first, second}));
  EXPECT_EQ(graph.inputs(3), (std::vector<int>{2, 2}));
  EXPECT_EQ(graph.inputs(4), (std::vector<int>{3, 0}));
  ASSERT_EQ(graph.consumers(2).size(), 2u) << "once per use";
  EXPECT_EQ(graph.consumers(2)[1].layer, 3);
  EXPECT_EQ(graph.consumers(2)[1].input, 1);
  EXPECT_EQ(graph.sinks(), (std::vector<int>{5, 6}));
  EXPECT_TRUE(graph.consumers(6).empty());
}

TEST(LayerGraph, OfNothingIsEmpty) {
  const LayerGraph graph = LayerGraph::of({});
  EXPECT_EQ(graph.size(), 0);
  EXPECT_EQ(graph.hash(), Hash128{});
}

TEST(LayerGraph, MayBeDeep) {
  LayerPtr layer = pattern_source("x", kGrid);
  const LayerPtr source = layer;
  for (int k = 0; k < 200'000; ++k) layer = apply(kNegate, {layer});
  EXPECT_EQ(LayerGraph::of({layer}).size(), 200'001);
  layer.reset();  // no recursion as deep as the graph
  EXPECT_EQ(source.use_count(), 1);
}

TEST(LayerGraph, HashesSayWhichLayerDiffersFirst) {
  const auto graph = [](const char* name) {
    const LayerPtr x = pattern_source("x", kGrid), y = pattern_source(name, kGrid);
    return LayerGraph::of({capture_sink(apply(kAdd, {x, y}))});
  };
  const LayerGraph a = graph("y"), b = graph("z");
  EXPECT_EQ(a.hash_until(0), b.hash_until(0));
  EXPECT_EQ(a.hash_until(1), b.hash_until(1)) << "x is alike";
  EXPECT_NE(a.hash_until(2), b.hash_until(2)) << "y is not z";
  EXPECT_NE(a.hash(), b.hash()) << "and all after it differs";
  EXPECT_EQ(a.hash_until(a.size()), a.hash());
}

TEST(LayerGraph, HashesTellHowLayersAreConnected) {
  const LayerPtr x = pattern_source("x", kGrid), y = pattern_source("y", kGrid);
  const LayerPtr sum = apply(kAdd, {x, y});
  EXPECT_NE(LayerGraph::of({apply(kSubtract, {sum, x})}).hash(), LayerGraph::of({apply(kSubtract, {sum, y})}).hash());
  EXPECT_NE(LayerGraph::of({sum}).hash(), LayerGraph::of({x, sum}).hash()) << "x is asked for too";
}

}  // namespace
}  // namespace dunlin::test
