// Layers of user code and joined arrays: chunks of any length, values of any form, lists of tasks with arguments in
// their own order.

#include <gtest/gtest.h>

#include "dunlin/graph/concatenation.hpp"
#include "dunlin/graph/function_kernel.hpp"
#include "dunlin/graph/partition.hpp"
#include "support/graph_layers.hpp"
#include "support/user_layers.hpp"

namespace dunlin::test {
namespace {

std::vector<double> evaluated(const LayerPtr& layer) {
  const std::vector<std::byte> bytes = evaluate(LayerGraph::of({capture_sink(layer)})).array(*layer);
  const auto* first = reinterpret_cast<const double*>(bytes.data());
  return {first, first + bytes.size() / sizeof(double)};
}

TEST(Map, ComputesOverHalosAndDropsThem) {
  const LayerPtr x = pattern_source("x", ChunkGrid::regular({3, 10}, {2, 4}));
  const std::vector<double> sums = evaluated(windowed(x, {{1, 1, {}}, {1, 1, {Boundary::periodic}}}));
  for (std::int64_t row = 0; row < 3; ++row)
    for (std::int64_t column = 0; column < 10; ++column) {
      double expected = 0;
      for (std::int64_t k : {9, 0, 1}) expected += pattern("x", row * 10 + (column + k) % 10);
      EXPECT_EQ(sums[static_cast<std::size_t>(row * 10 + column)], expected) << row << ", " << column;
    }
}

TEST(Map, MakesValuesWhoseSizeOnlyTheRunTells) {
  const LayerPtr x = pattern_source("x", ChunkGrid::regular({40}, {8})), kept = positives(x);
  EXPECT_FALSE(kept->output().is_exact());
  EXPECT_TRUE(kept->output().grid.has_unknown());
  const Evaluation values = evaluate(LayerGraph::of({capture_sink(kept)}));
  std::vector<double> all;
  for (const auto& bytes : values.chunks.at(kept.get()))
    for (std::size_t k = 0; k < bytes.size(); k += 8) all.push_back(*reinterpret_cast<const double*>(&bytes[k]));
  std::vector<double> expected;
  for (std::int64_t k = 0; k < 40; ++k)
    if (pattern("x", k) > 0) expected.push_back(pattern("x", k));
  EXPECT_EQ(all, expected);
}

TEST(Map, NamesChunksThatDoNotFit) {
  const LayerPtr x = pattern_source("x", ChunkGrid::regular({6}, {2}));
  const auto kernel = std::make_shared<FunctionKernel>([](const TaskRun&) {});
  try {
    MapLayer::make("m", kernel, ValueSpec{DType::float64, ChunkGrid::regular({8}, {2})}, {x}, {straight(1)}, "", "");
    FAIL() << "3 chunks were mapped to 4";
  } catch (const UsageError& error) {
    EXPECT_STREQ(error.what(),
                 "input 0 of a map has 3 chunks along its axis 0, the output has 4 along axis 0: there must be equally "
                 "many, or one; rechunk the input first");
  }
  ValueSpec inexact{DType::float64, ChunkGrid::regular({6}, {2})};
  inexact.expected_bytes = 5;
  EXPECT_THROW(MapLayer::make("m", kernel, inexact, {x}, {straight(1)}, "", ""), InternalError)
      << "a kernel that fills needs to know how much";
}

TEST(Map, IsToldFromOthersByItsCodeAndItsKey) {
  const LayerPtr x = pattern_source("x", ChunkGrid::regular({6}, {2}));
  const auto hash = [&](const char* code, const char* key) {
    const auto kernel = std::make_shared<FunctionKernel>([](const TaskRun&) {});
    return value_hash(*MapLayer::make("m", kernel, x->output(), {x}, {straight(1)}, code, key));
  };
  EXPECT_EQ(hash("f", "1"), hash("f", "1"));
  EXPECT_NE(hash("f", "1"), hash("g", "1"));
  EXPECT_NE(hash("f", "1"), hash("f", "2"));
}

TEST(Concatenation, JoinsChunksOneAfterTheOther) {
  const LayerPtr a = pattern_source("a", ChunkGrid::regular({5, 4}, {2, 3}));
  const LayerPtr b = pattern_source("b", ChunkGrid::regular({3, 4}, {2, 3}));
  const auto joined = ConcatenateLayer::make("j", {a, b}, 0);
  EXPECT_EQ(joined->output().grid.shape(), (Shape{8, 4}));
  EXPECT_EQ(joined->output().grid.count(0), 5);
  const std::vector<double> values = evaluated(joined);
  for (std::int64_t k = 0; k < 32; ++k)
    EXPECT_EQ(values[static_cast<std::size_t>(k)], k < 20 ? pattern("a", k) : pattern("b", k - 20));
  EXPECT_EQ(joined->input_of({{2, 0}}), 0);
  EXPECT_EQ(joined->input_of({{3, 0}}), 1);
  EXPECT_EQ(joined->chunk_within({{3, 1}}), (ChunkIndex{{0, 1}}));
}

TEST(Concatenation, IsRegularWhereItsArraysEndWithWholeChunks) {
  const auto grid = [](const std::vector<ChunkGrid>& grids) {
    std::vector<LayerPtr> inputs;
    for (const ChunkGrid& one : grids) inputs.push_back(pattern_source("x", one));
    return ConcatenateLayer::grid_of(inputs, 0);
  };
  const auto regular = [](std::int64_t length, std::int64_t chunk) { return ChunkGrid::regular({length}, {chunk}); };
  EXPECT_EQ(grid({regular(6, 3), regular(9, 3), regular(2, 3)}), regular(17, 3));
  EXPECT_EQ(grid({regular(1, 1), regular(1, 1), regular(1, 1)}), regular(3, 1)) << "a time step a file";
  EXPECT_EQ(grid({regular(1, 9), regular(1, 9)}), regular(2, 1)) << "chunks longer than their axis";
  EXPECT_EQ(grid({regular(5, 3), regular(3, 3)}), ChunkGrid::ragged({{3, 2, 3}}));
  EXPECT_EQ(grid({regular(3, 3), regular(4, 4)}), ChunkGrid::ragged({{3, 4}}));
  EXPECT_EQ(grid({regular(0, 3), regular(4, 2)}), regular(4, 2));
}

TEST(Concatenation, NamesWhatDoesNotFit) {
  const auto x = [](const Shape& shape, DType type = DType::float64) {
    return pattern_source("x", ChunkGrid::regular(shape, Shape(shape.size(), 2)), type);
  };
  try {
    ConcatenateLayer::make("j", {x({4, 4}), x({4, 5})}, 0);
    FAIL() << "rows of two lengths were joined";
  } catch (const UsageError& error) {
    EXPECT_STREQ(error.what(),
                 "array 1 of shape (4, 5) in chunks of 2 x 2 cannot be joined to one of shape (4, 4) in chunks of 2 x "
                 "2: along axis 1 lengths and chunks must agree; rechunk it first");
  }
  EXPECT_THROW(ConcatenateLayer::make("j", {x({4}), x({4}, DType::float32)}, 0), UsageError);
  EXPECT_THROW(ConcatenateLayer::make("j", {x({4}), x({4, 4})}, 0), UsageError);
}

TEST(Tasks, GetTheirArgumentsInTheirOwnOrder) {
  const LayerPtr x = pattern_source("x", ChunkGrid::regular({4}, {1})), y = pattern_source("y", ChunkGrid());
  std::vector<std::vector<double>> seen;
  const auto kernel = std::make_shared<FunctionKernel>(
      [&](const TaskRun& task) {
        seen.emplace_back();
        for (const ChunkView& view : task.inputs)
          seen.back().push_back(*reinterpret_cast<const double*>(view.bytes().data()));
        *task.made = Value(task.pool->allocate(1));
        *const_cast<std::byte*>(task.made->data()) = std::byte{0};
      },
      FunctionTraits{.makes = true});
  const auto at = [](int input, std::int64_t chunk) { return ExplicitTask::Argument{input, ChunkOrdinal{chunk}}; };
  const LayerPtr tasks =
      ExplicitLayer::make("t", {{{at(0, 3), at(1, 0), at(0, 0), at(0, 3)}, kernel, "a"}, {{}, kernel, "b"}}, {x, y}, 1);
  evaluate(LayerGraph::of({tasks}));
  const double x0 = pattern("x", 0), x3 = pattern("x", 3), y0 = pattern("y", 0);
  EXPECT_EQ(seen, (std::vector<std::vector<double>>{{x3, y0, x0, x3}, {}}));
}

TEST(Tasks, AnswerBlocksInMergedRuns) {
  const LayerPtr x = pattern_source("x", ChunkGrid::regular({100, 10}, {1, 1}));
  std::vector<std::vector<ExplicitTask::Argument>> arguments;
  for (std::int64_t k = 0; k < 1000; ++k) arguments.push_back({{0, ChunkOrdinal{k}}});
  const LayerPtr tasks = digest_tasks(arguments, {x});
  std::vector<ChunkBox> blocks;
  tasks->feeds(0, x->output().grid.all(), blocks);
  EXPECT_EQ(blocks, (std::vector<ChunkBox>{{{0}, {1000}}}));
  blocks.clear();
  tasks->needs(0, {{7}, {13}}, blocks);
  EXPECT_EQ(blocks, (std::vector<ChunkBox>{{{0, 7}, {1, 10}}, {{1, 0}, {2, 3}}}));
}

TEST(Tasks, NameAChunkThatTheirInputDoesNotHave) {
  const LayerPtr x = pattern_source("x", ChunkGrid::regular({4}, {1}));
  try {
    digest_tasks({{}, {{0, ChunkOrdinal{4}}}}, {x});
    FAIL() << "chunk 4 of 4 was taken";
  } catch (const UsageError& error) {
    EXPECT_STREQ(error.what(), "task 1 of 'tasks' takes chunk 4 of 'x', which has 4 chunks: they are numbered from 0");
  }
}

TEST(Tasks, AreToldApartByTheirArgumentsAndRanks) {
  const LayerPtr x = pattern_source("x", ChunkGrid::regular({4}, {1}));
  const auto hash = [&](std::int64_t chunk, std::shared_ptr<const Partition> ranks) {
    return value_hash(*digest_tasks({{{0, ChunkOrdinal{chunk}}}, {}}, {x}, std::move(ranks)));
  };
  const auto on = [](int rank) {
    return std::make_shared<Partition>(Partition::on_one_rank(ChunkGrid::regular({2}, {1}), 3, rank));
  };
  EXPECT_EQ(hash(0, nullptr), hash(0, nullptr));
  EXPECT_NE(hash(0, nullptr), hash(1, nullptr));
  EXPECT_NE(hash(0, nullptr), hash(0, on(1)));
  EXPECT_NE(hash(0, on(2)), hash(0, on(1)));
  EXPECT_EQ(digest_tasks({{}, {}}, {}, on(1))->alignment().fixed->owner({{1}}), 1);
}

}  // namespace
}  // namespace dunlin::test
