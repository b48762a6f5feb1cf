#pragma once
// The steps of reductions over arrays of states: see graph/reduction.hpp.

#include "dunlin/graph/reduction.hpp"

namespace dunlin {

/// Mean of a real type: planes are sum and count, both float64 (counts are exact to 2^53). With `skipna`, NaNs are left
/// out. Fewer than `min_count` values, or none, give NaN. Result: float32 or float64.
Reducer mean_reducer(DType from, DType result, bool skipna, std::int64_t min_count);

}  // namespace dunlin
