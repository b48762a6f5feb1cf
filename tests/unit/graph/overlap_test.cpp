// Halos: every boundary as NumPy's pad gives it, whatever the chunks; depths that an axis cannot give are named; only
// the halo of a neighbour is asked for.

#include "dunlin/graph/overlap.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "dunlin/graph/function_kernel.hpp"
#include "support/graph_layers.hpp"
#include "support/user_layers.hpp"

namespace dunlin::test {
namespace {

std::vector<double> doubles(const std::vector<std::byte>& bytes) {
  const auto* first = reinterpret_cast<const double*>(bytes.data());
  return {first, first + bytes.size() / sizeof(double)};
}

/// A source of 0, 1, 2, …
LayerPtr counting(const ChunkGrid& grid) {
  const auto count = [grid](const TaskRun& task) {
    const Box box = grid.box(task.chunk);
    auto* out = reinterpret_cast<double*>(task.output.data());
    for (std::int64_t k = 0; k < box.count(); ++k) *out++ = static_cast<double>(box.begin[0] + k);
  };
  return SourceLayer::make("count", ValueSpec{DType::float64, grid}, std::make_shared<FunctionKernel>(count), "count");
}

std::vector<std::vector<double>> chunks_of(const LayerPtr& layer) {
  const Evaluation values = evaluate(LayerGraph::of({capture_sink(layer)}));
  std::vector<std::vector<double>> chunks;
  for (const auto& bytes : values.chunks.at(layer.get())) chunks.push_back(doubles(bytes));
  return chunks;
}

TEST(Overlap, GivesWhatItsHeaderShows) {
  const LayerPtr x = counting(ChunkGrid::regular({7}, {3}));
  const auto with = [&](const Boundary& boundary) { return chunks_of(OverlapLayer::make("h", x, {{1, 1, boundary}})); };
  using Chunks = std::vector<std::vector<double>>;
  EXPECT_EQ(with({Boundary::none}), (Chunks{{0, 1, 2, 3}, {2, 3, 4, 5, 6}, {5, 6}}));
  EXPECT_EQ(with({Boundary::periodic}), (Chunks{{6, 0, 1, 2, 3}, {2, 3, 4, 5, 6}, {5, 6, 0}}));
  EXPECT_EQ(with({Boundary::reflect}), (Chunks{{1, 0, 1, 2, 3}, {2, 3, 4, 5, 6}, {5, 6, 5}}));
  EXPECT_EQ(with({Boundary::nearest}), (Chunks{{0, 0, 1, 2, 3}, {2, 3, 4, 5, 6}, {5, 6, 6}}));
  EXPECT_EQ(with(Boundary::of(-1.0)), (Chunks{{-1, 0, 1, 2, 3}, {2, 3, 4, 5, 6}, {5, 6, -1}}));
}

TEST(Overlap, TakesSeveralNeighboursWhereItIsDeep) {
  const LayerPtr x = counting(ChunkGrid::regular({6}, {1}));
  EXPECT_EQ(chunks_of(OverlapLayer::make("h", x, {{5, 0, {Boundary::reflect}}}))[1],
            (std::vector<double>{4, 3, 2, 1, 0, 1}));
  EXPECT_EQ(chunks_of(OverlapLayer::make("h", x, {{6, 6, {Boundary::periodic}}}))[0],
            (std::vector<double>{0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5, 0}));
}

TEST(Overlap, AsksForTheHaloOfANeighbourOnly) {
  const LayerPtr x = pattern_source("x", ChunkGrid::regular({100, 100}, {50, 100}));
  const auto halo = OverlapLayer::make("h", x, {{2, 3, {}}, {}});
  EXPECT_EQ(halo->part(0, {{0, 0}}, {{1, 0}}), (Box{{50, 0}, {53, 100}}));
  EXPECT_EQ(halo->part(0, {{1, 0}}, {{0, 0}}), (Box{{48, 0}, {50, 100}}));
  EXPECT_EQ(halo->part(0, {{1, 0}}, {{1, 0}}), (Box{{50, 0}, {100, 100}}));
}

TEST(Overlap, KeepsRegularChunksRegularUnlessItClips) {
  const ChunkGrid grid = ChunkGrid::regular({1'000'000'000'000}, {10});
  EXPECT_EQ(OverlapLayer::grid_of(grid, {{1, 2, {Boundary::periodic}}}), ChunkGrid::regular({1'300'000'000'000}, {13}));
  EXPECT_EQ(OverlapLayer::grid_of(ChunkGrid::regular({7}, {3}), {{1, 1, {}}}), ChunkGrid::ragged({{4, 5, 2}}));
}

TEST(Overlap, NamesADepthThatAnAxisCannotGive) {
  const LayerPtr x = pattern_source("x", ChunkGrid::regular({8, 5}, {4, 5}));
  const auto make = [&](const Halo& halo) { return OverlapLayer::make("h", x, {{}, halo}); };
  try {
    make({6, 0, {Boundary::periodic}});
    FAIL() << "a periodic axis of 5 has no 6 elements before it";
  } catch (const BadHalo& error) {
    EXPECT_EQ(error.axis, 1);
    EXPECT_EQ(error.depth, 6);
    EXPECT_STREQ(error.what(),
                 "a halo of 6 elements along axis 1 of length 5 cannot be periodic: take at most the axis itself");
  }
  EXPECT_THROW(make({0, 5, {Boundary::reflect}}), BadHalo) << "the outermost element is not repeated";
  EXPECT_THROW(make({-1, 0, {}}), BadHalo);
  EXPECT_NO_THROW(make({5, 5, {Boundary::periodic}}));
  EXPECT_NO_THROW(make({4, 4, {Boundary::reflect}}));
  EXPECT_NO_THROW(make({50, 50, {Boundary::nearest}}));
  EXPECT_THROW(OverlapLayer::make("h", positives(x), {{}, {1, 1, {}}}), UnknownExtent) << "sizes that only a run tells";
}

/// Where position `at` of an axis of n with a boundary comes from; −1: a constant.
std::int64_t source_of(std::int64_t at, std::int64_t n, Boundary::Kind kind) {
  if (at >= 0 && at < n) return at;
  switch (kind) {
    case Boundary::periodic:
      return (at + n) % n;
    case Boundary::reflect:
      return at < 0 ? -at : 2 * (n - 1) - at;
    case Boundary::nearest:
      return at < 0 ? 0 : n - 1;
    default:
      return -1;
  }
}

RC_GTEST_PROP(Overlap, EqualsPaddingElementByElement, ()) {
  const auto rank = *rc::gen::inRange<std::size_t>(1, 4);
  Shape shape, chunk;
  std::vector<Halo> halos;
  for (std::size_t a = 0; a < rank; ++a) {
    shape.push_back(*rc::gen::inRange<std::int64_t>(1, 9));
    chunk.push_back(*rc::gen::inRange<std::int64_t>(1, 6));
    Halo halo{.boundary = {*rc::gen::element(Boundary::none, Boundary::periodic, Boundary::reflect, Boundary::nearest,
                                             Boundary::constant)}};
    if (halo.boundary.kind == Boundary::constant) halo.boundary = Boundary::of(static_cast<double>(a) + 100);
    const std::int64_t most = halo.boundary.kind == Boundary::reflect ? shape[a] - 1 : shape[a];
    halo.before = *rc::gen::inRange<std::int64_t>(0, most + 1);
    halo.after = *rc::gen::inRange<std::int64_t>(0, most + 1);
    halos.push_back(halo);
  }
  const ChunkGrid grid = ChunkGrid::regular(shape, chunk);
  const auto layer = OverlapLayer::make("h", pattern_source("x", grid), halos);
  const auto chunks = chunks_of(layer);
  grid.all().for_each([&](const ChunkIndex& index) {
    Box reach = grid.box(index);
    for (std::size_t a = 0; a < rank; ++a) {
      reach.begin[a] -= halos[a].before;
      reach.end[a] += halos[a].after;
      if (halos[a].boundary.kind == Boundary::none)
        reach.begin[a] = std::max<std::int64_t>(reach.begin[a], 0), reach.end[a] = std::min(reach.end[a], shape[a]);
    }
    std::vector<double> expected;
    ChunkBox{reach.begin, reach.end}.for_each([&](const ChunkIndex& at) {
      std::int64_t element = 0;
      double constant = 0;
      for (std::size_t a = 0; a < rank; ++a) {
        const std::int64_t from = source_of(at.at[a], shape[a], halos[a].boundary.kind);
        if (from < 0) constant = static_cast<double>(a) + 100;
        element = element * shape[a] + from;
      }
      expected.push_back(constant > 0 ? constant : pattern("x", element));
    });
    RC_ASSERT(chunks[static_cast<std::size_t>(grid.ordinal(index))] == expected);
    RC_ASSERT(layer->output().grid.box(index).shape() == reach.shape());
  });
}

}  // namespace
}  // namespace dunlin::test
