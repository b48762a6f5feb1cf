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

std::vector<std::int64_t> draw_labels(std::mt19937_64& random, std::int64_t length, std::int64_t groups) {
  std::vector<std::int64_t> labels;
  const std::int64_t kind = below(random, 3);  // in turn, in runs, anything
  const std::int64_t run = 1 + below(random, 40), none = below(random, 3);
  for (std::int64_t k = 0; k < length; ++k) {
    const std::int64_t label = kind == 0 ? k % groups : kind == 1 ? k / run % groups : below(random, groups);
    labels.push_back(none > 0 && below(random, 8) == 0 ? -1 : label);
  }
  return labels;
}

RC_GTEST_PROP(AnyGroupedReduction, HasTheBitsOfItsDefinition, ()) {
  std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
  const ChunkGrid domain = draw_domain(random);
  const auto axis = static_cast<int>(below(random, domain.rank()));
  const std::int64_t groups = 1 + below(random, 13);
  const std::vector<std::int64_t> labels = draw_labels(random, domain.length(axis), groups);
  const LayerPtr result =
      reduce_grouped(order_reducer(), axis, labels, groups, pattern_source("x", domain), 1 + below(random, 3));
  const std::vector<double> expected =
      plain_grouped_reduction(order_reducer(), axis, domain, labels, groups, [&](const Coords& at) {
        std::int64_t element = 0;
        for (int a = 0; a < domain.rank(); ++a) element = element * domain.length(a) + at[a];
        return pattern("x", element);
      });
  const std::vector<std::byte> bytes = evaluate(LayerGraph::of({capture_sink(result)})).array(*result);
  RC_ASSERT(bytes.size() == expected.size() * sizeof(double));
  RC_ASSERT(std::memcmp(bytes.data(), expected.data(), bytes.size()) == 0);
}

RC_GTEST_PROP(AnyGroupedReduction, OfOneGroupHasTheBitsOfThePlainOne, ()) {
  std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
  const ChunkGrid domain = draw_domain(random);
  const auto axis = static_cast<int>(below(random, domain.rank()));
  const LayerPtr x = pattern_source("x", domain), plain = reduce(order_reducer(), {axis}, x);
  const std::vector<std::int64_t> labels(static_cast<std::size_t>(domain.length(axis)), 0);
  const LayerPtr grouped = reduce_grouped(order_reducer(), axis, labels, 1, x);
  const Evaluation values = evaluate(LayerGraph::of({capture_sink(plain), capture_sink(grouped)}));
  RC_ASSERT(values.array(*plain) == values.array(*grouped));
}

}  // namespace
}  // namespace dunlin::test
