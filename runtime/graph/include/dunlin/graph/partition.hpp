#pragma once
// Who owns which chunk: a closed formula, so that any rank can answer for any other.
//
// A grid is cut, axis by axis, into parts; a part per axis makes a rank. Along an axis of n chunks in p ≤ n parts,
// chunk i belongs to part ⌊i p / n⌋, so that every part owns a run of at least one chunk:
//
//   6 chunks in 4 parts              0 1 | 2 | 3 4 | 5
//   grid 6 x 2 chunks on 4 ranks     2 parts by 2: rows 0..2 of column 0 → rank 0, of column 1 → rank 1,
//                                                  rows 3..5 → ranks 2 and 3
//
// The rank is offset + Σ part × multiple × stride, modulo the ranks: `offset` spreads small arrays over different
// ranks; `multiple` appears where a coarser grid follows a finer one (a reduction's combined states stay near their
// inputs).
//
// A `RankSet` is the set of ranks that own any chunk of a block: a product of strided ranges, of which size, n-th
// member and place of a member take O(axes), whatever the number of ranks.

#include <cstdint>
#include <vector>

#include "dunlin/base/chunk_grid.hpp"
#include "dunlin/graph/layer.hpp"

namespace dunlin {

struct AxisSplit {
  std::int64_t count = 1;       // chunks along the axis
  std::int64_t parts = 1;       // 1 ≤ parts ≤ max(count, 1)
  std::int64_t multiple = 1;    // digit = part × multiple
  std::int64_t base_parts = 1;  // digits lie in [0, base_parts)
  std::int64_t stride = 1;      // ranks per digit

  std::int64_t part_of(std::int64_t chunk) const { return chunk * parts / count; }
  /// First chunk of a part, for 0 ≤ part ≤ parts.
  std::int64_t begin(std::int64_t part) const { return (part * count + parts - 1) / parts; }
  /// Chunks of the largest part.
  std::int64_t longest() const { return (count + parts - 1) / parts; }
  friend bool operator==(const AxisSplit&, const AxisSplit&) = default;
};

class RankSet {
 public:
  std::int64_t size() const;
  /// Member k in [0, size()), in the order of parts, the last axis fastest.
  int nth(std::int64_t k) const;
  /// Place of a rank, or −1.
  std::int64_t index_of(int rank) const;
  bool contains(int rank) const { return index_of(rank) >= 0; }
  /// True where every member of this set is in the other, as far as the formulas tell (equal geometry).
  bool within(const RankSet& other) const;
  friend bool operator==(const RankSet&, const RankSet&) = default;

 private:
  friend class Partition;
  struct Range {
    std::int64_t first = 0, count = 1;  // parts
    std::int64_t multiple = 1, base_parts = 1, stride = 1;
    friend bool operator==(const Range&, const Range&) = default;
  };
  std::vector<Range> axes_;
  std::int64_t offset_ = 0, ranks_ = 1;
};

class Partition {
 public:
  Partition() = default;
  /// Spreads a grid over `ranks` so that the largest share is about as small as a product of parts allows, leading axes
  /// cut first; the first part lies on rank `offset`. O(1) in ranks and chunks.
  static Partition spread(const ChunkGrid& grid, int ranks, int offset);
  /// Everything on one rank.
  static Partition on_one_rank(const ChunkGrid& grid, int ranks, int rank);
  /// A grid that stays close to `leader`, along whose axes it lies as `alignment` says.
  static Partition aligned(const ChunkGrid& grid, const Partition& leader, const Alignment& alignment);

  int owner(const ChunkIndex& chunk) const;
  /// The chunks of a rank: a block, maybe empty.
  ChunkBox chunks_of(int rank) const;
  RankSet ranks_of(const ChunkBox& block) const;
  /// True where `rank` owns all chunks of a block: ranks_of(block) is that rank alone.
  bool is_sole_owner(int rank, const ChunkBox& block) const;
  /// Ranks that own anything.
  std::int64_t used_ranks() const;
  /// Chunks of the largest share.
  std::int64_t largest_share() const;
  const std::vector<AxisSplit>& axes() const { return axes_; }

  /// How far through its owner's own chunks a chunk lies, in [0, 2^30): the largest and the smallest over a block.
  /// Where a block spans several owners, the bounds that hold for all.
  std::int64_t latest(const ChunkBox& block) const;
  std::int64_t earliest(const ChunkBox& block) const;

 private:
  std::int64_t fraction(const Coords& local) const;
  std::vector<AxisSplit> axes_;
  std::int64_t offset_ = 0, ranks_ = 1;
};

}  // namespace dunlin
