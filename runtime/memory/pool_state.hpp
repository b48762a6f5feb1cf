#pragma once
// What a pool and its buffers share.
//
//   Pool ── Domain (one per NUMA domain) ── shelves of mapped blocks, under a mutex
//                                        └─ Stripe × 16 ── shelves of small blocks and counts, under a spin lock
//
// A worker uses the stripe of its number, so that two workers hardly ever meet: taking and returning a small block is
// one lock that nobody else wants. A buffer remembers its stripe and returns there.
//
// How lent bytes are counted, exactly and without a counter that all threads write:
//   lent (stripe)      asked for and not returned; a returning thread lowers it in the buffer's stripe
//   claimed (stripe)   ≥ lent; what the stripe has claimed of the pool's count: kept high for a while after returns
//   claimed (pool)     the sum of the stripes'
//   peak               ≥ claimed (pool), and a sum that all stripes' lent bytes have had at one instant
// A loan within its stripe's claim touches nothing else. A claim that would pass the peak first locks all stripes and
// lowers every claim to what is lent: then the sum is exact, and only if it still passes the peak is there a new peak.
//
// `system` counts blocks that the system gave and has not got back, on loan or kept: reuse does not change it.
// Invariant: system ≤ keep_limit wherever anything is kept, but for the length of one call.
//
// Lifetime: the BufferPool and every stripe hold one reference each; a closed stripe drops its own when no block is on
// loan from it any more.

#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <vector>

#include "block.hpp"
#include "dunlin/memory/buffer.hpp"
#include "spin_lock.hpp"

namespace dunlin {

/// All but `pool` and `domain` under `lock`, and padded to lines of its own.
struct alignas(kLine) Buffer::Stripe {
  /// A free small block: the list goes through the blocks themselves.
  struct Free {
    Free* next;
  };

  SpinLock lock;
  bool closed = false;  // the pool is gone: what comes back is not kept
  Pool* pool = nullptr;
  int domain = 0;
  std::size_t lent = 0, claimed = 0, kept = 0;
  std::int64_t blocks_out = 0;
  bool used = false;  // has ever counted anything; changes under Pool::first_uses only
  std::array<Free*, kSmallClasses> shelves{};

  std::byte* take_kept(const SmallClass& size_class);
  bool may_keep(std::size_t capacity) const;
  void keep(std::byte* block, int size_class);
  /// Takes all kept blocks off the shelves: a list for each class.
  std::array<Free*, kSmallClasses> take_all();
};

struct Buffer::Domain {
  std::mutex mutex;
  bool closed = false;
  std::size_t kept = 0;
  std::map<std::size_t, std::vector<std::byte*>> shelves;  // capacity → free mapped blocks

  std::byte* take_kept(std::size_t capacity);
  /// False where there is no memory to note the block.
  bool keep(std::byte* block, std::size_t capacity) noexcept;
};

struct Buffer::Pool {
  static constexpr std::size_t kStripes = 16;  // per domain
  /// A stripe keeps at most this many bytes of small blocks …
  static constexpr std::size_t kSmallKept = std::size_t{1} << 20;
  /// … and a claim that exceeds what is lent by at most this.
  static constexpr std::size_t kClaimSlack = std::size_t{1} << 16;

  Pool(std::size_t limit, std::size_t domain_count);

  /// Both at least 0, taken modulo what there is.
  Stripe& stripe(int domain, int worker) {
    const std::size_t of_domain = domains.size() == 1 ? 0 : static_cast<std::size_t>(domain) % domains.size();
    return stripes[of_domain * kStripes + static_cast<std::size_t>(worker) % kStripes];
  }
  std::byte* take(Stripe& home, std::size_t capacity);
  /// A new block; where the system has none left, all kept ones are given back before the last attempt.
  std::byte* make(std::size_t capacity);
  void free(std::byte* block, std::size_t capacity) noexcept;
  void give_back_mapped(Stripe& home, std::byte* block, std::size_t capacity) noexcept;
  bool may_keep() const { return system.load() <= keep_limit.load(); }

  /// Counts a loan in `home`, whose lock is held, if that cannot make a new peak.
  bool count_within_peak(Stripe& home, std::size_t bytes);
  void count(Stripe& home, std::size_t bytes);
  /// The lock of `home` is held.
  void uncount(Stripe& home, std::size_t bytes) noexcept;
  /// `home` and all stripes that were ever used; the others stay unused until unlock_all().
  void lock_all(Stripe& home);
  void unlock_all();

  /// Gives kept blocks back, of each domain the largest first, until `system` is at most `bytes` or nothing is kept.
  void drop_to(std::size_t bytes) noexcept;
  /// The end of the BufferPool: nothing is kept from now on. May destroy this.
  void close() noexcept;
  void drop_reference() noexcept {
    if (references.fetch_sub(1) == 1) delete this;
  }

  SpinLock first_uses;
  std::vector<Domain> domains;
  std::vector<Stripe> stripes;
  std::atomic<std::size_t> keep_limit;
  std::atomic<std::size_t> system{0};
  std::atomic<std::size_t> claimed{0}, peak{0};
  std::atomic<std::size_t> references;
};

}  // namespace dunlin
