#include "block.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <new>

namespace dunlin {
namespace {

constexpr std::size_t kHugePage = 2 * 1024 * 1024;

std::size_t round_up(std::size_t size, std::size_t multiple) {
  std::size_t sum;
  if (__builtin_add_overflow(size, multiple - 1, &sum)) throw std::bad_alloc();
  return sum / multiple * multiple;
}

std::byte* map_block(std::size_t bytes) {
  void* block = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (block == MAP_FAILED) throw std::bad_alloc();
  // Huge pages where the system gives them: most of the cost of fresh memory is the faults. Advice: may go unheard.
  if (bytes >= kHugePage) ::madvise(block, bytes, MADV_HUGEPAGE);
  return static_cast<std::byte*>(block);
}

}  // namespace

std::size_t mapped_capacity(std::size_t size) {
  static const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return round_up(size, std::max(page, std::bit_floor(size) / 8));
}

std::byte* make_block(std::size_t capacity) {
  if (!is_small(capacity)) return map_block(capacity);
  return static_cast<std::byte*>(::operator new (capacity, std::align_val_t{kLine}));
}

void free_block(std::byte* block, std::size_t capacity) noexcept {
  show_bytes(block, capacity);
  if (is_small(capacity))
    ::operator delete (block, std::align_val_t{kLine});
  else
    ::munmap(block, capacity);
}

}  // namespace dunlin
