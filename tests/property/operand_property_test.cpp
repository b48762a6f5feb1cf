// Properties of operands over random shapes and maps: walking a chunk in runs visits the elements that a plain loop
// over indices visits, in its order.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "dunlin/graph/operand_map.hpp"
#include "program_kernel.hpp"
#include "property/random_graph.hpp"

namespace dunlin::test {
namespace {

struct Operands {
  Shape domain;
  std::vector<OperandMap> maps;
  std::vector<Shape> shapes;
};

Operands draw(std::mt19937_64& random) {
  Operands drawn;
  for (std::int64_t a = below(random, 5); a > 0; --a)
    drawn.domain.push_back(below(random, 4) == 0 ? 1 : 1 + below(random, 6));
  const auto rank = static_cast<std::int64_t>(drawn.domain.size());
  for (std::int64_t o = 1 + below(random, 3); o > 0; --o) {
    std::vector<std::int64_t> axes;
    for (std::int64_t a = 0; a < rank; ++a)
      if (below(random, 4) > 0) axes.push_back(a);
    if (below(random, 2) == 0) std::shuffle(axes.begin(), axes.end(), random);
    OperandMap map;
    Shape shape;
    for (std::int64_t axis : axes) {
      if (below(random, 8) == 0) map.axis.push_back(-1), shape.push_back(1);
      map.axis.push_back(axis);
      shape.push_back(below(random, 5) == 0 ? 1 : drawn.domain[axis]);
    }
    drawn.maps.push_back(map);
    drawn.shapes.push_back(shape);
  }
  return drawn;
}

/// Element of an operand under a domain element.
std::int64_t element_under(const OperandMap& map, const Shape& shape, const Coords& at) {
  std::int64_t element = 0;
  for (std::size_t k = 0; k < shape.size(); ++k)
    element = element * shape[k] + (shape[k] == 1 || map.axis[k] < 0 ? 0 : at[map.axis[k]]);
  return element;
}

/// The same in bytes, by strides.
std::int64_t place_under(const OperandMap& map, const Shape& shape, const Coords& strides, const Coords& at) {
  std::int64_t place = 0;
  for (std::size_t k = 0; k < shape.size(); ++k)
    if (shape[k] > 1 && map.axis[k] >= 0) place += strides[k] * at[map.axis[k]];
  return place;
}

Coords draw_strides(std::mt19937_64& random, const Shape& shape) {
  std::vector<std::size_t> order;
  for (std::size_t a = 0; a < shape.size(); ++a) order.push_back(a);
  if (below(random, 2) == 0) std::shuffle(order.begin(), order.end(), random);
  Coords strides(shape.size(), 0);
  std::int64_t stride = 1 + below(random, 3);
  for (std::size_t k = order.size(); k-- > 0;) {
    strides[order[k]] = below(random, 3) == 0 ? -stride : stride;
    stride *= shape[order[k]] + below(random, 2);
  }
  return strides;
}

RC_GTEST_PROP(AnyOperands, AreWalkedInTheOrderOfAPlainLoop, ()) {
  std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
  const Operands operands = draw(random);
  const int limit = static_cast<int>(below(random, static_cast<std::int64_t>(operands.domain.size()) + 1));
  // Strides of any order, sign and pitch; no two elements at one place.
  std::vector<Coords> strides;
  for (const Shape& shape : operands.shapes) strides.push_back(draw_strides(random, shape));
  const RunPlan plan = plan_runs(operands.maps, operands.shapes, strides, operands.domain, limit);
  RC_ASSERT(plan.run * product(plan.outer) == product(operands.domain));
  RC_ASSERT(static_cast<int>(plan.outer.size()) >= limit);

  Coords at(operands.domain.size(), 0), outer(plan.outer.size(), 0);
  do {
    for (std::int64_t k = 0; k < plan.run; ++k) {
      for (std::size_t o = 0; o < operands.maps.size(); ++o) {
        std::int64_t place = k * plan.steps[o];
        for (std::size_t a = 0; a < outer.size(); ++a) place += outer[a] * plan.outer_strides[o][a];
        RC_ASSERT(place == place_under(operands.maps[o], operands.shapes[o], strides[o], at));
      }
      next_position(at, operands.domain);
    }
  } while (next_position(outer, plan.outer));
  RC_ASSERT(at == Coords(operands.domain.size(), 0));  // all were visited
}

RC_GTEST_PROP(AnyOperands, AreReadFromTheirChunksByTheWalk, ()) {
  std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
  const Operands operands = draw(random);
  Program program;
  std::vector<ChunkGrid> grids;
  std::vector<std::vector<double>> values;
  for (const Shape& shape : operands.shapes) {
    program.add_input(DType::float64);
    grids.push_back(ChunkGrid::single(shape));
    values.emplace_back();
    for (std::int64_t e = 0; e < product(shape); ++e) values.back().push_back(static_cast<double>(e));
  }
  std::vector<ChunkView> chunks;
  for (std::size_t o = 0; o < grids.size(); ++o)
    chunks.push_back({grids[o], ChunkOrdinal{0}, std::as_bytes(std::span(values[o]))});
  const ChunkIndex first{Coords(operands.domain.size(), 0)};
  const OperandWalk walk(program, ChunkGrid::single(operands.domain), grids, operands.maps,
                         {.chunk = first, .inputs = chunks, .output = {}, .pool = nullptr, .counts = nullptr}, first);
  RC_ASSERT(walk.shape() == operands.domain);

  Coords at(operands.domain.size(), 0), outer(walk.runs().outer.size(), 0);
  std::vector<TileInput> inputs;
  do {
    for (std::int64_t k = 0; k < walk.runs().run; ++k) {
      walk.at(outer, k, inputs);
      for (std::size_t o = 0; o < grids.size(); ++o)
        RC_ASSERT(*reinterpret_cast<const double*>(inputs[o].data) ==
                  static_cast<double>(element_under(operands.maps[o], operands.shapes[o], at)));
      next_position(at, operands.domain);
    }
  } while (next_position(outer, walk.runs().outer));
}

}  // namespace
}  // namespace dunlin::test
