#pragma once
// What a process holds of memory, for tests of growth.

#include <unistd.h>

#include <cstdint>
#include <fstream>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();  // GCC installs no header for it
#endif

namespace dunlin::test {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
/// Sanitizers keep freed memory to watch it, so pages say nothing there; what is not freed does.
inline std::int64_t resident_bytes() { return static_cast<std::int64_t>(__sanitizer_get_current_allocated_bytes()); }
#else
inline std::int64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::int64_t all = 0, resident = 0;
  file >> all >> resident;
  return resident * ::sysconf(_SC_PAGESIZE);
}
#endif

}  // namespace dunlin::test
