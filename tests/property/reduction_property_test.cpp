// Properties of reductions over random grids, axes and layouts of the operand: the bits are those of the plain
// definition.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstring>

#include "property/random_graph.hpp"
#include "support/plain_reduction.hpp"

namespace dunlin::test {
namespace {

ChunkGrid draw_domain(std::mt19937_64& random) {
  const auto rank = static_cast<std::size_t>(1 + below(random, 3));
  Shape shape, chunk;
  for (std::size_t a = 0; a < rank; ++a) {
    shape.push_back(1 + below(random, rank == 1 ? 2000 : rank == 2 ? 60 : 14));
    chunk.push_back(1 + below(random, shape[a]));
  }
  return ChunkGrid::regular(shape, chunk);
}

RC_GTEST_PROP(AnyReduction, HasTheBitsOfItsDefinitionInAnyLayout, ()) {
  std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
  const ChunkGrid domain = draw_domain(random);
  const int rank = domain.rank();
  Coords axes;
  while (axes.empty())
    for (int a = 0; a < rank; ++a)
      if (below(random, 2)) axes.push_back(a);

  // The operand holds the domain's axes in any order, or is stretched along one.
  std::vector<std::int64_t> order;
  for (int a = 0; a < rank; ++a) order.push_back(a);
  std::shuffle(order.begin(), order.end(), random);
  const auto stretched = below(random, 4) == 0 ? below(random, rank) : -1;
  ChunkGrid grid;
  for (int k = 0; k < rank; ++k)
    grid = order[k] == stretched ? grid.with_axis(k, 1, 1)
                                 : grid.with_axis(k, 1, 1).with_axis_of(k, domain, static_cast<int>(order[k]));
  const LayerPtr x = pattern_source("x", grid);
  const LayerPtr result = ReductionLayer::make("r", order_reducer(), axes, Program::identity(DType::float64), domain,
                                               {x}, {OperandMap{Coords(order)}});
  const std::vector<double> expected = plain_reduction(order_reducer(), axes, domain, [&](const Coords& at) {
    std::int64_t element = 0;
    for (int k = 0; k < rank; ++k) element = element * grid.length(k) + (order[k] == stretched ? 0 : at[order[k]]);
    return pattern("x", element);
  });
  const std::vector<std::byte> bytes = evaluate(LayerGraph::of({capture_sink(result)})).array(*result);
  RC_ASSERT(bytes.size() == expected.size() * sizeof(double));
  RC_ASSERT(std::memcmp(bytes.data(), expected.data(), bytes.size()) == 0);
}

}  // namespace
}  // namespace dunlin::test
