// What the process holds is seen when pages are touched, and its peak stays when they are gone.

#include "dunlin/topology/process_memory.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstring>

namespace dunlin {
namespace {

constexpr std::int64_t kSize = 64 << 20;
/// The system counts pages in batches per processor.
constexpr std::int64_t kSlack = 4 << 20;

TEST(ProcessMemory, TouchedPagesAreSeenAndThePeakStays) {
  const std::int64_t before = resident_bytes();
  ASSERT_GT(before, 0);
  void* block = ::mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(block, MAP_FAILED);
  std::memset(block, 1, kSize);
  EXPECT_GE(resident_bytes(), before + kSize - kSlack);
  ::munmap(block, kSize);
  EXPECT_LE(resident_bytes(), before + kSlack);
  EXPECT_GE(peak_resident_bytes(), before + kSize - kSlack);
}

}  // namespace
}  // namespace dunlin
