#pragma once
// Reductions over axes. Sums run in double in a fixed tree over elements and chunks (graph/reduction.hpp), so that they
// do not depend on ranks, threads or timing.

#include "dunlin/array/array.hpp"

namespace dunlin {

struct ReduceOptions {
  /// Leave NaNs out; otherwise one NaN makes the result NaN.
  bool skipna = true;
  /// Fewer values than this make the result NaN.
  std::int64_t min_count = 1;
};

/// Mean over `axes` (any order, none twice; negative ones count from the end). Result: float32 for float32, else
/// float64. A reduction over no axes is the array itself, converted. Throws UsageError for an axis that does not exist.
Array mean(const Array& x, const Coords& axes, const ReduceOptions& options = {});

}  // namespace dunlin
