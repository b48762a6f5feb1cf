#pragma once
// The chunks that a rank owns: what is no box where chunks are dealt in turn or scattered.
//
// Either a product of *runs*, one per axis, or a list of chunk ordinals. A run's members are `width` chunks out of
// every `period`, beginning at `start`; of those the places [first, last) belong to the set:
//
//   start 2, width 2, period 6, places [1, 5)        2 [3 . . . . 8 9 . . . . 14] 15       size 4: 3, 8, 9, 14
//
// Members are numbered in ascending order of their ordinals. For a product every question takes O(axes), whatever the
// size; for a list `index_of` takes O(log size).

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "dunlin/base/chunk_grid.hpp"

namespace dunlin {

class ChunkSet {
 public:
  struct Run {
    std::int64_t start = 0, width = 1, period = 1;
    std::int64_t first = 0, last = 0;  // places

    std::int64_t size() const { return last - first; }
    /// Chunk at place `place`.
    std::int64_t at(std::int64_t place) const {
      return width == period ? start + place : start + place / width * period + place % width;
    }
    /// Members below `chunk`, those before `first` counted.
    std::int64_t below(std::int64_t chunk) const {
      if (chunk <= start) return 0;
      const std::int64_t past = chunk - start;
      return width == period ? past : past / period * width + std::min(past % period, width);
    }
    /// Place of a chunk, or −1 where it is none of the run's.
    std::int64_t place_of(std::int64_t chunk) const {
      const std::int64_t past = chunk - start;
      if (past < 0 || (width != period && past % period >= width)) return -1;
      const std::int64_t place = width == period ? past : past / period * width + past % period;
      return place >= first && place < last ? place : -1;
    }
    friend bool operator==(const Run&, const Run&) = default;
  };

  /// No chunks.
  ChunkSet() = default;
  explicit ChunkSet(const ChunkBox& box);
  /// One run per axis; no axes: the one chunk of a 0-d grid.
  static ChunkSet product(std::vector<Run> runs);
  /// Ordinals, ascending, in a grid of `counts` chunks per axis.
  static ChunkSet list(const Coords& counts, std::vector<std::int64_t> ordinals);

  std::int64_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  /// Member k in [0, size()).
  ChunkIndex nth(std::int64_t k) const;
  /// Place of a chunk among the members, or −1.
  std::int64_t index_of(const ChunkIndex& chunk) const;
  bool contains(const ChunkIndex& chunk) const { return index_of(chunk) >= 0; }
  /// The members inside a block; none where the block is empty.
  ChunkSet cut(const ChunkBox& block) const;
  /// A block of members that holds the first one, not to be extended along any axis alone; of a list, that one.
  /// Precondition: not empty.
  ChunkBox first_block() const;

  /// Calls f(ChunkIndex) for every member in ascending order.
  template <class F>
  void for_each(F&& f) const {
    for (std::int64_t k = 0; k < size_; ++k) f(nth(k));
  }
  /// Equal geometry: sets of the same chunks may differ in it.
  friend bool operator==(const ChunkSet&, const ChunkSet&) = default;

 private:
  std::int64_t ordinal_of(const ChunkIndex& chunk) const;
  std::vector<Run> runs_;
  std::vector<std::int64_t> ordinals_;
  Coords counts_;  // of a list
  std::int64_t size_ = 0;
  bool is_list_ = false;
};

}  // namespace dunlin
