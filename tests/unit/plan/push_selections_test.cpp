// Selections on their way to the sources, before and after, and that the values stay the same bit for bit.

#include <gtest/gtest.h>

#include "dunlin/graph/concatenation.hpp"
#include "dunlin/graph/overlap.hpp"
#include "dunlin/graph/selection.hpp"
#include "dunlin/plan/passes.hpp"
#include "dunlin/plan/schedule.hpp"
#include "support/graph_layers.hpp"
#include "support/graph_lines.hpp"

namespace dunlin::test {
namespace {

const ChunkGrid kGrid = ChunkGrid::regular({40, 6}, {9, 4});

AxisSelection range(std::int64_t start, std::int64_t step, std::int64_t count) {
  return AxisSelection::range(start, step, count);
}

LayerPtr select(const LayerPtr& of, std::vector<AxisSelection> selections) {
  return SelectionLayer::make("select", of, std::move(selections));
}

/// The pass over a graph of one sink; the values are compared.
LayerGraph pushed(const LayerPtr& of) {
  const LayerGraph graph = simplify(LayerGraph::of({capture_sink(of)})), after = push_selections(graph);
  EXPECT_EQ(taken(after), taken(graph));
  EXPECT_TRUE(of->output().grid.count() == 0 ||
              same_chunks(after.layer(after.sinks()[0]).output().grid, of->output().grid));
  EXPECT_EQ(push_selections(after).hash(), after.hash()) << "nothing is left to do";
  return after;
}

TEST(PushSelections, GoIntoASourceThatMakesParts) {
  const LayerPtr x = pattern_source("x", kGrid);
  const LayerGraph after = pushed(select(x, {range(5, 2, 10), range(5, -1, 6)}));
  EXPECT_EQ(lines(after), (Lines{"source x", "sink keep 0"}));
  EXPECT_EQ(after.layer(0).output().grid.shape(), (Shape{10, 6}));
}

TEST(PushSelections, ReadOnlyWhatIsSelected) {
  const LayerPtr x = pattern_source("x", ChunkGrid::regular({1000, 100}, {100, 100}));
  const auto read = [](const LayerPtr& of) {
    const LayerPlan plan = LayerPlan::make(LayerGraph::of({capture_sink(of)}), {.budget_bytes = 1 << 30});
    return make_schedule(plan, 0).read_bytes;
  };
  const LayerPtr sum = apply(kAdd, {x, x});
  EXPECT_EQ(read(sum), 1000 * 100 * 8);
  EXPECT_EQ(read(select(sum, {range(150, 1, 20), range(3, 1, 1)})), 20 * 8);
  EXPECT_EQ(read(select(sum, {range(0, 10, 100), AxisSelection::all(100)})), 100 * 100 * 8);
}

TEST(PushSelections, GoThroughTransposedAndRepeatedOperands) {
  // x (7, 5) turned; w (5) along one axis; one (1, 1) repeated along both.
  const ChunkGrid grid = ChunkGrid::regular({7, 5}, {3, 2}), turned = ChunkGrid::regular({5, 7}, {2, 3});
  const LayerPtr x = pattern_source("x", grid), w = pattern_source("w", ChunkGrid::regular({5}, {2})),
                 one = pattern_source("one", ChunkGrid::single({1, 1}));
  const LayerPtr sum = apply(kWeigh, {x, w, one}, {{{1, 0}}, {{0}}, {{0, 1}}}, turned);
  const LayerGraph after = pushed(select(sum, {range(4, -2, 2), range(1, 3, 2)}));
  EXPECT_EQ(lines(after), (Lines{"source x", "source w", "source one", "blockwise weigh 0 1 2", "sink keep 3"}));
  EXPECT_EQ(after.layer(0).output().grid.shape(), (Shape{2, 2}));
  EXPECT_EQ(after.layer(1).output().grid.shape(), (Shape{2}));
  EXPECT_EQ(after.layer(2).output().grid.shape(), (Shape{1, 1})) << "what has one element is repeated as before";
}

TEST(PushSelections, GoThroughAxesThatAnOperandHasNot) {
  const LayerPtr w = pattern_source("w", ChunkGrid::regular({6}, {4}));
  const LayerPtr wide = apply(kNegate, {w}, {{{1}}}, ChunkGrid::regular({1000, 6}, {10, 4}));
  const LayerGraph after = pushed(select(wide, {range(17, 1, 3), range(2, 1, 1)}));
  EXPECT_EQ(lines(after), (Lines{"source w", "blockwise negate 0", "sink keep 1"}));
  EXPECT_EQ(after.layer(0).output().grid.shape(), (Shape{1}));
}

TEST(PushSelections, LeaveOnlyTheJoinedArraysThatAreMet) {
  std::vector<LayerPtr> parts;
  for (int k = 0; k < 4; ++k) parts.push_back(pattern_source("x" + std::to_string(k), kGrid));
  const LayerPtr joined = ConcatenateLayer::make("join", parts, 0);
  const auto after = [&](const AxisSelection& rows) {
    return lines(pushed(select(joined, {rows, AxisSelection::all(6)})));
  };
  EXPECT_EQ(after(range(85, 1, 10)), (Lines{"source x2", "sink keep 0"})) << "one array is not joined";
  EXPECT_EQ(after(range(40, 1, 40)), (Lines{"source x1", "sink keep 0"})) << "one of them, whole";
  EXPECT_EQ(after(range(30, 1, 60)),
            (Lines{"source x0", "source x1", "source x2", "concatenation join 0 1 2", "sink keep 3"}));
  EXPECT_EQ(after(range(120, -100, 2)), (Lines{"source x3", "source x0", "concatenation join 0 1", "sink keep 2"}))
      << "backwards";
  EXPECT_EQ(after(range(0, 1, 0)), (Lines{"source x0", "sink keep 0"})) << "nothing is taken";
  EXPECT_EQ(after(AxisSelection::list({0, 50, 1, 51, 2, 52, 3, 53, 4, 54})).size(), 7u)
      << "back and forth: the arrays stay joined";
}

TEST(PushSelections, BecomeOneWithOthersAndWithRechunks) {
  const LayerPtr x = whole_source("x", kGrid);
  const ChunkGrid rows = ChunkGrid::regular({40, 6}, {1, 6});
  const LayerPtr inner = select(rechunk(x, rows), {range(30, -2, 15), AxisSelection::list({5, 0, 3, 3})});
  const LayerPtr outer = select(inner, {range(1, 3, 5), AxisSelection::list({2, 1})});
  const LayerGraph after = pushed(rechunk(outer, ChunkGrid::single({5, 2})));
  EXPECT_EQ(lines(after), (Lines{"source x", "selection select 0", "rechunk select 1", "sink keep 2"}))
      << "a small part is first taken where it lies";
  const auto& layer = dynamic_cast<const SelectionLayer&>(after.layer(1));
  EXPECT_EQ(layer.selections()[0], range(28, -6, 5));
  EXPECT_EQ(layer.selections()[1], range(3, -3, 2)) << "elements 3 and 0";
  EXPECT_EQ(lines(pushed(select(select(x, {range(39, -1, 40), range(0, 1, 6)}), {range(39, -1, 40), range(0, 1, 6)}))),
            (Lines{"source x", "sink keep 0"}))
      << "turned twice is not turned";
}

TEST(PushSelections, LeaveOutTheChunksBetweenThoseThatAreMet) {
  const LayerPtr x = whole_source("x", ChunkGrid::regular({1000}, {10}));
  const LayerGraph after = pushed(select(apply(kNegate, {x}), {range(5, 100, 10)}));
  EXPECT_EQ(lines(after), (Lines{"source x", "selection select 0", "blockwise negate 1", "sink keep 2"}));
  EXPECT_EQ(after.layer(0).output().grid.count(), 10) << "not 91";
  EXPECT_EQ(pushed(select(x, {AxisSelection::list({995, 3, 4, 500})})).layer(0).output().grid.count(), 3);
  const LayerPtr pages = paged_source("p", ChunkGrid::regular({1000}, {10}), {3});
  EXPECT_EQ(pushed(select(pages, {AxisSelection::list({995, 3, 4, 500})})).layer(1).output().grid.count(), 3);
}

TEST(PushSelections, DoNotMakeWhatIsMadeAnyway) {
  const LayerPtr x = pattern_source("x", kGrid);
  const auto both = [&](const LayerPtr& value) {
    const LayerPtr part = select(value, {range(0, 1, 10), AxisSelection::all(6)});
    const LayerGraph graph = simplify(LayerGraph::of({capture_sink(value, "a"), capture_sink(part, "b")}));
    const LayerGraph after = push_selections(graph);
    EXPECT_EQ(taken(after), taken(graph));
    return lines(after);
  };
  EXPECT_EQ(both(x), (Lines{"source x", "sink keep 0", "selection select 0", "sink keep 2"})) << "it is read once";
  EXPECT_EQ(both(apply(kDearAdd, {x, x})),
            (Lines{"source x", "blockwise dear add 0 0", "sink keep 1", "selection select 1", "sink keep 3"}))
      << "it is computed once";
  EXPECT_EQ(both(apply(kNegate, {x})), (Lines{"source x", "blockwise negate 0", "sink keep 1", "selection select 0",
                                              "blockwise negate 3", "sink keep 4"}))
      << "a negation is cheaper than a value kept";
}

TEST(PushSelections, OfOneArrayAreReadApartOnlyWhereTheyShareNoChunk) {
  const LayerPtr x = pattern_source("x", kGrid);
  const auto two = [&](const AxisSelection& a, const AxisSelection& b) {
    const LayerGraph graph = simplify(LayerGraph::of({capture_sink(select(x, {a, AxisSelection::all(6)}), "a"),
                                                      capture_sink(select(x, {b, AxisSelection::all(6)}), "b")}));
    const LayerGraph after = push_selections(graph);
    EXPECT_EQ(taken(after), taken(graph));
    return lines(after);
  };
  const Lines apart{"source x", "sink keep 0", "source x", "sink keep 2"};
  const Lines together{"source x", "selection select 0", "sink keep 1", "selection select 0", "sink keep 3"};
  EXPECT_EQ(two(range(0, 1, 9), range(9, 1, 5)), apart);
  EXPECT_EQ(two(range(0, 1, 10), range(10, 1, 5)), together);
  EXPECT_EQ(two(range(0, 2, 20), range(1, 2, 20)), together);
}

TEST(PushSelections, StayWhereTheyTakeMoreThanThereIs) {
  const LayerPtr x = pattern_source("x", kGrid), y = pattern_source("y", kGrid);
  std::vector<std::int64_t> often;
  for (int k = 0; k < 400; ++k) often.push_back(k % 7);
  const LayerGraph after = pushed(select(apply(kDearAdd, {x, y}), {AxisSelection::list(often), AxisSelection::all(6)}));
  EXPECT_EQ(lines(after),
            (Lines{"source x", "source y", "blockwise dear add 0 1", "selection select 2", "sink keep 3"}));
}

TEST(PushSelections, StopAtReductionsAndHalos) {
  const LayerPtr x = pattern_source("x", kGrid);
  const LayerGraph mean = pushed(select(reduce(mean_reducer(), {0}, x), {range(1, 1, 2)}));
  EXPECT_EQ(lines(mean).at(mean.size() - 2), "selection select " + std::to_string(mean.size() - 3));
  const LayerPtr halo = OverlapLayer::make("halo", x, {Halo{.before = 1, .after = 1}, Halo{}});
  EXPECT_EQ(lines(pushed(select(halo, {range(3, 1, 4), AxisSelection::all(6)}))),
            (Lines{"source x", "overlap halo 0", "selection select 1", "sink keep 2"}));
}

TEST(PushSelections, OfNothingMakeNothing) {
  const LayerPtr x = pattern_source("x", kGrid);
  const LayerGraph after = pushed(select(apply(kAdd, {x, x}), {range(0, 1, 0), range(1, 1, 2)}));
  EXPECT_EQ(after.layer(after.sinks()[0]).output().grid.shape(), (Shape{0, 2}));
}

}  // namespace
}  // namespace dunlin::test
