#pragma once
// Blocks as the system gives them, and the sizes that they come in.
//
//   small   up to 60 KiB, from the heap, 63 sizes: every 64 bytes up to 512, then eight to each power of two
//   mapped  all larger ones, whole pages, eight sizes to each power of two: giving one back lowers the process's
//           resident memory at once, where the heap would keep it
//
// So at most an eighth (or 63 bytes, or a page) is wasted, and chunks of nearly equal size share blocks.

#include <algorithm>
#include <bit>
#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
extern "C" void __asan_poison_memory_region(const volatile void* from, std::size_t size);
extern "C" void __asan_unpoison_memory_region(const volatile void* from, std::size_t size);
#endif

namespace dunlin {

constexpr std::size_t kLine = 64;
constexpr std::size_t kLargestSmall = 60 * 1024;
constexpr int kSmallClasses = 63;

/// The class of a small block of 1 ≤ size ≤ kLargestSmall bytes, and what blocks of a class hold.
struct SmallClass {
  int index;
  std::size_t capacity;

  static SmallClass of(std::size_t size) {
    if (size <= 512) {
      const std::size_t lines = (size + kLine - 1) / kLine;
      return {static_cast<int>(lines) - 1, lines * kLine};
    }
    const int power = std::bit_width(size - 1);  // 2^(power-1) < size ≤ 2^power
    const std::size_t step = (size - 1) >> (power - 4);
    return {(power - 10) * 8 + static_cast<int>(step), (step + 1) << (power - 4)};
  }
  static std::size_t capacity_of(int index) {
    if (index < 8) return (static_cast<std::size_t>(index) + 1) * kLine;
    return (static_cast<std::size_t>(index % 8) + 9) << (index / 8 + 5);
  }
};

inline bool is_small(std::size_t capacity) { return capacity <= kLargestSmall; }

/// What a mapped block for `size` bytes holds. Throws std::bad_alloc where no number does.
std::size_t mapped_capacity(std::size_t size);

/// A new block, kLine aligned. Throws std::bad_alloc.
std::byte* make_block(std::size_t capacity);
void free_block(std::byte* block, std::size_t capacity) noexcept;

// The address sanitizer takes a kept block, and what follows the last line asked for, for memory that is not ours.
#if defined(__SANITIZE_ADDRESS__)
inline void hide_bytes(const std::byte* from, std::size_t size) { __asan_poison_memory_region(from, size); }
inline void show_bytes(const std::byte* from, std::size_t size) { __asan_unpoison_memory_region(from, size); }
#else
inline void hide_bytes(const std::byte*, std::size_t) {}
inline void show_bytes(const std::byte*, std::size_t) {}
#endif

}  // namespace dunlin
