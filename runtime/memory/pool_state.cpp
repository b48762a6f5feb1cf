#include "pool_state.hpp"

#include <new>

namespace dunlin {

std::byte* Buffer::Stripe::take_kept(const SmallClass& size_class) {
  Free*& shelf = shelves[static_cast<std::size_t>(size_class.index)];
  if (!shelf) return nullptr;
  auto* block = reinterpret_cast<std::byte*>(shelf);  // the last returned is the likeliest to be in a cache
  show_bytes(block, size_class.capacity);
  shelf = shelf->next;
  kept -= size_class.capacity;
  return block;
}

bool Buffer::Stripe::may_keep(std::size_t capacity) const { return !closed && kept + capacity <= Pool::kSmallKept; }

void Buffer::Stripe::keep(std::byte* block, int size_class) {
  const std::size_t capacity = SmallClass::capacity_of(size_class);
  show_bytes(block, capacity);
  Free*& shelf = shelves[static_cast<std::size_t>(size_class)];
  shelf = ::new (block) Free{shelf};
  kept += capacity;
  hide_bytes(block, capacity);
}

std::array<Buffer::Stripe::Free*, kSmallClasses> Buffer::Stripe::take_all() {
  const std::array<Free*, kSmallClasses> all = shelves;
  shelves.fill(nullptr);
  kept = 0;
  return all;
}

std::byte* Buffer::Domain::take_kept(std::size_t capacity) {
  const std::lock_guard guard(mutex);
  const auto shelf = shelves.find(capacity);
  if (shelf == shelves.end() || shelf->second.empty()) return nullptr;
  std::byte* block = shelf->second.back();
  shelf->second.pop_back();
  kept -= capacity;
  show_bytes(block, capacity);
  return block;
}

bool Buffer::Domain::keep(std::byte* block, std::size_t capacity) noexcept {
  try {
    shelves[capacity].push_back(block);
  } catch (const std::bad_alloc&) {
    return false;
  }
  kept += capacity;
  hide_bytes(block, capacity);
  return true;
}

Buffer::Pool::Pool(std::size_t limit, std::size_t domain_count)
    : domains(domain_count),
      stripes(domain_count * kStripes),
      keep_limit(limit),
      references(1 + domain_count * kStripes) {
  for (std::size_t index = 0; index < stripes.size(); ++index) {
    stripes[index].pool = this;
    stripes[index].domain = static_cast<int>(index / kStripes);
  }
}

std::byte* Buffer::Pool::take(Stripe& home, std::size_t capacity) {
  if (!is_small(capacity))
    if (std::byte* block = domains[static_cast<std::size_t>(home.domain)].take_kept(capacity)) return block;
  system.fetch_add(capacity);
  drop_to(keep_limit.load());  // before the new block is made, or the sum would overshoot for a moment
  try {
    return make(capacity);
  } catch (...) {
    system.fetch_sub(capacity);
    throw;
  }
}

std::byte* Buffer::Pool::make(std::size_t capacity) {
  try {
    return make_block(capacity);
  } catch (const std::bad_alloc&) {
    drop_to(0);
  }
  return make_block(capacity);
}

void Buffer::Pool::free(std::byte* block, std::size_t capacity) noexcept {
  free_block(block, capacity);
  system.fetch_sub(capacity);
}

void Buffer::Pool::give_back_mapped(Stripe& home, std::byte* block, std::size_t capacity) noexcept {
  Domain& domain = domains[static_cast<std::size_t>(home.domain)];
  {
    // What may be kept is asked under the lock: whoever lowers the limit, or raises `system`, visits the shelves after.
    const std::lock_guard guard(domain.mutex);
    if (!domain.closed && may_keep() && domain.keep(block, capacity)) return;
  }
  free(block, capacity);
}

bool Buffer::Pool::count_within_peak(Stripe& home, std::size_t bytes) {
  const std::size_t wanted = home.lent + bytes;
  if (wanted > home.claimed) {
    if (!home.used) return false;
    const std::size_t more = wanted - home.claimed;
    std::size_t sum = claimed.load(std::memory_order_relaxed);
    do {
      if (sum + more > peak.load(std::memory_order_relaxed)) return false;
    } while (!claimed.compare_exchange_weak(sum, sum + more, std::memory_order_relaxed));
    home.claimed = wanted;
  }
  home.lent = wanted;
  ++home.blocks_out;
  return true;
}

void Buffer::Pool::count(Stripe& home, std::size_t bytes) {
  {
    const std::lock_guard guard(home.lock);
    if (count_within_peak(home, bytes)) return;
  }
  lock_all(home);
  for (Stripe& stripe : stripes) {
    if (!stripe.used) continue;
    claimed.fetch_sub(stripe.claimed - stripe.lent);
    stripe.claimed = stripe.lent;
  }
  home.claimed = home.lent += bytes;
  ++home.blocks_out;
  const std::size_t sum = claimed.fetch_add(bytes) + bytes;
  if (sum > peak.load()) peak.store(sum);
  unlock_all();
}

void Buffer::Pool::uncount(Stripe& home, std::size_t bytes) noexcept {
  home.lent -= bytes;
  --home.blocks_out;
  if (home.claimed - home.lent <= kClaimSlack) return;
  claimed.fetch_sub(home.claimed - home.lent, std::memory_order_relaxed);
  home.claimed = home.lent;
}

void Buffer::Pool::lock_all(Stripe& home) {
  first_uses.lock();
  for (Stripe& stripe : stripes) {
    if (!stripe.used && &stripe != &home) continue;
    stripe.lock.lock();
    stripe.used = true;
  }
}

void Buffer::Pool::unlock_all() {
  for (Stripe& stripe : stripes)
    if (stripe.used) stripe.lock.unlock();
  first_uses.unlock();
}

void Buffer::Pool::drop_to(std::size_t bytes) noexcept {
  if (system.load() <= bytes) return;
  for (Domain& domain : domains) {
    const std::lock_guard guard(domain.mutex);
    for (auto shelf = domain.shelves.rbegin(); shelf != domain.shelves.rend(); ++shelf)
      for (; !shelf->second.empty() && system.load() > bytes; shelf->second.pop_back()) {
        domain.kept -= shelf->first;
        free(shelf->second.back(), shelf->first);
      }
  }
  for (Stripe& stripe : stripes) {
    if (system.load() <= bytes) return;
    std::unique_lock guard(stripe.lock);
    const auto all = stripe.take_all();
    guard.unlock();
    for (int index = 0; index < kSmallClasses; ++index)
      for (Stripe::Free *block = all[static_cast<std::size_t>(index)], *next; block; block = next) {
        const std::size_t capacity = SmallClass::capacity_of(index);
        show_bytes(reinterpret_cast<std::byte*>(block), capacity);
        next = block->next;
        free(reinterpret_cast<std::byte*>(block), capacity);
      }
  }
}

void Buffer::Pool::close() noexcept {
  for (Domain& domain : domains) {
    const std::lock_guard guard(domain.mutex);
    domain.closed = true;
  }
  std::size_t idle = 1;  // the BufferPool's own reference, and those of stripes that have nothing on loan
  for (Stripe& stripe : stripes) {
    const std::lock_guard guard(stripe.lock);
    stripe.closed = true;
    idle += stripe.blocks_out == 0;
  }
  drop_to(0);
  if (references.fetch_sub(idle) == idle) delete this;
}

}  // namespace dunlin
