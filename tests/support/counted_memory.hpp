#pragma once
// Counts what operator new gives, in executables that link `dunlin_test_counted_memory`: it replaces the global one.

#include <cstdint>

namespace dunlin::test {

struct MemoryCount {
  std::int64_t calls = 0;       // of operator new
  std::int64_t bytes = 0;       // given in all
  std::int64_t peak_bytes = 0;  // most in use at one time beyond what was in use when counting began
  std::int64_t kept_bytes = 0;  // still in use, beyond what was when counting began
};

/// Counts from its construction on. One at a time, on one thread.
class MemoryCounter {
 public:
  MemoryCounter();
  MemoryCount count() const;
};

}  // namespace dunlin::test
