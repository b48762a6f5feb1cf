// Reductions: the order of adding is the defined one, bit for bit, whatever the layout of the operands; the error is
// that of pairwise summation; users' mistakes are named.

#include "dunlin/graph/reduction.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "support/graph_layers.hpp"
#include "support/plain_reduction.hpp"

namespace dunlin::test {
namespace {

std::vector<double> doubles(const std::vector<std::byte>& bytes) {
  std::vector<double> values(bytes.size() / sizeof(double));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

std::vector<double> evaluated(const LayerPtr& layer) {
  return doubles(evaluate(LayerGraph::of({capture_sink(layer)})).array(*layer));
}

/// The pattern source `name` of this shape, by position.
std::function<double(const Coords&)> values_of(const std::string& name, const Shape& shape) {
  return [=](const Coords& at) {
    std::int64_t element = 0;
    for (std::size_t a = 0; a < shape.size(); ++a) element = element * shape[a] + at[a];
    return pattern(name, element);
  };
}

struct Case {
  const char* why;
  ChunkGrid grid;
  Coords axes;
};

std::vector<Case> cases() {
  const auto regular = [](const Shape& shape, const Shape& chunk) { return ChunkGrid::regular(shape, chunk); };
  return {
      {"one element", regular({1}, {1}), {0}},
      {"fewer elements than lanes", regular({15}, {15}), {0}},
      {"one per lane", regular({16}, {16}), {0}},
      {"one more than lanes", regular({17}, {17}), {0}},
      {"one short of a block", regular({127}, {127}), {0}},
      {"one block", regular({128}, {128}), {0}},
      {"one more than a block", regular({129}, {129}), {0}},
      {"two blocks: a carry", regular({256}, {256}), {0}},
      {"seven blocks and a bit: every level of the counter", regular({7 * 128 + 5}, {7 * 128 + 5}), {0}},
      {"more than a tile", regular({5000}, {5000}), {0}},
      {"chunks of one", regular({5}, {1}), {0}},
      {"chunks, the last one short", regular({1000}, {300}), {0}},
      {"ragged chunks", ChunkGrid::ragged({{1, 130, 7, 128, 300}}), {0}},
      {"rows", regular({5, 700}, {2, 300}), {1}},
      {"columns", regular({700, 5}, {300, 2}), {0}},
      {"columns, more than fit side by side", regular({150, 1300}, {150, 1300}), {0}},
      {"the middle axis", regular({3, 200, 4}, {2, 150, 3}), {1}},
      {"outer two", regular({30, 20, 3}, {20, 20, 2}), {0, 1}},
      {"inner two", regular({3, 30, 20}, {2, 20, 20}), {1, 2}},
      {"first and last", regular({30, 3, 20}, {20, 2, 15}), {0, 2}},
      {"all axes", regular({30, 3, 20}, {20, 2, 15}), {0, 1, 2}},
      {"all of one chunk", regular({30, 3, 20}, {30, 3, 20}), {0, 1, 2}},
      {"rows of single elements", regular({300, 1}, {300, 1}), {1}},
      {"columns over single elements", regular({1, 300}, {1, 300}), {0}},
      {"many chunks: several combines", regular({70, 3}, {2, 2}), {0}},
      {"many chunks along two axes", regular({18, 22}, {2, 2}), {0, 1}},
  };
}

TEST(Reduction, AddsInTheDefinedOrder) {
  for (const auto& [why, grid, axes] : cases()) {
    SCOPED_TRACE(why);
    const LayerPtr result = reduce(order_reducer(), axes, pattern_source("x", grid));
    EXPECT_EQ(evaluated(result), plain_reduction(order_reducer(), axes, grid, values_of("x", grid.shape())));
    ChunkGrid kept = grid;
    for (std::size_t k = axes.size(); k-- > 0;) kept = kept.without_axis(static_cast<int>(axes[k]));
    EXPECT_EQ(result->output().grid, kept);
  }
}

TEST(Reduction, TakesInTheDefinedOrderWhateverTheProgram) {
  const Reducer reducer = order_reducer();
  for (const auto& [why, grid, axes] : cases()) {
    SCOPED_TRACE(why);
    Program program;
    program.add(kMultiply, std::vector{program.add_input(DType::float64), program.add_input(DType::float64)});
    const LayerPtr result = ReductionLayer::make("r", reducer, axes, program, grid,
                                                 {pattern_source("x", grid), pattern_source("s", ChunkGrid())},
                                                 {straight(grid.rank()), {}});
    const auto x = values_of("x", grid.shape());
    EXPECT_EQ(evaluated(result),
              plain_reduction(reducer, axes, grid, [&](const Coords& at) { return x(at) * pattern("s", 0); }));
  }
}

TEST(Reduction, GivesEqualBitsWhateverTheTypeThatHoldsTheValues) {
  const ChunkGrid grid = ChunkGrid::regular({700, 5}, {300, 2});
  for (const Coords& axes : {Coords{0}, Coords{1}, Coords{0, 1}}) {
    const LayerPtr wide = reduce(order_reducer(), axes, pattern_source("x", grid));
    const LayerPtr narrow = reduce(order_reducer(DType::float32), axes, pattern_source("x", grid, DType::float32));
    EXPECT_EQ(evaluated(wide), evaluated(narrow)) << "pattern values are exact in float32";
  }
}

TEST(Reduction, IsAsExactAsPairwiseSummation) {
  const ChunkGrid grid = ChunkGrid::regular({1 << 18}, {50'000});
  const LayerPtr x = pattern_source("x", grid);
  // Values of one sign that are not short in binary: every addition rounds.
  Program third;
  const Operand value = third.add_input(DType::float64);
  const Operand shifted = third.add(kAdd, std::vector{value, third.add_constant(2.1)});
  third.add(kMultiply, std::vector{shifted, third.add_constant(1.0 / 3)});
  const LayerPtr mean = ReductionLayer::make("m", mean_reducer(), {0}, third, grid, {x}, {straight(1)});
  long double sum = 0;
  for (std::int64_t k = 0; k < 1 << 18; ++k) sum += (pattern("x", k) + 2.1) * (1.0 / 3);
  const auto exact = static_cast<double>(sum / (1 << 18));
  const double error = std::abs(evaluated(mean).at(0) - exact) / exact;
  // 8 additions in a lane, 4 + 11 + 3 pairwise levels, one division: of each at most half a unit in the last place.
  EXPECT_LE(error, 27 * 0x1p-53);
}

TEST(Reduction, OfAxesWithoutElementsIsWhatNothingSeenGives) {
  const std::vector<double> means =
      evaluated(reduce(mean_reducer(), {1}, pattern_source("x", ChunkGrid::regular({3, 0}, {2, 2}))));
  ASSERT_EQ(means.size(), 3u);
  for (double mean : means) EXPECT_TRUE(std::isnan(mean));
}

TEST(Reduction, NeedsFewLayersForManyChunks) {
  const LayerPtr of_many = reduce(mean_reducer(), {0}, pattern_source("x", ChunkGrid::regular({1'000'000'000}, {1})));
  EXPECT_LE(LayerGraph::of({of_many}).size(), 34) << "log2(10^9) combines, a source, a partial and a final";
}

TEST(GroupedReduction, MakesAStateForEachChunkAndGroupThatMeet) {
  // A time step a chunk: as many states as steps, not as steps by groups.
  std::vector<std::int64_t> months;
  for (std::int64_t k = 0; k < 120; ++k) months.push_back(k % 12);
  const LayerPtr mean =
      reduce_grouped(mean_reducer(), 0, months, 12, pattern_source("x", ChunkGrid::regular({120, 4}, {1, 4})));
  const LayerGraph graph = LayerGraph::of({mean});
  EXPECT_EQ(graph.layer(1).output().grid.count(0), 120);
  EXPECT_EQ(mean->output().grid, ChunkGrid::regular({12, 4}, {1, 4}));
  EXPECT_EQ(graph.size(), 7) << "a source, a partial, four combines of ten states a group, a final";
  const std::vector<double> means = evaluated(mean);
  double january = 0;
  for (std::int64_t year = 0; year < 10; ++year) january += pattern("x", year * 12 * 4) / 10;
  EXPECT_NEAR(means.at(0), january, 1e-12);
}

TEST(GroupedReduction, GivesAGroupOfNothingWhatNothingSeenGives) {
  const LayerPtr x = pattern_source("x", ChunkGrid::regular({4}, {2}));
  const std::vector<double> means = evaluated(reduce_grouped(mean_reducer(), 0, {0, 0, 2, -1}, 3, x, 3));
  EXPECT_EQ(means.at(0), (pattern("x", 0) + pattern("x", 1)) / 2);
  EXPECT_TRUE(std::isnan(means.at(1)));
  EXPECT_EQ(means.at(2), pattern("x", 2));
}

TEST(GroupedReduction, NamesLabelsThatDoNotFit) {
  const LayerPtr x = pattern_source("x", ChunkGrid::regular({4}, {2}));
  const auto message = [&](const std::vector<std::int64_t>& labels) -> std::string {
    try {
      reduce_grouped(mean_reducer(), 0, labels, 2, x);
    } catch (const BadLabels& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_EQ(message({0, 1, 0}), "an axis of length 4 got 3 group labels: give one per element");
  EXPECT_EQ(message({0, 1, 2, 0}),
            "label 2 at place 2 is none of 2 groups: labels run from 0 to groups - 1, or are -1 for no group");
  EXPECT_EQ(message({0, 1, 0, -2}),
            "label -2 at place 3 is none of 2 groups: labels run from 0 to groups - 1, or are -1 for no group");
}

}  // namespace
}  // namespace dunlin::test
