#pragma once
// What this process holds in real memory, as the system counts it: private pages, pages of files it maps, and shared
// memory it has touched (message layers use some).

#include <cstdint>

namespace dunlin {

/// Bytes in memory now; 0 where the system does not tell.
std::int64_t resident_bytes();

/// The most so far in the life of this process; 0 where the system does not tell.
std::int64_t peak_resident_bytes();

}  // namespace dunlin
