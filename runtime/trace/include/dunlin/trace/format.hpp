#pragma once
// Numbers as people read them: bytes ("12.3 MiB", human_bytes of byte_size.hpp) and durations.

#include <string>

#include "dunlin/base/byte_size.hpp"

namespace dunlin {

/// A duration of `seconds`: "12 ms", "3.2 s", "1 m 05 s", "2 h 03 m", "3 d 04 h"; "?" where it is negative or no
/// number.
std::string human_seconds(double seconds);

}  // namespace dunlin
