#pragma once
// A fill value to and from JSON (Zarr v3, "fill value", and zarr-extensions for bytes).
//
//   bool              true | false
//   integers          a whole number in the type's range, without fraction or exponent
//   floats            number | "NaN" | "Infinity" | "-Infinity" | "0x" and the bits in 2 × size hexadecimal digits
//   complex           [float, float]
//   bytes             Base64 text (null_terminated_bytes: without the padding) | list of numbers 0 to 255 (r*)

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "dunlin/base/dtype.hpp"
#include "json_text.hpp"

namespace dunlin {

/// dtype.size() bytes in this machine's order. Throws BadMetadata naming `where` and key 'fill_value'.
std::vector<std::byte> fill_from_json(const Json& value, DType dtype, const std::string& where);
/// Inverse, with bytes as null_terminated_bytes. Precondition: fill.size() == dtype.size().
Json fill_to_json(std::span<const std::byte> fill, DType dtype);

}  // namespace dunlin
