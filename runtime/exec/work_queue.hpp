#pragma once
// Where ready tasks wait: a deque per thread, whose owner works at the young end while thieves take the old one, and
// queues in the order of the plan for what becomes ready by a grant of memory.
//
// Atomics are sequentially consistent where a reader must not miss a task that it looks for before it sleeps
// (work_board.hpp); fences are not used, since ThreadSanitizer does not see them.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <thread>
#include <vector>

namespace dunlin {

/// Some nanoseconds of rest for a core that waits for another.
inline void pause_core() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// For sections of a few dozen instructions; gives the processor away when its holder seems to have lost its own.
class SpinLock {
 public:
  void lock() {
    for (int tries = 0; held_.exchange(true, std::memory_order_acquire); ++tries)
      tries < 64 ? pause_core() : std::this_thread::yield();
  }
  bool try_lock() { return !held_.load(std::memory_order_relaxed) && !held_.exchange(true, std::memory_order_acquire); }
  void unlock() { held_.store(false, std::memory_order_release); }

 private:
  std::atomic<bool> held_{false};
};

/// The work-stealing deque of Chase and Lev (SPAA 2005) over a ring that never grows: at most `capacity`, a power of
/// two, entries are in it. push and pop by its owner, steal by anybody.
class WorkDeque {
 public:
  explicit WorkDeque(std::size_t capacity)
      : ring_(std::make_unique<std::atomic<std::uint32_t>[]>(capacity)),
        mask_(static_cast<std::int64_t>(capacity) - 1) {}

  void push(std::uint32_t item) {
    const std::int64_t bottom = bottom_.load(std::memory_order_relaxed);
    at(bottom).store(item, std::memory_order_relaxed);
    bottom_.store(bottom + 1);
  }
  std::optional<std::uint32_t> pop() {
    const std::int64_t bottom = bottom_.load(std::memory_order_relaxed) - 1;
    if (bottom < top_.load(std::memory_order_relaxed)) return std::nullopt;  // only thieves move it, and only up
    bottom_.store(bottom);
    std::int64_t top = top_.load();
    if (top > bottom) {
      bottom_.store(bottom + 1, std::memory_order_relaxed);
      return std::nullopt;
    }
    const std::uint32_t item = at(bottom).load(std::memory_order_relaxed);
    if (top < bottom) return item;
    const bool mine = top_.compare_exchange_strong(top, top + 1);  // the last one: a thief may be at it
    bottom_.store(bottom + 1, std::memory_order_relaxed);
    return mine ? std::optional(item) : std::nullopt;
  }
  std::optional<std::uint32_t> steal() {
    std::int64_t top = top_.load();
    if (top >= bottom_.load()) return std::nullopt;
    const std::uint32_t item = at(top).load(std::memory_order_relaxed);
    return top_.compare_exchange_strong(top, top + 1) ? std::optional(item) : std::nullopt;
  }
  /// As seen at some moment between others' doings.
  std::int64_t size() const { return bottom_.load() - top_.load(); }

 private:
  std::atomic<std::uint32_t>& at(std::int64_t place) { return ring_[static_cast<std::size_t>(place & mask_)]; }
  std::unique_ptr<std::atomic<std::uint32_t>[]> ring_;
  const std::int64_t mask_;
  alignas(64) std::atomic<std::int64_t> top_{0};
  alignas(64) std::atomic<std::int64_t> bottom_{0};
};

/// First in, first out, for any threads.
class OrderedQueue {
 public:
  void push(std::uint32_t item) { push(std::span(&item, 1)); }
  void push(std::span<const std::uint32_t> items) {
    lock_.lock();
    items_.insert(items_.end(), items.begin(), items.end());
    size_.store(items_.size() - next_);
    lock_.unlock();
  }
  std::optional<std::uint32_t> pop() {
    if (size_.load() == 0) return std::nullopt;
    std::optional<std::uint32_t> item;
    lock_.lock();
    if (next_ < items_.size()) {
      item = items_[next_++];
      if (next_ == items_.size()) {
        items_.clear();
        next_ = 0;
      } else if (next_ >= kShift) {
        items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(next_));
        next_ = 0;
      }
      size_.store(items_.size() - next_);
    }
    lock_.unlock();
    return item;
  }
  std::size_t size() const { return size_.load(); }

 private:
  static constexpr std::size_t kShift = 1024;  // taken entries at the front before the rest moves up
  SpinLock lock_;
  std::vector<std::uint32_t> items_;
  std::size_t next_ = 0;
  std::atomic<std::size_t> size_{0};
};

}  // namespace dunlin
