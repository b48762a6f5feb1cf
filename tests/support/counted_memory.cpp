#include "support/counted_memory.hpp"

#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::int64_t> calls{0}, bytes{0}, in_use{0}, peak{0};

void* counted(void* block) {
  if (!block) throw std::bad_alloc();
  const auto size = static_cast<std::int64_t>(malloc_usable_size(block));
  ++calls;
  bytes += size;
  const std::int64_t now = in_use += size;
  peak = std::max(peak.load(), now);
  return block;
}

void give_back(void* block) noexcept {
  if (block) in_use -= static_cast<std::int64_t>(malloc_usable_size(block));
  std::free(block);
}

std::int64_t start_calls, start_bytes, start_in_use;

}  // namespace

void* operator new(std::size_t size) { return counted(std::malloc(size ? size : 1)); }
void* operator new[](std::size_t size) { return counted(std::malloc(size ? size : 1)); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return counted(std::malloc(size ? size : 1));  // without memory nothing is measured
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return counted(std::malloc(size ? size : 1)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  const auto multiple = static_cast<std::size_t>(alignment);
  return counted(std::aligned_alloc(multiple, (size + multiple - 1) / multiple * multiple));
}
void operator delete(void* block) noexcept { give_back(block); }
void operator delete[](void* block) noexcept { give_back(block); }
void operator delete(void* block, std::size_t) noexcept { give_back(block); }
void operator delete[](void* block, std::size_t) noexcept { give_back(block); }
void operator delete(void* block, std::align_val_t) noexcept { give_back(block); }
void operator delete(void* block, std::size_t, std::align_val_t) noexcept { give_back(block); }

namespace dunlin::test {

MemoryCounter::MemoryCounter() {
  start_calls = calls;
  start_bytes = bytes;
  start_in_use = in_use;
  peak = in_use.load();
}

MemoryCount MemoryCounter::count() const {
  return {calls - start_calls, bytes - start_bytes, peak - start_in_use, in_use - start_in_use};
}

}  // namespace dunlin::test
