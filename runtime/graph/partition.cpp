#include "dunlin/graph/partition.hpp"

#include <algorithm>

#include "scatter.hpp"

namespace dunlin {

Partition Partition::spread(const ChunkGrid& grid, int ranks, int offset) {
  return of_parts(grid, balanced_parts(grid.counts(), ranks), ranks, offset);
}

Partition Partition::on_one_rank(const ChunkGrid& grid, int ranks, int rank) {
  return of_parts(grid, Coords(static_cast<std::size_t>(grid.rank()), 1), ranks, rank);
}

Partition Partition::of_parts(const ChunkGrid& grid, const Coords& parts, int ranks, int offset) {
  const Coords none(parts.size(), 0);
  return dealt(grid, parts, none, none, ranks, offset);
}

Partition Partition::dealt(const ChunkGrid& grid, const Coords& parts, const Coords& widths, const Coords& starts,
                           int ranks, int offset) {
  Partition partition;
  partition.ranks_ = ranks;
  partition.offset_ = offset;
  partition.axes_.resize(static_cast<std::size_t>(grid.rank()));
  std::int64_t stride = 1;
  for (int a = grid.rank() - 1; a >= 0; --a) {
    AxisSplit& axis = partition.axes_[static_cast<std::size_t>(a)];
    axis.count = grid.count(a);
    axis.parts = axis.base_parts = parts[a];
    require(parts[a] >= 1 && parts[a] <= std::max<std::int64_t>(axis.count, 1), "every part holds a chunk");
    if (widths[a] > 0 && parts[a] > 1) {
      const std::int64_t round = widths[a] * parts[a];
      axis.width = widths[a];
      axis.phase = (round - starts[a] % round) % round;
      require((axis.count - 1 + axis.phase) / axis.width - axis.phase / axis.width + 1 >= axis.parts,
              "every part that is dealt to holds a chunk");
    }
    axis.stride = stride;
    stride *= parts[a];
  }
  require(stride <= ranks, "a partition has no more parts than ranks");
  return partition;
}

Partition Partition::cartesian(const ChunkGrid& grid, std::vector<std::vector<std::int64_t>> boundaries,
                               const Coords& strides, int ranks) {
  require(static_cast<int>(boundaries.size()) == grid.rank() && static_cast<int>(strides.size()) == grid.rank(),
          "a cartesian partition names boundaries and a stride for every axis");
  Partition partition;
  partition.ranks_ = ranks;
  for (int a = 0; a < grid.rank(); ++a) {
    std::vector<std::int64_t>& begins = boundaries[static_cast<std::size_t>(a)];
    require(begins.size() >= 2 && begins.front() == 0 && begins.back() == grid.count(a) &&
                std::adjacent_find(begins.begin(), begins.end(), std::greater_equal<>()) == begins.end(),
            "boundaries ascend from 0 to the number of chunks");
    AxisSplit axis{.count = grid.count(a), .parts = static_cast<std::int64_t>(begins.size()) - 1, .stride = strides[a]};
    axis.base_parts = axis.parts;
    if (axis.parts > 1) axis.boundaries = std::make_shared<const Boundaries>(std::move(begins));
    partition.axes_.push_back(std::move(axis));
  }
  // Sorted by stride, each axis stays below the next one's: a rank has one part per axis.
  std::vector<const AxisSplit*> cut;
  for (const AxisSplit& axis : partition.axes_)
    if (axis.parts > 1) cut.push_back(&axis);
  std::sort(cut.begin(), cut.end(), [](const AxisSplit* a, const AxisSplit* b) { return a->stride < b->stride; });
  std::int64_t reach = 1, last = 0;
  for (const AxisSplit* axis : cut) {
    require(axis->stride >= reach, "no two parts of a cartesian partition share a rank");
    reach = axis->stride * axis->parts;
    last += axis->stride * (axis->parts - 1);
  }
  require(last < ranks, "every part of a cartesian partition has a rank");
  return partition;
}

Partition Partition::hashed(const ChunkGrid& grid, int ranks, int offset, std::uint64_t key) {
  Partition partition;
  partition.ranks_ = ranks;
  partition.offset_ = offset;
  for (int a = 0; a < grid.rank(); ++a) partition.axes_.push_back({.count = grid.count(a)});
  partition.scatter_ = std::make_shared<const HashScatter>(grid.counts(), ranks, offset, key);
  return partition;
}

Partition Partition::of_table(const ChunkGrid& grid, std::vector<int> owners, int ranks) {
  require(std::all_of(owners.begin(), owners.end(), [&](int rank) { return rank >= 0 && rank < ranks; }),
          "owners are ranks");
  Partition partition;
  partition.ranks_ = ranks;
  for (int a = 0; a < grid.rank(); ++a) partition.axes_.push_back({.count = grid.count(a)});
  partition.scatter_ = std::make_shared<const TableScatter>(grid.counts(), std::move(owners));
  return partition;
}

bool Partition::follows(const ChunkGrid& grid, const Alignment& alignment) const {
  if (grid.rank() != static_cast<int>(axes_.size())) return false;
  for (int a = 0; a < grid.rank(); ++a)
    if (alignment.axis[a] != a || grid.count(a) != axes_[static_cast<std::size_t>(a)].count) return false;
  return true;
}

Partition Partition::aligned(const ChunkGrid& grid, const Partition& leader, const Alignment& alignment) {
  if (leader.scatter_ && leader.follows(grid, alignment)) return leader;
  if (leader.kind() == Kind::table) return aligned_with_table(grid, leader, alignment);
  if (leader.scatter_) return spread(grid, leader.ranks(), static_cast<int>(leader.offset_));
  Partition partition;
  partition.ranks_ = leader.ranks_;
  partition.offset_ = leader.offset_;
  for (int a = 0; a < grid.rank(); ++a) {
    if (alignment.axis[a] >= 0)
      partition.axes_.push_back(follow(leader.axes_[static_cast<std::size_t>(alignment.axis[a])], grid.count(a)));
    else
      partition.axes_.push_back({.count = grid.count(a)});
  }
  return partition;
}

Partition Partition::aligned_with_table(const ChunkGrid& grid, const Partition& leader, const Alignment& alignment) {
  // A grid of more chunks than the table has no table of its own.
  if (grid.count() > leader.scatter_->total()) return spread(grid, leader.ranks(), 0);
  std::vector<int> owners;
  owners.reserve(static_cast<std::size_t>(grid.count()));
  grid.all().for_each([&](const ChunkIndex& chunk) {
    ChunkIndex led{Coords(leader.axes_.size(), 0)};
    for (int a = 0; a < grid.rank(); ++a)
      if (const std::int64_t axis = alignment.axis[a]; axis >= 0)
        led.at[axis] = chunk.at[a] * leader.axes_[static_cast<std::size_t>(axis)].count / grid.count(a);
    owners.push_back(leader.owner(led));
  });
  return of_table(grid, std::move(owners), leader.ranks());
}

Partition::Kind Partition::kind() const {
  if (scatter_) return dynamic_cast<const HashScatter*>(scatter_.get()) ? Kind::hash : Kind::table;
  const auto any = [&](auto&& is) { return std::any_of(axes_.begin(), axes_.end(), is); };
  if (any([](const AxisSplit& axis) { return axis.boundaries != nullptr; })) return Kind::cartesian;
  return any([](const AxisSplit& axis) { return axis.width > 0; }) ? Kind::cyclic : Kind::block;
}

int Partition::owner(const ChunkIndex& chunk) const {
  if (scatter_) return scatter_->owner(scatter_->ordinal(chunk.at));
  std::int64_t rank = offset_;
  for (std::size_t a = 0; a < axes_.size(); ++a)
    rank += axes_[a].part_of(chunk.at[a]) * axes_[a].multiple * axes_[a].stride;
  return static_cast<int>(rank % ranks_);
}

ChunkSet Partition::chunks_of(int rank) const {
  if (scatter_) return ChunkSet::list(scatter_->counts(), scatter_->ordinals_of(rank));
  const std::int64_t relative = (rank - offset_ + ranks_) % ranks_;
  std::int64_t again = 0;
  std::vector<ChunkSet::Run> runs;
  runs.reserve(axes_.size());
  for (const AxisSplit& axis : axes_) {
    const std::int64_t digit = relative / axis.stride % axis.base_parts, part = digit / axis.multiple;
    if (part * axis.multiple != digit || part >= axis.parts) return {};
    again += digit * axis.stride;
    runs.push_back(axis.run(part));
  }
  return again == relative ? ChunkSet::product(std::move(runs)) : ChunkSet();
}

RankSet Partition::ranks_of(const ChunkBox& block) const {
  if (scatter_) return walk_ranks(block);
  std::vector<RankSet::Range> ranges;
  ranges.reserve(axes_.size());
  for (std::size_t a = 0; a < axes_.size(); ++a) ranges.push_back(axes_[a].parts_of(block.begin[a], block.end[a]));
  return RankSet::product(std::move(ranges), offset_, ranks_);
}

RankSet Partition::walk_ranks(const ChunkBox& block) const {
  const std::int64_t used = used_ranks();
  if (block.count() == scatter_->total()) {
    if (const auto* table = dynamic_cast<const TableScatter*>(scatter_.get())) return RankSet::list(table->members());
    return RankSet::product({{.count = used, .parts = used, .base_parts = used}}, offset_, ranks_);
  }
  std::vector<int> members;
  block.for_each([&](const ChunkIndex& chunk) { members.push_back(owner(chunk)); });
  std::sort(members.begin(), members.end());
  members.erase(std::unique(members.begin(), members.end()), members.end());
  return RankSet::list(std::move(members));
}

bool Partition::is_sole_owner(int rank, const ChunkBox& block) const {
  if (scatter_) {
    ChunkIndex chunk{block.begin};
    for (;;) {  // like ChunkBox::for_each, but ends at the first other owner
      if (owner(chunk) != rank) return false;
      int a = block.rank() - 1;
      for (; a >= 0 && ++chunk.at[a] == block.end[a]; --a) chunk.at[a] = block.begin[a];
      if (a < 0) return true;
    }
  }
  std::int64_t owner = offset_;
  for (std::size_t a = 0; a < axes_.size(); ++a) {
    if (axes_[a].parts == 1) continue;
    if (!axes_[a].is_in_one_part(block.begin[a], block.end[a])) return false;
    owner += axes_[a].part_of(block.begin[a]) * axes_[a].multiple * axes_[a].stride;
  }
  return owner % ranks_ == rank;
}

std::int64_t Partition::used_ranks() const {
  if (scatter_) return scatter_->used_ranks();
  std::int64_t used = 1;
  for (const AxisSplit& axis : axes_) used *= axis.count == 0 ? 0 : axis.parts;
  return used;
}

std::int64_t Partition::largest_share() const {
  if (scatter_) return scatter_->largest_share();
  std::int64_t share = 1;
  for (const AxisSplit& axis : axes_) share *= axis.longest();
  return share;
}

std::int64_t Partition::largest_share(const ChunkBox& block) const {
  if (scatter_) return std::min(scatter_->largest_share(), block.count());
  std::int64_t share = 1;
  for (std::size_t a = 0; a < axes_.size(); ++a) share *= axes_[a].longest_within(block.begin[a], block.end[a]);
  return share;
}

std::int64_t Partition::fraction(const Coords& place) const {
  __int128 position = 0, total = 1;
  for (std::size_t k = 0; k < axes_.size(); ++k) {
    const std::size_t a = walk_.empty() ? k : static_cast<std::size_t>(walk_[k]);
    position = position * axes_[a].places() + place[a];
    total *= axes_[a].places();
  }
  return static_cast<std::int64_t>(position * kWholeTime / total);
}

std::int64_t Partition::latest(const ChunkBox& block) const {
  if (scatter_) return scatter_->latest(block);
  Coords place;
  for (std::size_t a = 0; a < axes_.size(); ++a) place.push_back(axes_[a].latest_place(block.begin[a], block.end[a]));
  return fraction(place);
}

std::int64_t Partition::earliest(const ChunkBox& block) const {
  if (scatter_) return scatter_->earliest(block);
  Coords place;
  for (std::size_t a = 0; a < axes_.size(); ++a) place.push_back(axes_[a].earliest_place(block.begin[a], block.end[a]));
  return fraction(place);
}

void Partition::describe(Description& description) const {
  description.structure("partition").structure(ranks_);
  if (scatter_) return scatter_->describe(description);
  description.structure(offset_).structure(static_cast<std::int64_t>(axes_.size()));
  for (const AxisSplit& axis : axes_) {
    for (std::int64_t number :
         {axis.count, axis.parts, axis.width, axis.phase, axis.multiple, axis.base_parts, axis.stride,
          axis.boundaries ? static_cast<std::int64_t>(axis.boundaries->begins.size()) : std::int64_t{0}})
      description.structure(number);
    if (axis.boundaries)
      for (std::int64_t begin : axis.boundaries->begins) description.structure(begin);
  }
}

bool operator==(const Partition& a, const Partition& b) {
  const bool same_scatter = a.scatter_ == b.scatter_ || (a.scatter_ && b.scatter_ && a.scatter_->equals(*b.scatter_));
  return a.ranks_ == b.ranks_ && a.offset_ == b.offset_ && a.axes_ == b.axes_ && same_scatter;
}

std::string to_string(const Partition& partition) {
  constexpr const char* words[] = {"block", "cyclic", "cartesian", "hash", "table"};
  const auto kind = partition.kind();
  const std::string word = words[static_cast<int>(kind)];
  const std::int64_t used = partition.used_ranks();
  if (kind == Partition::Kind::hash || kind == Partition::Kind::table) return word + " over " + std::to_string(used);
  if (used == 0) return "nobody";
  if (used == 1) return "rank " + std::to_string(partition.owner({Coords(partition.axes().size(), 0)}));
  std::string text;
  for (const AxisSplit& axis : partition.axes()) {
    text += (text.empty() ? " " : " x ") + std::to_string(axis.parts);
    if (axis.width > 0) text += " by " + std::to_string(axis.width);
  }
  return word + text;
}

}  // namespace dunlin
