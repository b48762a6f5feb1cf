#pragma once
// Random graphs over random ragged grids, with what they should yield.

#include <memory>
#include <vector>

#include "support/test_layers.hpp"

namespace dunlin::test {

/// `whole`: small whole numbers, whose sums are exact in any order, so that a plain loop is an exact oracle.
/// `fractions`: numbers of many magnitudes, whose sums depend on the order of adding.
enum class Numbers { whole, fractions };

struct RandomGraph {
  std::vector<LayerPtr> sinks;
  std::vector<std::shared_ptr<Collected>> collected;  // per sink, what this rank got
  std::vector<std::vector<double>> expected;          // per sink, the whole array row-major; exact for whole numbers
};

/// The same graph for the same seed, on any rank.
RandomGraph random_graph(unsigned seed, Numbers numbers);

/// Elements of the chunks that this rank got, compared bit by bit with `whole` (row-major); returns how many chunks
/// there were. Failures are gtest's.
std::int64_t check_collected(Collected& collected, const std::vector<double>& whole);
/// What one rank alone got, as one row-major array.
std::vector<double> whole_of(Collected& collected);

}  // namespace dunlin::test
