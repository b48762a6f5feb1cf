// What the cost model decides, on graphs with a name: who owns which chunks, and why that is cheapest.

#include <gtest/gtest.h>

#include "dunlin/graph/overlap.hpp"
#include "dunlin/graph/selection.hpp"
#include "dunlin/plan/schedule.hpp"
#include "support/graph_layers.hpp"
#include "support/placed_layer.hpp"

namespace dunlin::test {
namespace {

/// So many chunks of 100 elements per axis.
ChunkGrid chunks(const Coords& counts) {
  Shape shape;
  for (std::int64_t count : counts) shape.push_back(count * 100);
  return ChunkGrid::regular(shape, Shape(counts.size(), 100));
}

using Sinks = std::vector<LayerPtr>;

Sinks copy_of(const Coords& counts) { return {capture_sink(pattern_source("x", chunks(counts)))}; }

Sinks mean_of(const Coords& counts, const Coords& axes) {
  return {capture_sink(reduce(mean_reducer(), axes, pattern_source("x", chunks(counts))))};
}

/// The mean over axis 0 and over axis 1.
Sinks both_means() {
  const LayerPtr x = pattern_source("x", chunks({8, 8}));
  return {capture_sink(reduce(mean_reducer(), {0}, x), "rows"),
          capture_sink(reduce(mean_reducer(), {1}, x), "columns")};
}

Sinks rechunk_of(const Coords& from, const Coords& to, std::int64_t chunk_rows, std::int64_t chunk_columns) {
  const LayerPtr x = pattern_source("x", chunks(from));
  const ChunkGrid grid = ChunkGrid::regular(x->output().grid.shape(), {chunk_rows, chunk_columns});
  EXPECT_EQ(grid.counts(), to);
  return {capture_sink(rechunk(x, grid))};
}

Sinks halo_of(const Coords& counts) {
  return {capture_sink(OverlapLayer::make("halo", pattern_source("x", chunks(counts)), {{2, 2}, {2, 2}}))};
}

/// Chunks 20 to 27 of 100.
Sinks slice() {
  const LayerPtr x = pattern_source("x", chunks({100}));
  return {capture_sink(SelectionLayer::make("slice", x, {AxisSelection::range(2000, 1, 800)}))};
}

/// A large x that is best cut into columns, and an operand of half its bytes that would rather be cut into rows.
Sinks operands() {
  const LayerPtr x = pattern_source("x", chunks({8, 8})), y = pattern_source("y", chunks({8, 8}), DType::float32);
  const LayerPtr wide = apply(kWiden, {y});
  return {capture_sink(reduce(mean_reducer(), {0}, x), "mean"), capture_sink(apply(kAdd, {x, wide}), "sum")};
}

/// A field of many chunks and one that is as long as its columns.
Sinks broadcast() {
  const LayerPtr x = pattern_source("x", chunks({8, 8})), w = pattern_source("w", chunks({8}));
  return {capture_sink(reduce(mean_reducer(), {0}, x), "mean"),
          capture_sink(apply(kMultiply, {x, w}, {straight(2), {{1}}}, x->output().grid), "weighted")};
}

Sinks placed(Alignment alignment) {
  const LayerPtr x = pattern_source("x", chunks({8, 8}));
  return {capture_sink(std::make_shared<PlacedLayer>(x, std::move(alignment)))};
}

Sinks hashed() { return placed({.hashed = true}); }

/// Held by a simulation whose ranks run along its first axis, in uneven boxes.
Sinks held() {
  const auto where =
      std::make_shared<const Partition>(Partition::cartesian(chunks({8, 8}), {{0, 4, 8}, {0, 5, 8}}, {1, 2}, 4));
  return placed({.fixed = where});
}

/// Held on other ranks than those that are planned for.
Sinks held_by_two() {
  return placed({.fixed = std::make_shared<const Partition>(Partition::spread(chunks({8, 8}), 2, 0))});
}

struct Decision {
  const char* graph;
  Sinks sinks;
  int ranks;
  const char* layer;
  const char* expected;
  const char* why;
};

std::vector<Decision> decisions() {
  return {
      {"copy", copy_of({8, 8}), 4, "x", "block 4 x 1", "nothing travels either way: leading axes first"},
      {"copy", copy_of({8, 8}), 1, "x", "rank 0", "there is no other"},
      {"copy", copy_of({3, 1}), 8, "x", "block 3 x 1", "more ranks than chunks"},
      {"mean over rows", mean_of({8, 8}, {0}), 4, "x", "block 1 x 4", "what is reduced stays whole on a rank"},
      {"mean over columns", mean_of({8, 8}, {1}), 4, "x", "block 4 x 1", "the same for the other axis"},
      {"mean over one axis of three", mean_of({4, 4, 4}, {0}), 16, "x", "block 1 x 4 x 4",
       "the other two fill 16 ranks"},
      {"mean over rows", mean_of({8, 1}, {0}), 4, "x", "block 4 x 1", "only this axis can be cut"},
      {"mean over rows", mean_of({8, 2}, {0}), 4, "x", "block 2 x 2", "whole rows would fill two ranks of four"},
      {"means over rows and over columns", both_means(), 4, "x", "block 2 x 2", "half of either tree stays on a rank"},
      {"rechunk rows to columns", rechunk_of({8, 1}, {1, 8}, 800, 13), 4, "rechunk", "block 1 x 4", "all to all"},
      {"rechunk tiles to columns", rechunk_of({8, 8}, {1, 16}, 800, 50), 4, "x", "block 1 x 4",
       "read where columns can be made"},
      {"rechunk tiles to columns", rechunk_of({8, 8}, {1, 16}, 800, 50), 4, "rechunk", "block 1 x 4", "beside them"},
      {"rechunk to more rows", rechunk_of({8, 8}, {16, 8}, 50, 100), 4, "rechunk", "block 4 x 1", "beside its input"},
      {"halo", halo_of({16, 16}), 16, "x", "block 4 x 4", "squares have the least surface"},
      {"halo along a line", halo_of({16, 1}), 4, "x", "block 4 x 1", "there is one way"},
      {"slice of an eighth", slice(), 4, "x", "cyclic 4 by 2", "two of its chunks for each"},
      {"slice of an eighth", slice(), 4, "slice", "block 4", "beside the chunks that it takes"},
      {"operands", operands(), 4, "x", "block 1 x 4", "the largest leads"},
      {"operands", operands(), 4, "y", "block 1 x 4", "a smaller one follows it"},
      {"broadcast", broadcast(), 4, "w", "block 4", "column by column beside the field"},
      {"asks for a hash", hashed(), 4, "placed", "hash over 4", "only where a layer says so"},
      {"held by a simulation", held(), 4, "placed", "cartesian 2 x 2", "values are where they are"},
      {"held by a simulation", held(), 4, "x", "cartesian 2 x 2", "read where it is taken"},
      {"held by a simulation", held(), 4, "keep", "cartesian 2 x 2", "taken where they are"},
      {"held on two ranks", held_by_two(), 4, "placed", "block 4 x 1", "a plan for pretended ranks"},
  };
}

LayerPlan plan_of(const Sinks& sinks, int ranks) {
  return LayerPlan::of_rewritten(LayerGraph::of(sinks), {.ranks = ranks, .threads = 2, .budget_bytes = 1 << 30});
}

int layer_named(const LayerPlan& plan, const std::string& name) {
  for (int k = plan.graph().size() - 1; k >= 0; --k)
    if (plan.graph().layer(k).name() == name) return k;
  throw std::logic_error("no layer " + name);
}

TEST(Spread, DecidesAsItsCostsSay) {
  for (const Decision& d : decisions()) {
    const LayerPlan plan = plan_of(d.sinks, d.ranks);
    EXPECT_EQ(to_string(plan.partition(layer_named(plan, d.layer))), d.expected)
        << d.graph << " on " << d.ranks << " ranks, " << d.layer << ": " << d.why;
  }
}

}  // namespace
}  // namespace dunlin::test
