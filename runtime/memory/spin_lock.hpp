#pragma once
// A lock for a few dozen instructions: one atomic exchange where nobody else wants it (a mutex costs three times that).
// Spins for a moment, then lets other threads run, so that it gets on where threads outnumber cores.

#include <atomic>
#include <thread>

namespace dunlin {

class SpinLock {
 public:
  void lock() noexcept {
    while (taken_.exchange(true, std::memory_order_acquire)) wait();
  }
  void unlock() noexcept { taken_.store(false, std::memory_order_release); }

 private:
  static constexpr int kSpins = 64;  // about a microsecond: longer than the lock is ever held by a running thread

  void wait() const noexcept {
    for (int spin = 0; taken_.load(std::memory_order_relaxed); ++spin) {
      if (spin >= kSpins) return std::this_thread::yield();
#if defined(__x86_64__)
      __builtin_ia32_pause();
#endif
    }
  }
  std::atomic<bool> taken_{false};
};

}  // namespace dunlin
