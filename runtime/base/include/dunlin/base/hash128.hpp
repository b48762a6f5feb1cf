#pragma once
// 128 bits that tell things apart, compared as one number.

#include <array>
#include <cstdint>

namespace dunlin {

using Hash128 = std::array<std::uint64_t, 2>;

}  // namespace dunlin
