#include "conformance/graph/layer_cases.hpp"

#include <tuple>

#include "dunlin/graph/concatenation.hpp"
#include "dunlin/graph/function_kernel.hpp"
#include "dunlin/graph/overlap.hpp"
#include "dunlin/graph/partition.hpp"
#include "dunlin/graph/selection.hpp"
#include "support/user_layers.hpp"

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

void add_grouped(std::vector<LayerCase>& cases) {
  const auto add = [&](const std::string& why, const ChunkGrid& grid, int axis, std::int64_t groups,
                       std::vector<std::int64_t> labels, std::int64_t per_chunk = 1) {
    cases.push_back(
        {"grouped reduction, " + why,
         {capture_sink(reduce_grouped(order_reducer(), axis, labels, groups, pattern_source("x", grid), per_chunk))}});
  };
  const ChunkGrid rows = regular({7, 3}, {2, 2}), columns = regular({3, 7}, {2, 2});
  add("one group", rows, 0, 1, {0, 0, 0, 0, 0, 0, 0});
  add("groups in order", rows, 0, 3, {0, 0, 0, 1, 1, 2, 2});
  add("groups in turn", rows, 0, 3, {0, 1, 2, 0, 1, 2, 0});
  add("groups in turn, along the last axis", columns, 1, 3, {0, 1, 2, 0, 1, 2, 0});
  add("a group each", rows, 0, 7, {6, 5, 4, 3, 2, 1, 0});
  add("some in none", rows, 0, 2, {-1, 0, -1, -1, 1, 0, -1});
  add("a group of nothing", rows, 0, 4, {1, 1, 3, 3, 1, 3, 1});
  add("groups together in chunks", rows, 0, 5, {1, 1, 3, 3, 1, 0, 1}, 2);
  add("all in none", rows, 0, 2, {-1, -1, -1, -1, -1, -1, -1});
  add("no groups", rows, 0, 0, {-1, -1, -1, -1, -1, -1, -1});
  add("an empty axis", regular({0, 3}, {2, 2}), 0, 2, {});
  add("an empty axis that stays", regular({3, 0}, {2, 2}), 0, 2, {0, 1, 0});
  add("ragged", ChunkGrid::ragged({{1, 4, 2}, {2, 1}}), 0, 2, {1, 0, 1, 0, 0, 1, 1});
  add("the middle axis", regular({3, 8, 2}, {2, 3, 1}), 1, 2, {0, 1, 1, 0, 0, 1, 0, 1}, 2);
  std::vector<std::int64_t> months;
  for (std::int64_t k = 0; k < 60; ++k) months.push_back(k / 5 % 4);
  add("months of years, a time step a chunk", regular({60, 2}, {1, 2}), 0, 4, months);
  add("months of years, in chunks of seven", regular({60, 2}, {7, 2}), 0, 4, months);
  const ChunkGrid domain = regular({7, 5}, {2, 4});
  Program product;
  product.add(kMultiply, std::vector{product.add_input(DType::float64), product.add_input(DType::float64)});
  for (const auto& [why, grid, map] : {std::tuple{"broadcast", regular({5}, {4}), OperandMap{{1}}},
                                       {"transposed", regular({5, 7}, {4, 2}), OperandMap{{1, 0}}}})
    cases.push_back({std::string("grouped reduction of a product, ") + why,
                     {capture_sink(ReductionLayer::make_grouped(
                         "r", order_reducer(), 0, {0, 1, 1, 0, 0, -1, 1}, 2, product, domain,
                         {pattern_source("x", domain), pattern_source("a", grid)}, {straight(2), map}))}});
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

void add_overlaps(std::vector<LayerCase>& cases) {
  const auto add = [&](const std::string& why, const ChunkGrid& grid, const std::vector<Halo>& halos) {
    cases.push_back({"overlap, " + why, {capture_sink(OverlapLayer::make("halo", pattern_source("x", grid), halos))}});
  };
  const Boundary none{}, periodic{Boundary::periodic}, reflect{Boundary::reflect}, nearest{Boundary::nearest};
  const Boundary constant = Boundary::of(7.5);
  const std::pair<const char*, Boundary> all[] = {
      {"none", none}, {"periodic", periodic}, {"reflect", reflect}, {"nearest", nearest}, {"constant", constant}};
  for (const auto& [why, boundary] : all) {
    const std::string of = std::string(", ") + why;
    add("one element both ways" + of, regular({10}, {3}), {{1, 1, boundary}});
    add("before only" + of, regular({10}, {3}), {{2, 0, boundary}});
    add("after only" + of, regular({10}, {3}), {{0, 2, boundary}});
    add("deeper than the neighbours" + of, regular({10}, {2}), {{5, 4, boundary}});
    add("nearly as deep as the axis" + of, regular({7}, {2}), {{6, 6, boundary}});
    add("one chunk" + of, regular({5}, {5}), {{2, 3, boundary}});
    add("ragged" + of, ChunkGrid::ragged({{1, 4, 2, 1, 1}}), {{3, 2, boundary}});
    add("two axes" + of, regular({6, 7}, {4, 2}), {{1, 2, boundary}, {3, 1, boundary}});
    add("one axis of two" + of, regular({6, 7}, {4, 2}), {{}, {2, 2, boundary}});
    add("of nothing" + of, regular({0, 4}, {2, 2}), {{1, 1, boundary}, {1, 1, boundary}});
  }
  add("as deep as a periodic axis", regular({6}, {4}), {{6, 6, periodic}});
  add("no depth", regular({6}, {4}), {{}});
  add("0-d", ChunkGrid(), {});
  add("an axis of each kind", regular({4, 3, 5}, {2, 2, 2}), {{1, 1, reflect}, {1, 2, constant}, {2, 1, periodic}});
  add("two constants", regular({4, 3}, {2, 2}), {{1, 1, Boundary::of(1.0)}, {1, 1, Boundary::of(2.0)}});
  const LayerPtr x = pattern_source("x", regular({9, 8}, {4, 3}));
  cases.push_back({"a window over halos", {capture_sink(windowed(x, {{1, 1, none}, {2, 1, periodic}}))}});
}

void add_selections(std::vector<LayerCase>& cases) {
  const auto range = &AxisSelection::range;
  const auto list = [](std::vector<std::int64_t> elements) { return AxisSelection::list(std::move(elements)); };
  const auto add = [&](const std::string& why, const ChunkGrid& grid, std::vector<AxisSelection> selections) {
    cases.push_back({"selection, " + why,
                     {capture_sink(SelectionLayer::make("some", pattern_source("x", grid), std::move(selections)))}});
  };
  const ChunkGrid twenty = regular({20}, {4}), ragged = ChunkGrid::ragged({{1, 7, 2, 6, 4}});
  for (const auto& [why, grid] : {std::pair{"regular", twenty}, {"ragged", ragged}}) {
    const std::string of = std::string(", ") + why;
    add("everything" + of, grid, {AxisSelection::all(20)});
    add("from the middle of a chunk" + of, grid, {range(6, 1, 9)});
    add("every other" + of, grid, {range(1, 2, 9)});
    add("steps over whole chunks" + of, grid, {range(0, 9, 3)});
    add("backwards" + of, grid, {range(19, -1, 20)});
    add("backwards in steps" + of, grid, {range(18, -5, 4)});
    add("one" + of, grid, {range(7, 1, 1)});
    add("none" + of, grid, {range(20, 1, 0)});
    add("a list in order" + of, grid, {list({0, 3, 4, 5, 11, 19})});
    add("a list in disorder with repetitions" + of, grid, {list({9, 9, 0, 17, 3, 3, 3, 18, 1, 2})});
    add("an empty list" + of, grid, {list({})});
  }
  add("0-d", ChunkGrid(), {});
  add("two ranges", regular({9, 8}, {4, 3}), {range(1, 3, 3), range(7, -2, 4)});
  add("two lists", regular({9, 8}, {4, 3}), {list({8, 0, 4, 4}), list({7, 6, 0, 1, 3, 3, 5})});
  add("a fine list along the last axis", regular({5, 40}, {2, 20}),
      {range(4, -1, 5), list({0, 2, 5, 7, 1, 38, 11, 21, 30, 4, 6, 13, 19, 18, 20})});
  add("three axes", regular({5, 4, 6}, {2, 2, 4}), {range(0, 2, 3), list({3, 0}), AxisSelection::all(6)});
  const LayerPtr x = pattern_source("x", regular({9, 8}, {4, 3}));
  const auto in = [&](const char* why, std::vector<AxisSelection> selections, const ChunkGrid& grid) {
    cases.push_back({std::string("selection in other chunks, ") + why,
                     {capture_sink(SelectionLayer::make("some", x, std::move(selections), grid))}});
  };
  in("larger", {range(0, 2, 5), range(7, -1, 8)}, regular({5, 8}, {5, 5}));
  in("single", {list({5, 5, 1}), AxisSelection::all(8)}, regular({3, 8}, {1, 1}));
}

/// Sources that make a part of their array: what is selected, or some of their chunks.
void add_parts_of_sources(std::vector<LayerCase>& cases) {
  const ChunkGrid grid = ChunkGrid::ragged({{3, 1, 4, 2, 5}, {2, 2, 2}});
  const std::vector<LayerPtr> sources = {pattern_source("x", grid), paged_source("x", grid, {2, 1}, 3)};
  for (const LayerPtr& x : sources) {
    const auto& source = static_cast<const SourceLayer&>(*x);
    const std::string of = x->inputs().empty() ? "source" : "source with pages";
    const auto add = [&](const char* why, const LayerPtr& part) {
      cases.push_back({of + ", " + why, {capture_sink(part)}});
    };
    const auto range = &AxisSelection::range;
    add("a box of it", source.select({range(2, 1, 7), range(3, 1, 1)}));
    add("every third row", source.select({range(0, 3, 5), AxisSelection::all(6)}));
    add("backwards", source.select({range(14, -2, 8), range(5, -1, 6)}));
    add("a part of a part", static_cast<const SourceLayer&>(*source.select({range(14, -2, 8), AxisSelection::all(6)}))
                                .select({range(6, -3, 3), range(0, 1, 3)}));
    add("nothing of it", source.select({range(0, 1, 0), AxisSelection::all(6)}));
    add("some chunks", source.only({AxisSelection::list({0, 1, 4}), AxisSelection::all(3)}));
    add("some chunks of a part", static_cast<const SourceLayer&>(*source.select({range(0, 2, 8), range(0, 1, 5)}))
                                     .only({AxisSelection::all(4), range(0, 2, 2)}));
  }
}

void add_concatenations(std::vector<LayerCase>& cases) {
  const auto add = [&](const char* why, const std::vector<ChunkGrid>& grids, int axis) {
    std::vector<LayerPtr> inputs;
    for (const ChunkGrid& grid : grids) inputs.push_back(pattern_source("x" + std::to_string(inputs.size()), grid));
    cases.push_back(
        {std::string("concatenation, ") + why, {capture_sink(ConcatenateLayer::make("all", inputs, axis))}});
  };
  add("of one", {regular({5, 4}, {2, 3})}, 0);
  add("of whole chunks", {regular({4, 4}, {2, 3}), regular({6, 4}, {2, 3})}, 0);
  add("with a short chunk within", {regular({5, 4}, {2, 3}), regular({6, 4}, {2, 3}), regular({3, 4}, {2, 3})}, 0);
  add("along the last axis", {regular({4, 5}, {3, 2}), ChunkGrid::ragged({{3, 1}, {1, 4}})}, 1);
  add("with one that is empty", {regular({0, 4}, {2, 3}), regular({6, 4}, {4, 3}), regular({0, 4}, {2, 3})}, 0);
  add("of nothing", {regular({0, 4}, {2, 3}), regular({0, 4}, {2, 3})}, 0);
  const LayerPtr x = pattern_source("x", regular({5, 4}, {2, 3}));
  cases.push_back({"concatenation of the same twice", {capture_sink(ConcatenateLayer::make("all", {x, x}, 0))}});
  cases.push_back({"concatenation of what only a run tells, and objects",
                   {capture_sink(digest(ConcatenateLayer::make("all", {positives(x), boxed(x)}, 0)))}});
}

void add_user_code(std::vector<LayerCase>& cases) {
  const LayerPtr x = pattern_source("x", regular({7, 5, 4}, {2, 2, 3})), empty = pattern_source("e", regular({0}, {1}));
  cases.push_back({"map to unknown sizes and back", {capture_sink(digest(positives(x))), capture_sink(positives(x))}});
  cases.push_back({"map to objects and back", {capture_sink(digest(boxed(x))), capture_sink(boxed(positives(x)))}});
  for (int axis = 0; axis < 3; ++axis)
    cases.push_back({"map over all chunks along axis " + std::to_string(axis), {capture_sink(digest_along(x, axis))}});
  const LayerPtr shared = pattern_source("s", regular({9}, {9}));
  const auto kernel = std::make_shared<FunctionKernel>([](const TaskRun& task) {
    for (std::byte& byte : task.output) byte = task.inputs[0].bytes()[0];
  });
  cases.push_back({"map of one chunk to many",
                   {capture_sink(MapLayer::make("copies", kernel, ValueSpec{DType::float64, regular({4}, {1})},
                                                {shared}, {{{0}}}, "copies", ""))}});
  const ChunkOrdinal o0{0}, o1{1}, o5{5};
  cases.push_back({"a list of tasks",
                   {capture_sink(digest_tasks({{}, {{0, o5}, {0, o0}, {0, o5}}, {{1, o0}}, {{1, o0}, {0, o1}}, {}},
                                              {x, shared}))}});
  cases.push_back({"an empty list of tasks", {capture_sink(digest_tasks({}, {empty}))}});
  std::vector<std::vector<ExplicitTask::Argument>> many(40);
  for (int k = 0; k < 300; ++k)
    many[static_cast<std::size_t>(k * k % 40)].push_back({k % 2, ChunkOrdinal{k % 2 ? k * 7 % 24 : k * 11 % 5}});
  const LayerPtr tasks = digest_tasks({{}, {{0, o1}}, {{0, o0}}, {}, {}}, {x});
  cases.push_back({"a list of tasks over another", {capture_sink(digest_tasks(many, {tasks, x}))}});
  const ChunkGrid three = regular({3}, {1});
  cases.push_back({"a list of tasks with ranks of its own",
                   {capture_sink(digest_tasks({{}, {{0, o1}}, {{0, o1}}}, {x},
                                              std::make_shared<Partition>(Partition::spread(three, 2, 1))))}});
}

}  // namespace

std::vector<LayerCase> layer_cases() {
  std::vector<LayerCase> cases;
  add_sources(cases);
  add_elementwise(cases);
  add_reductions(cases);
  add_grouped(cases);
  add_rechunks(cases);
  add_overlaps(cases);
  add_selections(cases);
  add_parts_of_sources(cases);
  add_concatenations(cases);
  add_user_code(cases);
  const LayerPtr x = pattern_source("x", regular({5, 7}, {2, 3}));
  cases.push_back({"sink on rank 0, and another sink", {capture_sink_on_rank_0(x), capture_sink(x)}});
  return cases;
}

}  // namespace dunlin::test
