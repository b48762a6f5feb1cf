#pragma once
// The ranks that own any chunk of a block: a product of strided ranges, of which size, n-th member and place of a
// member take O(axes), whatever the number of ranks; or, where chunks are scattered, a sorted list.
//
// Along an axis the set has `count` of `parts` parts, beginning at `first` and wrapping at the end (chunks dealt in
// turn); part p gives the digit p × multiple, worth `stride` ranks each.
//
//   4 of 6 parts from 4, stride 2            parts 4 5 0 1 → ranks 8, 10, 0, 2

#include <cstdint>
#include <vector>

namespace dunlin {

class RankSet {
 public:
  struct Range {
    std::int64_t first = 0, count = 1, parts = 1;
    std::int64_t multiple = 1, base_parts = 1, stride = 1;  // digits lie in [0, base_parts)
    friend bool operator==(const Range&, const Range&) = default;
  };

  /// Of no axes: rank 0 alone.
  RankSet() = default;
  /// Members are (offset + Σ digit × stride) modulo `ranks`, all different.
  static RankSet product(std::vector<Range> axes, std::int64_t offset, std::int64_t ranks);
  /// Ascending, each once.
  static RankSet list(std::vector<int> members);

  std::int64_t size() const;
  /// Member k in [0, size()), in the order of parts, the last axis fastest; of a list ascending.
  int nth(std::int64_t k) const;
  /// Place of a rank, or −1.
  std::int64_t index_of(int rank) const;
  bool contains(int rank) const { return index_of(rank) >= 0; }
  /// True where every member of this set is in the other, as far as the formulas tell (equal geometry, or a list).
  bool within(const RankSet& other) const;
  friend bool operator==(const RankSet&, const RankSet&) = default;

 private:
  std::vector<Range> axes_;
  std::int64_t offset_ = 0, ranks_ = 1;
  std::vector<int> members_;
  bool is_list_ = false;
};

}  // namespace dunlin
