#pragma once
// A float fill value as Zarr v3 attributes spell it: the base64 text (RFC 4648) of a little-endian float64.
//
//   NaN → "AAAAAAAA+H8="

#include <optional>
#include <string>

namespace dunlin {

std::string base64_of(double value);
/// Inverse; nothing where the text is no base64 of eight bytes.
std::optional<double> base64_double(const std::string& text);

}  // namespace dunlin
