#pragma once
// Descriptors of elementwise operations: constants that programs point to.

#include "dunlin/graph/program.hpp"

namespace dunlin {

/// a − b in float32 or float64.
const OpDescriptor& subtract_op(DType type);
/// a × b, a + b in float32 or float64.
const OpDescriptor& multiply_op(DType type);
const OpDescriptor& add_op(DType type);
/// x == marker ? NaN : x, from a real type to float32 or float64.
const OpDescriptor& mask_op(DType from, DType to);
/// (value, x, marker) → x == marker ? NaN : value; value float32 or float64, x and marker of a real type.
const OpDescriptor& mask_also_op(DType from, DType to);
/// Conversion between real types and from bool.
const OpDescriptor& astype_op(DType from, DType to);

}  // namespace dunlin
