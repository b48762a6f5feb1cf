#include "dunlin/graph/partition.hpp"

#include <algorithm>

namespace dunlin {
namespace {

/// Numbers of parts worth trying for an axis of `count` chunks with `ranks` ranks left: shares of the ranks and of the
/// chunks by small divisors. A fixed number of candidates, whatever the sizes.
std::vector<std::int64_t> candidates(std::int64_t count, std::int64_t ranks) {
  std::vector<std::int64_t> parts;
  for (std::int64_t k = 1; k <= 8; ++k) {
    parts.push_back(ranks / k);
    parts.push_back((count + k - 1) / k);
    parts.push_back(k);
  }
  for (std::int64_t& p : parts) p = std::clamp<std::int64_t>(p, 1, std::min(count, ranks));
  std::sort(parts.rbegin(), parts.rend());  // many parts of a leading axis first: ties keep blocks in one piece
  parts.erase(std::unique(parts.begin(), parts.end()), parts.end());
  return parts;
}

/// Finds parts per axis with a small largest share: the best of the candidates' products, or one within a sixteenth of
/// what no product could beat, or the best that a fixed number of steps has found.
struct Search {
  Coords counts;
  Coords best;
  std::int64_t best_share = std::numeric_limits<std::int64_t>::max();
  int steps = 2000;

  void extend(Coords parts, std::int64_t share, std::int64_t ranks) {
    const std::size_t axis = parts.size();
    if (steps-- <= 0 && !best.empty()) return;
    if (axis == counts.size()) {
      if (share < best_share) best_share = share, best = parts;
      return;
    }
    // The rest can shrink the share at most by the ranks that are left.
    std::int64_t rest = share;
    for (std::size_t a = axis; a < counts.size(); ++a) rest *= counts[a];
    if ((rest + ranks - 1) / ranks >= best_share - best_share / 16) return;
    for (std::int64_t p : candidates(counts[axis], ranks)) {
      Coords next = parts;
      next.push_back(p);
      extend(next, share * ((counts[axis] + p - 1) / p), ranks / p);
    }
  }
};

void set_strides(std::vector<AxisSplit>& axes) {
  std::int64_t stride = 1;
  for (auto axis = axes.rbegin(); axis != axes.rend(); ++axis) {
    axis->base_parts = axis->parts;
    axis->stride = stride;
    stride *= axis->parts;
  }
}

}  // namespace

std::int64_t RankSet::size() const {
  std::int64_t size = 1;
  for (const Range& axis : axes_) size *= axis.count;
  return size;
}

int RankSet::nth(std::int64_t k) const {
  std::int64_t rank = offset_;
  for (auto axis = axes_.rbegin(); axis != axes_.rend(); ++axis) {
    rank += (axis->first + k % axis->count) * axis->multiple * axis->stride;
    k /= axis->count;
  }
  return static_cast<int>(rank % ranks_);
}

std::int64_t RankSet::index_of(int rank) const {
  const std::int64_t relative = (rank - offset_ + ranks_) % ranks_;
  std::int64_t index = 0, again = 0;
  for (const Range& axis : axes_) {
    const std::int64_t digit = relative / axis.stride % axis.base_parts;
    const std::int64_t part = digit / axis.multiple - axis.first;
    if (digit % axis.multiple != 0 || part < 0 || part >= axis.count) return -1;
    index = index * axis.count + part;
    again += digit * axis.stride;
  }
  return again == relative ? index : -1;
}

bool RankSet::within(const RankSet& other) const {
  if (offset_ != other.offset_ || ranks_ != other.ranks_) return false;
  if (size() == 1) return other.contains(nth(0));
  if (axes_.size() != other.axes_.size()) return false;
  for (std::size_t a = 0; a < axes_.size(); ++a) {
    const Range &mine = axes_[a], &theirs = other.axes_[a];
    if (mine.multiple != theirs.multiple || mine.base_parts != theirs.base_parts || mine.stride != theirs.stride)
      return false;
    if (mine.first < theirs.first || mine.first + mine.count > theirs.first + theirs.count) return false;
  }
  return true;
}

Partition Partition::spread(const ChunkGrid& grid, int ranks, int offset) {
  Search search{.counts = grid.counts()};
  if (grid.count() > 0)
    search.extend({}, 1, ranks);
  else
    search.best = Coords(static_cast<std::size_t>(grid.rank()), 1);
  Partition partition;
  partition.ranks_ = ranks;
  partition.offset_ = offset;
  for (int a = 0; a < grid.rank(); ++a) partition.axes_.push_back({.count = grid.count(a), .parts = search.best[a]});
  set_strides(partition.axes_);
  return partition;
}

Partition Partition::on_one_rank(const ChunkGrid& grid, int ranks, int rank) {
  Partition partition;
  partition.ranks_ = ranks;
  partition.offset_ = rank;
  for (int a = 0; a < grid.rank(); ++a) partition.axes_.push_back({.count = grid.count(a)});
  return partition;
}

Partition Partition::aligned(const ChunkGrid& grid, const Partition& leader, const Alignment& alignment) {
  Partition partition;
  partition.ranks_ = leader.ranks_;
  partition.offset_ = leader.offset_;
  for (int a = 0; a < grid.rank(); ++a) {
    AxisSplit split{.count = grid.count(a)};
    if (alignment.axis[a] >= 0) {
      const AxisSplit& led = leader.axes_[static_cast<std::size_t>(alignment.axis[a])];
      split.parts = std::clamp<std::int64_t>(led.parts, 1, std::max<std::int64_t>(split.count, 1));
      split.multiple = led.multiple * (led.parts / split.parts);
      split.base_parts = led.base_parts;
      split.stride = led.stride;
    }
    partition.axes_.push_back(split);
  }
  return partition;
}

int Partition::owner(const ChunkIndex& chunk) const {
  std::int64_t rank = offset_;
  for (std::size_t a = 0; a < axes_.size(); ++a)
    rank += axes_[a].part_of(chunk.at[a]) * axes_[a].multiple * axes_[a].stride;
  return static_cast<int>(rank % ranks_);
}

ChunkBox Partition::chunks_of(int rank) const {
  const std::int64_t relative = (rank - offset_ + ranks_) % ranks_;
  std::int64_t again = 0;
  bool mine = true;
  ChunkBox block;
  for (const AxisSplit& axis : axes_) {
    const std::int64_t digit = relative / axis.stride % axis.base_parts;
    const std::int64_t part = digit / axis.multiple;
    mine = mine && digit % axis.multiple == 0 && part < axis.parts;
    again += digit * axis.stride;
    block.begin.push_back(mine ? axis.begin(part) : 0);
    block.end.push_back(mine ? axis.begin(part + 1) : 0);
  }
  if (!mine || again != relative) {
    if (axes_.empty()) return {{0}, {0}};  // a 0-d array's one chunk is somebody else's: a block of no chunks
    block.end = block.begin;
  }
  return block;
}

RankSet Partition::ranks_of(const ChunkBox& block) const {
  RankSet set;
  set.offset_ = offset_;
  set.ranks_ = ranks_;
  for (std::size_t a = 0; a < axes_.size(); ++a) {
    const std::int64_t first = axes_[a].part_of(block.begin[a]), last = axes_[a].part_of(block.end[a] - 1);
    set.axes_.push_back({first, last - first + 1, axes_[a].multiple, axes_[a].base_parts, axes_[a].stride});
  }
  return set;
}

bool Partition::is_sole_owner(int rank, const ChunkBox& block) const {
  std::int64_t owner = offset_;
  for (std::size_t a = 0; a < axes_.size(); ++a) {
    if (axes_[a].parts == 1) continue;
    const std::int64_t part = axes_[a].part_of(block.begin[a]);
    if (block.end[a] - block.begin[a] > 1 && axes_[a].part_of(block.end[a] - 1) != part) return false;
    owner += part * axes_[a].multiple * axes_[a].stride;
  }
  return owner % ranks_ == rank;
}

std::int64_t Partition::used_ranks() const {
  std::int64_t used = 1;
  for (const AxisSplit& axis : axes_) used *= axis.count == 0 ? 0 : axis.parts;
  return used;
}

std::int64_t Partition::largest_share() const {
  std::int64_t share = 1;
  for (const AxisSplit& axis : axes_) share *= axis.longest();
  return share;
}

std::int64_t Partition::fraction(const Coords& local) const {
  __int128 position = 0, total = 1;
  for (std::size_t a = 0; a < axes_.size(); ++a) {
    position = position * axes_[a].longest() + local[a];
    total *= axes_[a].longest();
  }
  return static_cast<std::int64_t>((position << 30) / total);
}

std::int64_t Partition::latest(const ChunkBox& block) const {
  Coords local;
  for (std::size_t a = 0; a < axes_.size(); ++a) {
    const AxisSplit& axis = axes_[a];
    const std::int64_t part = axis.part_of(block.end[a] - 1);
    const bool one_part = axis.part_of(block.begin[a]) == part;
    local.push_back(one_part ? block.end[a] - 1 - axis.begin(part) : axis.longest() - 1);
  }
  return fraction(local);
}

std::int64_t Partition::earliest(const ChunkBox& block) const {
  Coords local;
  for (std::size_t a = 0; a < axes_.size(); ++a) {
    const AxisSplit& axis = axes_[a];
    const std::int64_t part = axis.part_of(block.begin[a]);
    const bool one_part = axis.part_of(block.end[a] - 1) == part;
    local.push_back(one_part ? block.begin[a] - axis.begin(part) : 0);
  }
  return fraction(local);
}

}  // namespace dunlin
