#include "support/failing_memory.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

/// Calls until the one that fails; 0 or less: none does.
std::atomic<std::int64_t> until_failure = 0;
std::atomic<bool> counts_all_threads = false;
thread_local bool counts_this_thread = false;

bool fails() {
  if (until_failure.load(std::memory_order_relaxed) <= 0) return false;
  return (counts_this_thread || counts_all_threads.load(std::memory_order_relaxed)) && until_failure.fetch_sub(1) == 1;
}

void* give(void* block) {
  if (!block) throw std::bad_alloc();
  return block;
}

}  // namespace

void* operator new(std::size_t size) { return give(fails() ? nullptr : std::malloc(size ? size : 1)); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return fails() ? nullptr : std::malloc(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return fails() ? nullptr : std::malloc(size); }
void* operator new[](std::size_t size) { return give(fails() ? nullptr : std::malloc(size ? size : 1)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  const auto multiple = static_cast<std::size_t>(alignment);
  return give(fails() ? nullptr : std::aligned_alloc(multiple, (size + multiple - 1) / multiple * multiple));
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, const std::nothrow_t&) noexcept { std::free(block); }
void operator delete[](void* block, const std::nothrow_t&) noexcept { std::free(block); }
void operator delete[](void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }
void operator delete[](void* block, std::size_t) noexcept { std::free(block); }
void operator delete(void* block, std::align_val_t) noexcept { std::free(block); }
void operator delete(void* block, std::size_t, std::align_val_t) noexcept { std::free(block); }

namespace dunlin::test {

void fail_memory(std::int64_t nth, bool all_threads) {
  counts_this_thread = true;
  counts_all_threads = all_threads;
  until_failure = nth;
}

bool spare_memory() {
  const bool failed = until_failure.exchange(0) <= 0;
  counts_all_threads = counts_this_thread = false;
  return failed;
}

}  // namespace dunlin::test
