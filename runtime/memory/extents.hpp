#pragma once
// Which parts of a file are free: best fit, neighbours joined. Sizes in bytes, rounded up to pages.

#include <cstdint>
#include <map>
#include <set>
#include <utility>

namespace dunlin {

class Extents {
 public:
  static constexpr std::uint64_t kPage = 4096;
  static std::uint64_t rounded(std::uint64_t size) { return (size + kPage - 1) / kPage * kPage; }

  /// Where `size` bytes have room: the smallest gap that holds them, else behind the end. Throws std::bad_alloc.
  std::uint64_t take(std::uint64_t size);
  /// Gives back what take() gave for this size. Without memory to note a gap, it stays unused.
  void give_back(std::uint64_t offset, std::uint64_t size) noexcept;
  /// Behind the last part in use.
  std::uint64_t end() const { return end_; }

 private:
  using Gap = std::map<std::uint64_t, std::uint64_t>::iterator;
  void add(std::uint64_t offset, std::uint64_t size);
  void remove(Gap gap);

  std::map<std::uint64_t, std::uint64_t> gaps_;              // offset → size, never touching each other nor the end
  std::set<std::pair<std::uint64_t, std::uint64_t>> sizes_;  // (size, offset) of the same
  std::uint64_t end_ = 0;
};

}  // namespace dunlin
