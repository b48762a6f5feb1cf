#include "dunlin/memory/buffer.hpp"

#include <algorithm>
#include <mutex>
#include <new>
#include <utility>

#include "block.hpp"
#include "current_place.hpp"
#include "pool_state.hpp"

namespace dunlin {
namespace {

/// Hides what lies behind the last line that was asked for.
void hide_rest(const std::byte* block, std::size_t size, std::size_t capacity) {
  const std::size_t lines = (size + kLine - 1) / kLine * kLine;
  if (lines < capacity) hide_bytes(block + lines, capacity - lines);
}

}  // namespace

Buffer::Buffer(Buffer&& other) noexcept
    : home_(std::exchange(other.home_, nullptr)),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)),
      counted_(std::exchange(other.counted_, 0)) {}

Buffer& Buffer::operator=(Buffer&& other) noexcept {
  Buffer taken(std::move(other));  // what this held is given back when `taken` dies
  std::swap(home_, taken.home_);
  std::swap(data_, taken.data_);
  std::swap(size_, taken.size_);
  std::swap(capacity_, taken.capacity_);
  std::swap(counted_, taken.counted_);
  return *this;
}

int Buffer::domain() const { return home_ ? home_->domain : 0; }

void Buffer::give_back() noexcept {
  Pool& pool = *home_->pool;
  if (!is_small(capacity_)) pool.give_back_mapped(*home_, data_, capacity_);
  home_->lock.lock();
  if (is_small(capacity_) && !(home_->may_keep(capacity_) && pool.may_keep())) {
    home_->lock.unlock();
    pool.free(data_, capacity_);  // before the block is counted as returned: until then the pool stays alive
    home_->lock.lock();
  } else if (is_small(capacity_)) {
    home_->keep(data_, SmallClass::of(capacity_).index);
  }
  pool.uncount(*home_, counted_);
  const bool last = home_->closed && home_->blocks_out == 0;
  home_->lock.unlock();
  if (last) pool.drop_reference();
}

BufferPool::BufferPool(std::size_t keep_limit, int domains)
    : pool_(new Buffer::Pool(keep_limit, static_cast<std::size_t>(std::max(domains, 1)))) {}

BufferPool::~BufferPool() { pool_->close(); }

Buffer BufferPool::allocate(std::size_t size) { return allocate(size, current_place.domain); }

Buffer BufferPool::allocate(std::size_t size, int domain) {
  Buffer buffer;
  Buffer::Stripe& home = pool_->stripe(domain, current_place.worker);
  const std::size_t wanted = std::max<std::size_t>(size, 1);
  if (wanted <= kLargestSmall) {
    const SmallClass size_class = SmallClass::of(wanted);
    buffer.capacity_ = size_class.capacity;
    home.lock.lock();
    buffer.data_ = home.take_kept(size_class);
    const bool counted = buffer.data_ && pool_->count_within_peak(home, size);
    home.lock.unlock();
    if (!buffer.data_) buffer.data_ = pool_->take(home, buffer.capacity_);
    if (!counted) pool_->count(home, size);
  } else {
    buffer.capacity_ = mapped_capacity(wanted);
    buffer.data_ = pool_->take(home, buffer.capacity_);
    pool_->count(home, size);
  }
  buffer.home_ = &home;
  buffer.size_ = buffer.counted_ = size;
  hide_rest(buffer.data_, size, buffer.capacity_);
  return buffer;
}

void BufferPool::set_keep_limit(std::size_t bytes) {
  pool_->keep_limit.store(bytes);
  pool_->drop_to(bytes);
}

void BufferPool::trim() { pool_->drop_to(0); }

int BufferPool::domains() const { return static_cast<int>(pool_->domains.size()); }

std::size_t BufferPool::lent_bytes() const {
  std::size_t sum = 0;
  for (Buffer::Stripe& stripe : pool_->stripes) {
    const std::lock_guard guard(stripe.lock);
    sum += stripe.lent;
  }
  return sum;
}

std::size_t BufferPool::peak_lent_bytes() const { return pool_->peak.load(); }

std::size_t BufferPool::kept_bytes() const {
  std::size_t sum = 0;
  for (Buffer::Domain& domain : pool_->domains) {
    const std::lock_guard guard(domain.mutex);
    sum += domain.kept;
  }
  for (Buffer::Stripe& stripe : pool_->stripes) {
    const std::lock_guard guard(stripe.lock);
    sum += stripe.kept;
  }
  return sum;
}

}  // namespace dunlin
