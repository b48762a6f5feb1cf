#include "conformance/graph/layer_cases.hpp"

namespace dunlin::test {
namespace {

ChunkGrid regular(const Shape& shape, const Shape& chunk) { return ChunkGrid::regular(shape, chunk); }

struct NamedGrid {
  const char* why;
  ChunkGrid grid;
};

std::vector<NamedGrid> grids() {
  return {
      {"0-d", ChunkGrid()},
      {"one chunk", ChunkGrid::single({5, 7})},
      {"exact", regular({6, 4}, {2, 2})},
      {"short last chunks", regular({5, 7}, {2, 3})},
      {"ragged", ChunkGrid::ragged({{2, 5, 1}, {3, 1}})},
      {"chunk longer than the axis", regular({3}, {10})},
      {"three axes", regular({7, 3, 5}, {2, 2, 4})},
      {"empty axis", regular({0, 3}, {2, 2})},
  };
}

void add_sources(std::vector<LayerCase>& cases) {
  for (const auto& [why, grid] : grids()) {
    cases.push_back({std::string("source, ") + why, {capture_sink(pattern_source("x", grid))}});
    cases.push_back({std::string("source on one rank, ") + why, {capture_sink(one_rank_source("x", grid, 5))}});
    for (std::int64_t chunks : {1, 2, 100}) {
      const Coords pages(static_cast<std::size_t>(grid.rank()), chunks);
      cases.push_back({"source with pages of " + std::to_string(chunks) + ", " + why,
                       {capture_sink(paged_source("x", grid, pages, 3))}});
    }
  }
}

void add_elementwise(std::vector<LayerCase>& cases) {
  for (const auto& [why, grid] : grids()) {
    const LayerPtr x = pattern_source("x", grid), y = pattern_source("y", grid);
    cases.push_back({std::string("blockwise, straight, ") + why, {capture_sink(apply(kSubtract, {x, y}))}});
    cases.push_back({std::string("blockwise, twice the same, ") + why, {capture_sink(apply(kMultiply, {x, x}))}});
    const LayerPtr scalar = pattern_source("s", ChunkGrid());
    cases.push_back({std::string("blockwise, 0-d operand, ") + why,
                     {capture_sink(apply(kAdd, {x, scalar}, {straight(grid.rank()), {}}, grid))}});
  }
  const ChunkGrid cube = regular({7, 3, 5}, {2, 2, 4});
  const LayerPtr x = pattern_source("x", cube);
  const auto with_x = [&](const char* why, const LayerPtr& other, const OperandMap& map) {
    cases.push_back(
        {std::string("blockwise, ") + why, {capture_sink(apply(kAdd, {x, other}, {straight(3), map}, cube))}});
  };
  with_x("broadcast along the first axis", pattern_source("m", regular({3, 5}, {2, 4})), {{1, 2}});
  with_x("broadcast along the last axes", pattern_source("w", regular({7}, {2})), {{0}});
  with_x("broadcast on both sides", pattern_source("w", regular({3}, {2})), {{1}});
  with_x("stretched along the last axis", pattern_source("w", regular({7, 3, 1}, {2, 2, 1})), {{0, 1, 2}});
  with_x("stretched along all axes", pattern_source("w", regular({1, 1, 1}, {1, 1, 1})), {{0, 1, 2}});
  with_x("stretched, with a chunk longer than its axis", pattern_source("w", regular({1, 3, 1}, {9, 2, 9})),
         {{0, 1, 2}});
  with_x("an axis without counterpart", pattern_source("w", regular({1, 5}, {1, 4})), {{-1, 2}});
  with_x("axes turned round", pattern_source("t", regular({5, 3, 7}, {4, 2, 2})), {{2, 1, 0}});
  with_x("axes rotated", pattern_source("t", regular({5, 7, 3}, {4, 2, 2})), {{2, 0, 1}});
  with_x("turned round and broadcast", pattern_source("t", regular({5, 7}, {4, 2})), {{2, 0}});
  with_x("turned round and stretched", pattern_source("t", regular({5, 1, 7}, {4, 1, 2})), {{2, 1, 0}});
  const ChunkGrid square = regular({7, 7}, {3, 3});
  const LayerPtr s = pattern_source("s", square);
  cases.push_back({"blockwise, x + its transpose", {capture_sink(apply(kAdd, {s, s}, {{{0, 1}}, {{1, 0}}}, square))}});
  cases.push_back(
      {"blockwise, outer product of two vectors",
       {capture_sink(apply(kMultiply, {pattern_source("a", regular({7}, {3})), pattern_source("b", regular({5}, {2}))},
                           {{{0}}, {{1}}}, regular({7, 5}, {3, 2})))}});
}

void add_reductions(std::vector<LayerCase>& cases) {
  const auto add = [&](const std::string& why, const LayerPtr& x, const Coords& axes) {
    cases.push_back(
        {"reduction over " + to_string(axes) + ", " + why, {capture_sink(reduce(order_reducer(), axes, x))}});
  };
  const LayerPtr cube = pattern_source("x", regular({7, 3, 5}, {2, 2, 4}));
  for (const Coords& axes : std::vector<Coords>{{0}, {1}, {2}, {0, 1}, {0, 2}, {1, 2}, {0, 1, 2}})
    add("short last chunks", cube, axes);
  add("ragged", pattern_source("x", ChunkGrid::ragged({{2, 5, 1}, {3, 1}})), {0});
  add("ragged", pattern_source("x", ChunkGrid::ragged({{2, 5, 1}, {3, 1}})), {0, 1});
  add("one chunk", pattern_source("x", ChunkGrid::single({5, 7})), {1});
  add("one element", pattern_source("x", ChunkGrid::single({1})), {0});
  add("16 chunks, one combine", pattern_source("x", regular({16}, {1})), {0});
  add("17 chunks, two combines", pattern_source("x", regular({17, 2}, {1, 1})), {0});
  add("257 chunks, three combines", pattern_source("x", regular({514}, {2})), {0});
  add("many chunks along two axes", pattern_source("x", regular({40, 40}, {2, 2})), {0, 1});
  add("several blocks of 128", pattern_source("x", regular({700, 3}, {600, 2})), {0});
  add("an empty axis that goes", pattern_source("x", regular({4, 0}, {2, 2})), {1});
  add("an empty axis that stays", pattern_source("x", regular({4, 0}, {2, 2})), {0});

  const ChunkGrid domain = regular({7, 5}, {2, 4});
  Program product;
  product.add(kMultiply, std::vector{product.add_input(DType::float64), product.add_input(DType::float64)});
  const auto of_product = [&](const char* why, const LayerPtr& a, const OperandMap& map) {
    cases.push_back({std::string("reduction of a product, ") + why,
                     {capture_sink(ReductionLayer::make("r", order_reducer(), {0}, product, domain,
                                                        {pattern_source("x", domain), a}, {straight(2), map}))}});
  };
  of_product("straight", pattern_source("a", domain), straight(2));
  of_product("broadcast", pattern_source("a", regular({5}, {4})), {{1}});
  of_product("transposed", pattern_source("a", regular({5, 7}, {4, 2})), {{1, 0}});
}

void add_rechunks(std::vector<LayerCase>& cases) {
  const auto add = [&](const char* why, const ChunkGrid& from, const ChunkGrid& to) {
    cases.push_back({std::string("rechunk, ") + why, {capture_sink(rechunk(pattern_source("x", from), to))}});
  };
  add("to larger chunks", regular({10, 9}, {2, 3}), regular({10, 9}, {4, 9}));
  add("to smaller chunks", regular({10, 9}, {4, 9}), regular({10, 9}, {1, 2}));
  add("rows to columns", regular({10, 9}, {1, 9}), regular({10, 9}, {10, 1}));
  add("across one another", regular({10, 9}, {3, 4}), regular({10, 9}, {4, 3}));
  add("ragged to regular", ChunkGrid::ragged({{2, 7, 1}, {4, 5}}), regular({10, 9}, {3, 3}));
  add("of one chunk to itself", ChunkGrid::single({5}), ChunkGrid::single({5}));
  add("of nothing", regular({0, 9}, {3, 3}), regular({0, 9}, {2, 2}));
  add("of one value", ChunkGrid(), ChunkGrid());
  add("three axes", regular({4, 5, 6}, {2, 2, 2}), regular({4, 5, 6}, {3, 5, 4}));
}

}  // namespace

std::vector<LayerCase> layer_cases() {
  std::vector<LayerCase> cases;
  add_sources(cases);
  add_elementwise(cases);
  add_reductions(cases);
  add_rechunks(cases);
  const LayerPtr x = pattern_source("x", regular({5, 7}, {2, 3}));
  cases.push_back({"sink on rank 0, and another sink", {capture_sink_on_rank_0(x), capture_sink(x)}});
  return cases;
}

}  // namespace dunlin::test
