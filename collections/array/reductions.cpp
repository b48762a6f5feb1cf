#include "dunlin/array/reductions.hpp"

#include <algorithm>

#include "dunlin/array/elementwise.hpp"
#include "dunlin/graph/reduction.hpp"
#include "kernels/reducers.hpp"

namespace dunlin {
namespace {

/// Axes as non-negative numbers, ascending.
Coords normalised(const Coords& axes, int rank) {
  Coords result;
  for (std::int64_t axis : axes) {
    const std::int64_t from_start = axis < 0 ? axis + rank : axis;
    if (from_start < 0 || from_start >= rank)
      throw UsageError("axis " + std::to_string(axis) + " does not exist: the array has " + std::to_string(rank) +
                       " axes");
    if (std::find(result.begin(), result.end(), from_start) != result.end())
      throw UsageError("axis " + std::to_string(axis) + " is named twice");
    result.push_back(from_start);
  }
  std::sort(result.begin(), result.end());
  return result;
}

}  // namespace

Array mean(const Array& x, const Coords& axes, const ReduceOptions& options) {
  if (!x.dtype().is_real())
    throw UsageError("the mean of " + to_string(x.dtype()) + " is not defined: convert to a real type with astype");
  const DType result = x.dtype() == DType::float32 ? DType::float32 : DType::float64;
  const Coords over = normalised(axes, x.rank());
  if (over.empty()) return astype(x, result);
  return {x.context(),
          ReductionLayer::make("mean", mean_reducer(x.dtype(), result, options.skipna, options.min_count), over,
                               Program::identity(x.dtype()), x.grid(), {x.layer()}, {straight(x.rank())})};
}

}  // namespace dunlin
