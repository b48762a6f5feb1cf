#pragma once
// Who owns which chunk: a closed formula, so that any rank can answer for any other.
//
// A grid is cut, axis by axis, into parts (axis_split.hpp); a part per axis makes a rank. Kinds:
//
//   block       runs of chunks                  6 chunks in 4 parts       0 1 | 2 | 3 4 | 5
//               grid 6 x 2 chunks on 4 ranks    2 parts by 2: rows 0..2 of column 0 → rank 0, of column 1 → rank 1,
//                                               rows 3..5 → ranks 2 and 3
//   cyclic      some chunks to each in turn, along some axis: balanced where only a piece of the grid is worked on
//   cartesian   tables of where parts begin, along some axis, and ranks in any order: the boxes of a simulation
//   hash        by a permutation that looks random (of the chunks' ordinals)
//   table       any owner for any chunk: for explicit tasks and for boxes that are no product
//
// The rank is offset + Σ part × multiple × stride, modulo the ranks: `offset` spreads small arrays over different
// ranks; `multiple` appears where a coarser grid follows a finer one (a reduction's combined states stay near their
// inputs).
//
// Cost: block, cyclic and cartesian answer every question in O(axes) (O(log parts) with tables) and take memory for
// parts, summed over axes. Hash answers for a chunk in O(1) and lists a rank's chunks in O(its own); a table takes
// memory for every chunk; both find the ranks of a block by walking it.
//
// Partitions are immutable and cheap to copy. Preconditions throughout: chunks and blocks lie inside the grid, and
// blocks are not empty.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "dunlin/base/chunk_grid.hpp"
#include "dunlin/graph/axis_split.hpp"
#include "dunlin/graph/chunk_set.hpp"
#include "dunlin/graph/layer.hpp"
#include "dunlin/graph/rank_set.hpp"

namespace dunlin {

class Scatter;

class Partition {
 public:
  enum class Kind : std::uint8_t { block, cyclic, cartesian, hash, table };

  Partition() = default;
  /// Spreads a grid over `ranks` so that the largest share is about as small as a product of parts allows, leading axes
  /// cut first; the first part lies on rank `offset`. O(1) in ranks and chunks.
  static Partition spread(const ChunkGrid& grid, int ranks, int offset);
  /// Everything on one rank.
  static Partition on_one_rank(const ChunkGrid& grid, int ranks, int rank);
  /// So many parts per axis, their product at most `ranks`, each at least one chunk; ranks in row-major order.
  static Partition of_parts(const ChunkGrid& grid, const Coords& parts, int ranks, int offset);
  /// The same; where widths[a] > 0, runs of so many chunks are dealt in turn, to part 0 the one at chunk starts[a].
  static Partition dealt(const ChunkGrid& grid, const Coords& parts, const Coords& widths, const Coords& starts,
                         int ranks, int offset);
  /// Parts that begin where the tables say: per axis ascending from 0 to the axis' chunks, every part with at least one
  /// chunk. Neighbouring parts of axis a lie `strides[a]` ranks apart; no two parts may share a rank.
  static Partition cartesian(const ChunkGrid& grid, std::vector<std::vector<std::int64_t>> boundaries,
                             const Coords& strides, int ranks);
  /// Equal keys and equal grids: equal owners.
  static Partition hashed(const ChunkGrid& grid, int ranks, int offset, std::uint64_t key = 0);
  /// owners[ordinal] in [0, ranks).
  static Partition of_table(const ChunkGrid& grid, std::vector<int> owners, int ranks);
  /// A grid that stays close to `leader`, along whose axes it lies as `alignment` says: axis by axis where chunks
  /// correspond. Of a leader by hash only a grid of the same chunks takes the owners, another is spread; one by table
  /// gives each chunk the owner of the led chunk that it corresponds to.
  static Partition aligned(const ChunkGrid& grid, const Partition& leader, const Alignment& alignment);

  Kind kind() const;
  int ranks() const { return static_cast<int>(ranks_); }
  int owner(const ChunkIndex& chunk) const;
  /// The chunks of a rank, maybe none.
  ChunkSet chunks_of(int rank) const;
  RankSet ranks_of(const ChunkBox& block) const;
  /// True where `rank` owns all chunks of a block: ranks_of(block) is that rank alone.
  bool is_sole_owner(int rank, const ChunkBox& block) const;
  /// Ranks that own anything.
  std::int64_t used_ranks() const;
  /// Chunks of the largest share, and a bound on those of any share inside a block.
  std::int64_t largest_share() const;
  std::int64_t largest_share(const ChunkBox& block) const;
  /// Per axis; of hash and table only the counts say anything.
  const std::vector<AxisSplit>& axes() const { return axes_; }

  /// How far through its owner's own chunks a chunk lies, in [0, 2^30): the largest and the smallest over a block, or
  /// bounds that hold for every block inside.
  std::int64_t latest(const ChunkBox& block) const;
  std::int64_t earliest(const ChunkBox& block) const;
  /// The axes by which an owner walks through its chunks, the outermost first; row-major unless set. Of hash and table
  /// it changes nothing. Not part of what tells partitions apart.
  void set_walk(const Coords& axes) { walk_ = axes; }
  const Coords& walk() const { return walk_; }

  /// Appends all that tells it from others to the structure.
  void describe(Description& description) const;
  friend bool operator==(const Partition& a, const Partition& b);

 private:
  std::int64_t fraction(const Coords& place) const;
  bool follows(const ChunkGrid& grid, const Alignment& alignment) const;
  static Partition aligned_with_table(const ChunkGrid& grid, const Partition& leader, const Alignment& alignment);
  RankSet walk_ranks(const ChunkBox& block) const;

  std::vector<AxisSplit> axes_;
  std::int64_t offset_ = 0, ranks_ = 1;
  Coords walk_{};
  std::shared_ptr<const Scatter> scatter_{};  // of hash and table
};

/// "block 4 x 2", "cyclic 4 by 2 x 1", "cartesian 3 x 2", "hash over 8", "table over 5", "rank 3".
std::string to_string(const Partition& partition);

/// Parts per axis, their product at most `ranks`, with about the smallest largest share; leading axes cut first.
Coords balanced_parts(const Coords& counts, int ranks);

}  // namespace dunlin
