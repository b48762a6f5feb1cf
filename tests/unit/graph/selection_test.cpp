// Selections: what a plain loop over indices takes, in natural chunks or given ones; elements that are not there are
// named; parts are as small as what is taken.

#include "dunlin/graph/selection.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "support/graph_layers.hpp"

namespace dunlin::test {
namespace {

ChunkGrid grid_of(const ChunkGrid& grid, const AxisSelection& selection) {
  return SelectionLayer::grid_of(grid, {selection});
}

TEST(AxisSelection, OfASelectionTakesWhatBothTakeInTurn) {
  const AxisSelection list = AxisSelection::list({9, 9, 0, 4, 7});
  const auto range = &AxisSelection::range;
  struct Case {
    const char* why;
    AxisSelection inner, outer, both;
  };
  const std::vector<Case> cases = {
      {"ranges", range(3, 2, 10), range(8, -3, 3), range(19, -6, 3)},
      {"of a list", list, range(0, 2, 3), AxisSelection::list({9, 0, 7})},
      {"a list of a range", range(20, -1, 20), AxisSelection::list({0, 5, 5}), AxisSelection::list({20, 15, 15})},
      {"a list that steps evenly is a range", list, AxisSelection::list({2, 3}), range(0, 4, 2)},
      {"everything", list, AxisSelection::all(5), list},
      {"nothing", list, range(7, 3, 0), range(0, 1, 0)},
      {"one element", list, range(4, 5, 1), range(7, 1, 1)},
  };
  for (const Case& c : cases) EXPECT_EQ(compose(c.inner, c.outer), c.both) << c.why;
  EXPECT_EQ(list.cut(1, 4), AxisSelection::list({9, 0, 4}));
  EXPECT_EQ(list.cut(2, 4), range(0, 4, 2));
  EXPECT_EQ(range(5, -2, 3).cut(1, 3), range(3, -2, 2));
  EXPECT_EQ(list.moved(-1), AxisSelection::list({8, 8, -1, 3, 6}));
}

TEST(Selection, KeepsThePiecesOfTheInputsChunks) {
  const ChunkGrid grid = ChunkGrid::regular({10}, {4});
  const auto range = &AxisSelection::range;
  EXPECT_EQ(grid_of(grid, range(1, 3, 3)), ChunkGrid::ragged({{1, 2}})) << "1 | 4 7";
  EXPECT_EQ(grid_of(grid, range(8, -2, 5)), ChunkGrid::ragged({{1, 2, 2}})) << "8 | 6 4 | 2 0";
  EXPECT_EQ(grid_of(grid, range(0, 2, 5)), ChunkGrid::regular({5}, {2})) << "regular where it can be";
  EXPECT_EQ(grid_of(grid, range(0, 9, 2)), ChunkGrid::regular({2}, {1})) << "chunk 1 is stepped over";
  EXPECT_EQ(grid_of(grid, range(3, 1, 0)), ChunkGrid::regular({0}, {1})) << "nothing has no chunks";
  EXPECT_EQ(grid_of(grid, AxisSelection::all(10)), grid);
}

TEST(Selection, CutsAListIntoChunksAsLongAsTheInputsLongest) {
  const ChunkGrid grid = ChunkGrid::ragged({{1, 4, 2}});
  EXPECT_EQ(grid_of(grid, AxisSelection::list({6, 6, 0, 1, 5, 2})), ChunkGrid::regular({6}, {4}));
}

TEST(Selection, OfALongAxisTakesNoTimeByChunks) {
  const ChunkGrid grid = ChunkGrid::regular({1'000'000'000'000}, {10});
  EXPECT_EQ(grid_of(grid, AxisSelection::range(500, 1, 999'999'999'000)), ChunkGrid::regular({999'999'999'000}, {10}));
}

TEST(Selection, AsksForWhatLiesBetweenTheOutermostElementsOnly) {
  const LayerPtr x = pattern_source("x", ChunkGrid::regular({100, 100}, {50, 100}));
  const auto some = SelectionLayer::make("s", x, {AxisSelection::range(95, -10, 9), AxisSelection::list({7, 3, 90})});
  EXPECT_EQ(some->part(0, {{0, 0}}, {{1, 0}}), (Box{{55, 3}, {96, 91}}));
  EXPECT_EQ(some->part(0, {{1, 0}}, {{0, 0}}), (Box{{15, 3}, {46, 91}}));
}

TEST(Selection, NamesAnElementThatIsNotThere) {
  const LayerPtr x = pattern_source("x", ChunkGrid::regular({5, 8}, {2, 2}));
  const auto along_1 = [&](const AxisSelection& selection) {
    return SelectionLayer::make("s", x, {AxisSelection::all(5), selection});
  };
  try {
    along_1(AxisSelection::list({0, 8}));
    FAIL() << "element 8 of 8 was taken";
  } catch (const BadSelection& error) {
    EXPECT_EQ(error.axis, 1);
    EXPECT_EQ(error.element, 8);
    EXPECT_STREQ(error.what(),
                 "element 8 of axis 1 was selected, which has length 8: elements run from 0 to length - 1");
  }
  EXPECT_THROW(along_1(AxisSelection::range(0, 2, 5)), BadSelection);
  EXPECT_THROW(along_1(AxisSelection::range(1, -1, 3)), BadSelection);
  EXPECT_NO_THROW(along_1(AxisSelection::range(100, 3, 0))) << "nothing is everywhere";
  EXPECT_THROW(
      SelectionLayer::make("s", x, {AxisSelection::all(5), AxisSelection::all(8)}, ChunkGrid::regular({5, 7}, {2, 2})),
      UsageError);
}

TEST(Selection, FollowsItsInputWhereItLiesAlongIt) {
  const LayerPtr x = pattern_source("x", ChunkGrid::regular({100, 100}, {10, 20}));
  const auto leads = [&](const AxisSelection& rows, const AxisSelection& columns) {
    const Alignment alignment = SelectionLayer::make("s", x, {rows, columns})->alignment();
    return alignment.input == 0;
  };
  const AxisSelection all = AxisSelection::all(100);
  EXPECT_TRUE(leads(all, all));
  EXPECT_TRUE(leads(AxisSelection::range(0, 2, 50), all)) << "every other row lies where the rows lie";
  EXPECT_TRUE(leads(AxisSelection::range(5, 1, 95), all));
  EXPECT_FALSE(leads(AxisSelection::range(99, -1, 100), all)) << "turned round";
  EXPECT_FALSE(leads(AxisSelection::range(0, 1, 50), all)) << "half of the ranks would do nothing";
  EXPECT_FALSE(leads(AxisSelection::range(5, 1, 1), all)) << "the ranks of one row of chunks would do all";
}

AxisSelection draw(std::int64_t length) {
  if (*rc::gen::arbitrary<bool>())
    return AxisSelection::list(
        *rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(0, length)));
  const auto start = *rc::gen::inRange<std::int64_t>(0, length);
  const auto step = *rc::gen::element<std::int64_t>(1, 1, 2, 3, 7, -1, -2, -5);
  const std::int64_t most = step > 0 ? (length - 1 - start) / step + 1 : start / -step + 1;
  return AxisSelection::range(start, step, *rc::gen::inRange<std::int64_t>(0, most + 1));
}

RC_GTEST_PROP(Selection, TakesWhatALoopOverIndicesTakes, ()) {
  const auto rank = *rc::gen::inRange<std::size_t>(1, 4);
  Shape shape, chunk, selected, chunks;
  std::vector<AxisSelection> selections;
  for (std::size_t a = 0; a < rank; ++a) {
    shape.push_back(*rc::gen::inRange<std::int64_t>(1, rank == 1 ? 60 : 14));
    chunk.push_back(*rc::gen::inRange<std::int64_t>(1, 9));
    chunks.push_back(*rc::gen::inRange<std::int64_t>(1, 9));
    selections.push_back(draw(shape[a]));
    selected.push_back(selections[a].count());
  }
  const LayerPtr x = pattern_source("x", ChunkGrid::regular(shape, chunk));
  const auto layer = *rc::gen::arbitrary<bool>()
                         ? SelectionLayer::make("s", x, selections)
                         : SelectionLayer::make("s", x, selections, ChunkGrid::regular(selected, chunks));
  RC_ASSERT(layer->output().grid.shape() == selected);
  const std::vector<std::byte> bytes = evaluate(LayerGraph::of({capture_sink(layer)})).array(*layer);
  const auto* taken = reinterpret_cast<const double*>(bytes.data());
  ChunkBox{Coords(rank, 0), selected}.for_each([&](const ChunkIndex& at) {
    std::int64_t element = 0;
    for (std::size_t a = 0; a < rank; ++a) element = element * shape[a] + selections[a].at(at.at[a]);
    RC_ASSERT(*taken++ == pattern("x", element));
  });
}

}  // namespace
}  // namespace dunlin::test
