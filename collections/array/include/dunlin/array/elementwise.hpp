#pragma once
// Elementwise operations on arrays. What is here is what labelled data needs to decode and subtract; the rest of
// NumPy's set comes with its kernels.

#include <vector>

#include "dunlin/array/array.hpp"
#include "dunlin/graph/operand_map.hpp"

namespace dunlin {

/// a − b with NumPy's broadcasting (axes aligned at the end). Both float32, or else both taken as float64; bool,
/// complex and raw bytes are a UsageError.
Array subtract(const Array& a, const Array& b);
inline Array operator-(const Array& a, const Array& b) { return subtract(a, b); }

/// a − b over a domain of its own: operands lie in it as the maps say (labelled data matches by name). `domain` gives
/// the result's grid; where an operand's chunks differ from it along a shared axis, the operand is rechunked. `result`
/// is float32 or float64.
Array subtract(const Array& a, const OperandMap& a_map, const Array& b, const OperandMap& b_map,
               const ChunkGrid& domain, DType result);

/// Any real dtype (and bool) to any real dtype, as C++ converts; floats out of an integer's range are undefined there
/// and not asked for here.
Array astype(const Array& x, DType type);

/// One marker of a missing value, in the array's own dtype: floats by value, integers exactly.
struct Marker {
  double real = 0;           // for float arrays; NaN marks NaN, which is missing anyway
  std::int64_t integer = 0;  // for integer arrays (uint64 by its bits)
};
/// x converted to float32 or float64 (`type`), NaN where x equals any marker.
Array mask_missing(const Array& x, const std::vector<Marker>& markers, DType type);

/// x × scale + offset, x float32 or float64, computed in that type, as two roundings.
Array scale_offset(const Array& x, double scale, double offset);

}  // namespace dunlin
