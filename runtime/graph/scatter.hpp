#pragma once
// Owners that follow no geometry: by a permutation of the chunks' ordinals, or by a table.

#include <memory>
#include <string>
#include <vector>

#include "dunlin/base/chunk_grid.hpp"
#include "dunlin/graph/graph_hash.hpp"

namespace dunlin {

/// Between these lie the times of a rank's own chunks (Partition::latest).
inline constexpr std::int64_t kWholeTime = std::int64_t{1} << 30;

class Scatter {
 public:
  explicit Scatter(const Coords& counts) : counts_(counts), total_(product(counts)) {}
  virtual ~Scatter() = default;
  const Coords& counts() const { return counts_; }
  std::int64_t total() const { return total_; }
  std::int64_t ordinal(const Coords& chunk) const;

  virtual int owner(std::int64_t ordinal) const = 0;
  /// Ascending; time and memory of a rank's own chunks.
  virtual std::vector<std::int64_t> ordinals_of(int rank) const = 0;
  virtual std::int64_t used_ranks() const = 0;
  virtual std::int64_t largest_share() const = 0;
  /// Bounds on the times of a block's chunks, which grow with the block; of a single chunk both are its time.
  virtual std::int64_t latest(const ChunkBox& block) const = 0;
  virtual std::int64_t earliest(const ChunkBox& block) const = 0;
  virtual void describe(Description& description) const = 0;
  virtual bool equals(const Scatter& other) const = 0;

 private:
  Coords counts_;
  std::int64_t total_;
};

/// A bijection of [0, size) that looks random and is the same everywhere: four Feistel rounds over twice as many bits
/// as half the size has, repeated until the result lies inside (Black and Rogaway, "Ciphers with arbitrary finite
/// domains", 2002: cycle walking).
class Permutation {
 public:
  Permutation(std::int64_t size, std::uint64_t key);
  std::int64_t forward(std::int64_t value) const;
  std::int64_t backward(std::int64_t value) const;

 private:
  std::uint64_t round(std::uint64_t half, int number) const;
  std::uint64_t size_, key_, mask_;
  int bits_;  // of a half
};

/// Chunk k to the rank whose share of [0, total) holds the permuted k.
class HashScatter final : public Scatter {
 public:
  HashScatter(const Coords& counts, int ranks, int offset, std::uint64_t key);
  int owner(std::int64_t ordinal) const override;
  std::vector<std::int64_t> ordinals_of(int rank) const override;
  std::int64_t used_ranks() const override { return used_; }
  std::int64_t largest_share() const override;
  /// Shares are scattered evenly: how far a chunk lies through the grid is how far through its owner's share.
  std::int64_t latest(const ChunkBox& block) const override;
  std::int64_t earliest(const ChunkBox& block) const override;
  void describe(Description& description) const override;
  bool equals(const Scatter& other) const override;

 private:
  std::int64_t time(std::int64_t ordinal) const;
  Permutation permutation_;
  std::int64_t ranks_, offset_, used_;
  std::uint64_t key_;
};

class TableScatter final : public Scatter {
 public:
  TableScatter(const Coords& counts, std::vector<int> owners);
  int owner(std::int64_t ordinal) const override { return owners_[static_cast<std::size_t>(ordinal)]; }
  std::vector<std::int64_t> ordinals_of(int rank) const override;
  std::int64_t used_ranks() const override { return static_cast<std::int64_t>(members_.size()); }
  std::int64_t largest_share() const override { return largest_; }
  std::int64_t latest(const ChunkBox& block) const override;
  std::int64_t earliest(const ChunkBox& block) const override;
  void describe(Description& description) const override;
  bool equals(const Scatter& other) const override;
  /// Who owns anything, ascending.
  const std::vector<int>& members() const { return members_; }

 private:
  std::int64_t time(std::int64_t ordinal) const;
  std::vector<int> owners_;             // by ordinal
  std::vector<std::int64_t> place_;     // by ordinal: among its owner's
  std::vector<std::int64_t> by_owner_;  // ordinals, sorted by owner
  std::vector<int> members_;
  std::vector<std::size_t> first_;  // per member: its first in by_owner_, and one more
  std::int64_t largest_ = 0;
};

}  // namespace dunlin
