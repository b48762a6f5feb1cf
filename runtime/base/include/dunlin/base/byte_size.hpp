#pragma once
// Amounts of bytes as people write and read them, in binary units: K = 2^10, M = 2^20, G = 2^30, T = 2^40, P = 2^50.
//
//   parse_byte_size("200M") == 209715200      human_bytes(209715200) == "200.0 MiB"
//
//   size := number unit?     number := digits ("." digits)?     unit := K | M | G | T | P, "B" or "iB" after it; or "B"
//
// Case does not matter and blanks may stand between number and unit. As in Slurm, "MB" is as much as "MiB".

#include <cstdint>
#include <string>

#include "dunlin/base/error.hpp"

namespace dunlin {

/// A text that is no amount of bytes, or one that 63 bits do not hold.
struct BadByteSize : UsageError {
  explicit BadByteSize(const std::string& text);
  std::string text;
};

/// Bytes, rounded down. Throws BadByteSize.
std::int64_t parse_byte_size(const std::string& text);

/// "0 B", "1023 B", "12.3 MiB": one digit after the point from KiB on.
std::string human_bytes(std::int64_t bytes);

}  // namespace dunlin
