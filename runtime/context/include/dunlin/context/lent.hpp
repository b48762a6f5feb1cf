#pragma once
// Arrays that lie in a simulation's own memory, one box per rank: computed with where they are.
//
//   Value of rank r          LentMemory{.data = field + ghost, .strides = {8 * ny, 8}, .bytes = nx * ny * 8, .owner =
//   keep} LayerPtr t = context.state()->lend("temperature", DType::float64, my_box, memory);     collective, checks the
//   boxes t = with_memory(*t, next_memory);                                                      the next step: local,
//   at once
//
// The boxes of all ranks must cut the array into a grid: all combinations of some intervals per axis, each once; on
// which rank a box lies does not matter. A rank without elements lends an empty box.
//
// The memory is read by runs only, never written, copied as a whole or freed; `owner` is held until the last handle and
// the last run that use it have ended.

#include "dunlin/graph/layer.hpp"
#include "dunlin/memory/value.hpp"

namespace dunlin {

/// The boxes that ranks lend do not make up an array.
struct BadDecomposition : UsageError {
  using UsageError::UsageError;
};

/// The same array with the values that lie in other memory now. Local: every rank does it for its own box. `ordinal`
/// tells the values from those before, the same on all ranks: the number of the step.
LayerPtr with_memory(const Layer& lent, LentMemory memory, std::int64_t ordinal);

}  // namespace dunlin
