#include "dunlin/memory/buffer.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <map>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

namespace dunlin {
namespace {

/// From here on blocks are mapped, so that giving one back lowers the process's resident memory at once; the heap would
/// keep it. Smaller blocks come from the heap and are not kept: its own lists are as fast.
constexpr std::size_t kSmallestMapped = 64 * 1024;
constexpr std::size_t kHugePage = 2 * 1024 * 1024;

std::size_t round_up(std::size_t size, std::size_t multiple) {
  std::size_t sum;
  if (__builtin_add_overflow(size, multiple - 1, &sum)) throw std::bad_alloc();
  return sum / multiple * multiple;
}

/// Bytes of the block that serves `size` bytes: eight classes to each power of two (so that at most an eighth is
/// wasted, and chunks of nearly equal size share blocks), in whole pages.
std::size_t block_size(std::size_t size) {
  if (size < kSmallestMapped) return round_up(size, BufferPool::kAlignment);
  static const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return round_up(size, std::max(page, std::bit_floor(size) / 8));
}

std::byte* map_block(std::size_t bytes) {
  void* block = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (block == MAP_FAILED) throw std::bad_alloc();
  // Huge pages where the system gives them: most of the cost of fresh memory is the faults. Advice: may go unheard.
  if (bytes >= kHugePage) ::madvise(block, bytes, MADV_HUGEPAGE);
  return static_cast<std::byte*>(block);
}

std::byte* heap_block(std::size_t bytes) {
  return static_cast<std::byte*>(::operator new (bytes, std::align_val_t{BufferPool::kAlignment}));
}

void free_block(std::byte* block, std::size_t bytes) {
  if (bytes >= kSmallestMapped)
    ::munmap(block, bytes);
  else
    ::operator delete (block, std::align_val_t{BufferPool::kAlignment});
}

}  // namespace

/// What a pool and its buffers share. Invariant, under `mutex`: kept is the sum of all blocks in `shelves`, and
/// held + kept ≤ keep_limit wherever kept > 0.
struct Buffer::Pool {
  explicit Pool(std::size_t limit) : keep_limit(limit) {}
  ~Pool() { drop_to(0); }

  std::byte* take(std::size_t bytes) {
    std::byte* block = nullptr;
    {
      std::lock_guard lock(mutex);
      block = take_kept(bytes);
      held += bytes;
      drop_to_limit();  // before the new block is made, or the sum would overshoot for a moment
    }
    if (block) return block;
    try {
      return make(bytes);
    } catch (...) {
      std::lock_guard lock(mutex);
      held -= bytes;
      throw;
    }
  }

  /// A new block; where the system has none left, all kept ones are given back before the last attempt.
  std::byte* make(std::size_t bytes) {
    const auto make_block = bytes >= kSmallestMapped ? map_block : heap_block;
    try {
      return make_block(bytes);
    } catch (const std::bad_alloc&) {
      std::lock_guard lock(mutex);
      drop_to(0);
    }
    return make_block(bytes);
  }

  void give_back(std::byte* block, std::size_t bytes, std::size_t lent_bytes) noexcept {
    std::unique_lock lock(mutex);
    lent -= lent_bytes;
    held -= bytes;
    if (may_keep(bytes) && keep(block, bytes)) return;
    lock.unlock();
    free_block(block, bytes);
  }

  void count(std::size_t bytes) {
    std::lock_guard lock(mutex);
    peak_lent = std::max(peak_lent, lent += bytes);
  }

  std::byte* take_kept(std::size_t bytes) {
    const auto shelf = shelves.find(bytes);
    if (shelf == shelves.end() || shelf->second.empty()) return nullptr;
    std::byte* block = shelf->second.back();  // the last returned is the likeliest to be in a cache
    shelf->second.pop_back();
    kept -= bytes;
    return block;
  }

  bool may_keep(std::size_t bytes) const {
    return bytes >= kSmallestMapped && !closed && held + kept <= keep_limit && bytes <= keep_limit - held - kept;
  }

  bool keep(std::byte* block, std::size_t bytes) noexcept {
    try {
      shelves[bytes].push_back(block);
    } catch (const std::bad_alloc&) {
      return false;
    }
    kept += bytes;
    return true;
  }

  void drop_to_limit() { drop_to(held < keep_limit ? keep_limit - held : 0); }

  /// Gives kept blocks back, largest first, until at most `bytes` are kept.
  void drop_to(std::size_t bytes) {
    for (auto shelf = shelves.rbegin(); shelf != shelves.rend() && kept > bytes; ++shelf) {
      for (; !shelf->second.empty() && kept > bytes; shelf->second.pop_back()) {
        free_block(shelf->second.back(), shelf->first);
        kept -= shelf->first;
      }
    }
  }

  std::mutex mutex;
  std::size_t keep_limit;
  std::size_t lent = 0, peak_lent = 0;  // as users asked
  std::size_t held = 0;                 // blocks out on loan, as the system counts them
  std::size_t kept = 0;
  bool closed = false;                                     // the pool is gone: what comes back is not kept
  std::map<std::size_t, std::vector<std::byte*>> shelves;  // block size → free blocks
};

Buffer::Buffer(Buffer&& other) noexcept
    : pool_(std::move(other.pool_)),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)),
      counted_(std::exchange(other.counted_, 0)) {}

Buffer& Buffer::operator=(Buffer&& other) noexcept {
  Buffer taken(std::move(other));  // what this held is given back when `taken` dies
  std::swap(pool_, taken.pool_);
  std::swap(data_, taken.data_);
  std::swap(size_, taken.size_);
  std::swap(capacity_, taken.capacity_);
  std::swap(counted_, taken.counted_);
  return *this;
}

Buffer::~Buffer() {
  if (data_) pool_->give_back(data_, capacity_, counted_);
}

BufferPool::BufferPool(std::size_t keep_limit) : pool_(std::make_shared<Buffer::Pool>(keep_limit)) {}

BufferPool::~BufferPool() {
  std::lock_guard lock(pool_->mutex);
  pool_->closed = true;
  pool_->drop_to(0);
}

Buffer BufferPool::allocate(std::size_t size) {
  Buffer buffer;
  const std::size_t capacity = block_size(std::max<std::size_t>(size, 1));
  buffer.data_ = pool_->take(capacity);
  buffer.pool_ = pool_;
  buffer.capacity_ = capacity;
  buffer.size_ = buffer.counted_ = size;
  pool_->count(size);
  return buffer;
}

void BufferPool::set_keep_limit(std::size_t bytes) {
  std::lock_guard lock(pool_->mutex);
  pool_->keep_limit = bytes;
  pool_->drop_to_limit();
}

void BufferPool::trim() {
  std::lock_guard lock(pool_->mutex);
  pool_->drop_to(0);
}

std::size_t BufferPool::lent_bytes() const {
  std::lock_guard lock(pool_->mutex);
  return pool_->lent;
}

std::size_t BufferPool::peak_lent_bytes() const {
  std::lock_guard lock(pool_->mutex);
  return pool_->peak_lent;
}

std::size_t BufferPool::kept_bytes() const {
  std::lock_guard lock(pool_->mutex);
  return pool_->kept;
}

}  // namespace dunlin
