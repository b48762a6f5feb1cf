#pragma once
// Chunk bytes: owned, aligned, counted, reused, near the thread that asked.
//
// A `Buffer` is a block of bytes on loan from a `BufferPool`; destroying it gives the block back. The pool keeps blocks
// for reuse, since the first touch of fresh pages costs four to six times a reuse, but never holds more in all (lent +
// kept) than its limit where giving kept blocks back to the system can prevent it. The limit bounds what is kept, it
// refuses nothing: admission by the plan happens before (exec/), a pool only counts.
//
//   BufferPool pool;
//   Buffer a = pool.allocate(1000);       // aligned to 64 bytes, contents undefined, a.size() == 1000
//   pool.lent_bytes() == 1000
//
// A pool has shelves for each NUMA domain. A block belongs to the domain whose shelves lent it first: it is fresh then,
// its pages come from the domain of the thread that touches them first, which is the one that took it; whoever gives it
// back, it returns to the shelves of its own domain.
//
// Threading: allocate and the return of buffers may happen on any threads at once. A buffer may be destroyed after its
// pool.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

namespace dunlin {

class BufferPool;

/// Movable handle of one block; empty when default-constructed or moved from.
class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept;
  Buffer& operator=(Buffer&& other) noexcept;
  ~Buffer() {
    if (data_) give_back();
  }

  std::byte* data() { return data_; }
  const std::byte* data() const { return data_; }
  std::size_t size() const { return size_; }
  std::span<std::byte> bytes() { return {data_, size_}; }
  std::span<const std::byte> bytes() const { return {data_, size_}; }
  bool empty() const { return data_ == nullptr; }
  /// Makes the buffer say fewer bytes than it was allocated with (encoded data shorter than its bound). The block
  /// stays whole. Precondition: size ≤ size().
  void shrink(std::size_t size) { size_ = size; }
  /// The NUMA domain whose shelves the block belongs to; 0 for an empty buffer.
  int domain() const;

 private:
  friend class BufferPool;
  struct Pool;
  struct Domain;
  struct Stripe;
  void give_back() noexcept;

  Stripe* home_ = nullptr;  // alive while any of its blocks is on loan
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;      // what the user asked for
  std::size_t capacity_ = 0;  // what the block holds
  std::size_t counted_ = 0;   // what the pool counted as lent
};

class BufferPool {
 public:
  static constexpr std::size_t kAlignment = 64;

  /// `keep_limit`: the pool gives kept blocks back to the system before lent + kept exceeds this, all domains together.
  /// Blocks count by what the system gives: up to an eighth more than was asked for. `domains` ≥ 1.
  explicit BufferPool(std::size_t keep_limit = std::numeric_limits<std::size_t>::max(), int domains = 1);
  ~BufferPool();
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;

  /// `size` bytes, aligned to kAlignment, contents undefined; for 0 a buffer of size 0 that is not empty(). From the
  /// shelves of the calling thread's domain (worker_place.hpp). Throws std::bad_alloc.
  Buffer allocate(std::size_t size);
  /// The same from the shelves of `domain` ≥ 0, taken modulo domains().
  Buffer allocate(std::size_t size, int domain);
  /// Changes the limit, giving kept blocks back where needed.
  void set_keep_limit(std::size_t bytes);
  /// Gives all kept blocks back to the system.
  void trim();

  int domains() const;
  /// Bytes asked for and not returned; the most so far, exact whatever the threads do; bytes kept for reuse.
  std::size_t lent_bytes() const;
  std::size_t peak_lent_bytes() const;
  std::size_t kept_bytes() const;

 private:
  Buffer::Pool* pool_;
};

}  // namespace dunlin
