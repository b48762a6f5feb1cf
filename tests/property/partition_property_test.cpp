// Properties of partitions over random grids and any number of ranks: every chunk has one owner, the formulas for
// owners, shares and sets of ranks say the same, and sets and trees of ranks reach each of their members once.

#include "dunlin/graph/partition.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <numeric>
#include <set>

#include "dunlin/plan/layer_plan.hpp"
#include "property/cluster_simulation.hpp"
#include "property/random_graph.hpp"
#include "property/whole_plan.hpp"
#include "support/placed_layer.hpp"

namespace dunlin::test {
namespace {

constexpr int kRanks[] = {1, 2, 3, 7, 64, 1000, 100'000};

struct Drawn {
  std::mt19937_64 random;
  int ranks = 1;
  ChunkGrid grid;
  Partition partition;
};

ChunkGrid draw_grid(std::mt19937_64& random, std::int64_t most_axes) {
  Shape shape, chunk;
  const std::int64_t axes = below(random, 8) == 0 ? below(random, most_axes + 1) : 1 + below(random, most_axes);
  for (std::int64_t a = axes; a > 0; --a) {
    shape.push_back(1 + below(random, below(random, 3) == 0 ? 3 : 40));
    chunk.push_back(1 + below(random, 3));
  }
  return ChunkGrid::regular(shape, chunk);
}

/// Parts per axis, their product at most `ranks`, every axis by chance.
Coords draw_parts(std::mt19937_64& random, const Coords& counts, std::int64_t ranks) {
  Coords parts;
  for (std::int64_t count : counts) {
    parts.push_back(1 + below(random, std::min(count, ranks)));
    ranks /= parts.back();
  }
  return parts;
}

/// Chunks dealt in turn along some of the axes.
Partition draw_cyclic(std::mt19937_64& random, const ChunkGrid& grid, int ranks, int offset) {
  const Coords parts = draw_parts(random, grid.counts(), ranks);
  Coords widths, starts;
  for (int a = 0; a < grid.rank(); ++a) {
    // Of the largest width every part still has a chunk.
    const std::int64_t widest = parts[a] > 1 ? (grid.count(a) - 1) / (parts[a] - 1) : 1;
    widths.push_back(below(random, 3) == 0 ? 0 : 1 + below(random, widest));
    starts.push_back(below(random, grid.count(a)));
  }
  return Partition::dealt(grid, parts, widths, starts, ranks, offset);
}

/// Uneven parts, the ranks counted along the axes in any order and with gaps.
Partition draw_cartesian(std::mt19937_64& random, const ChunkGrid& grid, int ranks) {
  const Coords parts = draw_parts(random, grid.counts(), ranks);
  std::vector<std::vector<std::int64_t>> boundaries;
  for (int a = 0; a < grid.rank(); ++a) {
    std::set<std::int64_t> begins{0, grid.count(a)};
    while (static_cast<std::int64_t>(begins.size()) <= parts[a]) begins.insert(below(random, grid.count(a)));
    boundaries.emplace_back(begins.begin(), begins.end());
  }
  std::vector<int> order(parts.size());
  std::iota(order.begin(), order.end(), 0);
  std::shuffle(order.begin(), order.end(), random);
  Coords strides(parts.size(), 1);
  std::int64_t stride = 1;
  for (int a : order) {
    if (stride * product(parts) * 2 <= ranks && below(random, 4) == 0) stride *= 2;
    strides[static_cast<std::size_t>(a)] = stride;
    stride *= parts[static_cast<std::size_t>(a)];
  }
  return Partition::cartesian(grid, std::move(boundaries), strides, ranks);
}

Partition draw_table(std::mt19937_64& random, const ChunkGrid& grid, int ranks) {
  std::vector<int> owners;
  const std::int64_t few = 1 + below(random, ranks);
  for (std::int64_t k = 0; k < grid.count(); ++k) owners.push_back(static_cast<int>(below(random, few)));
  return Partition::of_table(grid, std::move(owners), ranks);
}

Partition draw_partition(std::mt19937_64& random, const ChunkGrid& grid, int ranks) {
  const int offset = static_cast<int>(below(random, ranks));
  switch (below(random, 6)) {
    case 0:
      return Partition::on_one_rank(grid, ranks, offset);
    case 1:
      return draw_cyclic(random, grid, ranks, offset);
    case 2:
      return draw_cartesian(random, grid, ranks);
    case 3:
      return Partition::hashed(grid, ranks, offset, random());
    case 4:
      return draw_table(random, grid, ranks);
    default:
      return Partition::spread(grid, ranks, offset);
  }
}

/// A partition of any kind, or one that follows such a one.
Drawn draw() {
  Drawn drawn{.random = std::mt19937_64(*rc::gen::arbitrary<std::uint64_t>())};
  std::mt19937_64& random = drawn.random;
  drawn.ranks = kRanks[below(random, 7)];
  const ChunkGrid leader_grid = draw_grid(random, 3);
  drawn.grid = leader_grid;
  drawn.partition = draw_partition(random, leader_grid, drawn.ranks);
  if (below(random, 2) == 0) return drawn;

  // A follower: some of the leader's axes in any order, cut as finely or more coarsely, and axes of its own between.
  const Partition leader = drawn.partition;
  std::vector<std::int64_t> axes;
  for (int a = 0; a < leader_grid.rank(); ++a)
    if (below(random, 4) > 0) axes.push_back(a);
  std::shuffle(axes.begin(), axes.end(), random);
  Shape shape;
  Alignment alignment{.input = 0};
  for (std::int64_t axis : axes) {
    const std::int64_t count = leader_grid.count(static_cast<int>(axis));
    shape.push_back(below(random, 2) ? count : (count + 1) / 2);
    alignment.axis.push_back(axis);
    if (below(random, 5) == 0) shape.push_back(1 + below(random, 4)), alignment.axis.push_back(-1);
  }
  drawn.grid = ChunkGrid::regular(shape, Shape(shape.size(), 1));
  drawn.partition = Partition::aligned(drawn.grid, leader, alignment);
  return drawn;
}

ChunkBox draw_block(std::mt19937_64& random, const ChunkBox& within) {
  ChunkBox block;
  for (int a = 0; a < within.rank(); ++a) {
    block.begin.push_back(within.begin[a] + below(random, within.end[a] - within.begin[a]));
    block.end.push_back(block.begin[a] + 1 + below(random, within.end[a] - block.begin[a]));
  }
  return block;
}

std::set<int> owners(const Partition& partition, const ChunkBox& block) {
  std::set<int> ranks;
  block.for_each([&](const ChunkIndex& chunk) { ranks.insert(partition.owner(chunk)); });
  return ranks;
}

std::set<int> members(const RankSet& set) {
  std::set<int> ranks;
  for (std::int64_t k = 0; k < set.size(); ++k) ranks.insert(set.nth(k));
  return ranks;
}

RC_GTEST_PROP(AnyPartition, GivesEveryChunkOneOwner, ()) {
  Drawn drawn = draw();
  std::map<int, std::int64_t> share;
  drawn.grid.all().for_each([&](const ChunkIndex& chunk) {
    const int owner = drawn.partition.owner(chunk);
    RC_ASSERT(owner >= 0 && owner < drawn.ranks);
    RC_ASSERT(drawn.partition.chunks_of(owner).contains(chunk));
    ++share[owner];
  });
  std::int64_t owned = 0, largest = 0;
  for (const auto& [rank, chunks] : share) {
    RC_ASSERT(drawn.partition.chunks_of(rank).size() == chunks);
    owned += chunks;
    largest = std::max(largest, chunks);
  }
  const int step = 1 + drawn.ranks / 1000;
  for (int rank = static_cast<int>(below(drawn.random, step)); rank < drawn.ranks; rank += step)
    RC_ASSERT(drawn.partition.chunks_of(rank).empty() == !share.contains(rank));
  RC_ASSERT(owned == drawn.grid.count());
  RC_ASSERT(largest == drawn.partition.largest_share());
  RC_ASSERT(static_cast<std::int64_t>(share.size()) == drawn.partition.used_ranks());
}

RC_GTEST_PROP(AnyPartition, NumbersARanksChunksInOrder, ()) {
  Drawn drawn = draw();
  const int rank = drawn.partition.owner(ChunkIndex{draw_block(drawn.random, drawn.grid.all()).begin});
  const ChunkBox block = draw_block(drawn.random, drawn.grid.all());
  std::vector<ChunkIndex> mine, inside;
  drawn.grid.all().for_each([&](const ChunkIndex& chunk) {
    if (drawn.partition.owner(chunk) != rank) return;
    mine.push_back(chunk);
    if (block.contains(chunk)) inside.push_back(chunk);
  });
  const ChunkSet all = drawn.partition.chunks_of(rank);
  for (const auto& [set, walked] : {std::pair{all, mine}, {all.cut(block), inside}, {all.cut({{0}, {0}}), {}}}) {
    RC_ASSERT(set.size() == static_cast<std::int64_t>(walked.size()));
    for (std::int64_t k = 0; k < set.size(); ++k) RC_ASSERT(set.nth(k) == walked[static_cast<std::size_t>(k)]);
    std::vector<ChunkIndex> visited;
    set.for_each([&](const ChunkIndex& chunk) { visited.push_back(chunk); });
    RC_ASSERT(visited == walked);
    std::int64_t k = 0;
    drawn.grid.all().for_each([&](const ChunkIndex& chunk) {
      const bool member = std::binary_search(walked.begin(), walked.end(), chunk);
      RC_ASSERT(set.index_of(chunk) == (member ? k++ : -1));
    });
    if (set.empty()) continue;
    const ChunkBox first = set.first_block();
    RC_ASSERT(first.begin == set.nth(0).at);
    first.for_each([&](const ChunkIndex& chunk) { RC_ASSERT(set.contains(chunk)); });
  }
  std::map<int, std::int64_t> share;
  block.for_each([&](const ChunkIndex& chunk) { ++share[drawn.partition.owner(chunk)]; });
  for (const auto& [owner, chunks] : share) RC_ASSERT(chunks <= drawn.partition.largest_share(block));
  RC_ASSERT(drawn.partition.largest_share(block) <= block.count());
}

RC_GTEST_PROP(AnyPartition, IsToldFromOthersAndKnowsItself, ()) {
  Drawn drawn = draw();
  const auto described = [](const Partition& partition) {
    Description description;
    partition.describe(description);
    return description.structure_hash();
  };
  const Partition copy = drawn.partition, other = draw_partition(drawn.random, drawn.grid, drawn.ranks);
  RC_ASSERT(copy == drawn.partition);
  RC_ASSERT(described(copy) == described(drawn.partition));
  RC_ASSERT((other == drawn.partition) == (described(other) == described(drawn.partition)));
  drawn.grid.all().for_each([&](const ChunkIndex& chunk) {
    if (other.owner(chunk) != drawn.partition.owner(chunk)) RC_ASSERT(!(other == drawn.partition));
  });
}

RC_GTEST_PROP(AnyPartition, NamesTheRanksOfABlock, ()) {
  Drawn drawn = draw();
  const ChunkBox block = draw_block(drawn.random, drawn.grid.all());
  const RankSet set = drawn.partition.ranks_of(block);
  const std::set<int> expected = owners(drawn.partition, block);
  RC_ASSERT(members(set) == expected);
  RC_ASSERT(set.size() == static_cast<std::int64_t>(expected.size()));
  for (std::int64_t k = 0; k < set.size(); ++k) RC_ASSERT(set.index_of(set.nth(k)) == k);
  for (int tries = 0; tries < 50; ++tries) {
    const int rank = static_cast<int>(below(drawn.random, drawn.ranks));
    RC_ASSERT(set.contains(rank) == expected.contains(rank));
    RC_ASSERT(drawn.partition.is_sole_owner(rank, block) == (expected == std::set<int>{rank}));
  }
  const int first = *expected.begin();
  RC_ASSERT(drawn.partition.is_sole_owner(first, block) == (expected.size() == 1));
}

RC_GTEST_PROP(AnyPartition, KnowsBlocksWithinBlocks, ()) {
  Drawn drawn = draw();
  const ChunkBox outer = draw_block(drawn.random, drawn.grid.all()), inner = draw_block(drawn.random, outer);
  RC_ASSERT(drawn.partition.ranks_of(inner).within(drawn.partition.ranks_of(outer)));
  // And whatever else it claims is so, of sets of two partitions too.
  const Partition other = draw_partition(drawn.random, drawn.grid, drawn.ranks);
  for (const RankSet& a : {drawn.partition.ranks_of(inner), other.ranks_of(inner)})
    for (const RankSet& b :
         {drawn.partition.ranks_of(outer), other.ranks_of(draw_block(drawn.random, drawn.grid.all()))})
      if (a.within(b))
        for (int rank : members(a)) RC_ASSERT(b.contains(rank));
}

RC_GTEST_PROP(AnyPartition, BoundsHowFarThroughItsOwnersShareAChunkLies, ()) {
  Drawn drawn = draw();
  const ChunkBox block = draw_block(drawn.random, drawn.grid.all());
  const std::int64_t latest = drawn.partition.latest(block), earliest = drawn.partition.earliest(block);
  block.for_each([&](const ChunkIndex& chunk) {
    const ChunkBox single = ChunkBox::single(chunk);
    RC_ASSERT(drawn.partition.latest(single) == drawn.partition.earliest(single));
    RC_ASSERT(earliest <= drawn.partition.earliest(single));
    RC_ASSERT(drawn.partition.latest(single) <= latest);
  });
  RC_ASSERT(earliest >= 0 && latest < std::int64_t{1} << 30);
  // What needs a block stands behind what needs a piece of it.
  const ChunkBox piece = draw_block(drawn.random, block);
  RC_ASSERT(drawn.partition.latest(piece) <= latest && earliest <= drawn.partition.earliest(piece));
  // Along an owner's own chunks, row-major, the time grows.
  std::int64_t before = -1;
  drawn.partition.chunks_of(drawn.partition.owner({block.begin})).for_each([&](const ChunkIndex& chunk) {
    RC_ASSERT(drawn.partition.latest(ChunkBox::single(chunk)) > before);
    before = drawn.partition.latest(ChunkBox::single(chunk));
  });
}

/// Values that lie by any partition, by another one, and by none; a mean, a sum and other chunks of them.
LayerGraph draw_placed_graph(std::mt19937_64& random, int ranks) {
  const auto placed = [&](const LayerPtr& layer) -> LayerPtr {
    const auto where = std::make_shared<const Partition>(draw_partition(random, layer->output().grid, ranks));
    return std::make_shared<PlacedLayer>(layer, Alignment{.fixed = where});
  };
  const ChunkGrid grid =
      ChunkGrid::regular({1 + below(random, 20), 1 + below(random, 20)}, {1 + below(random, 4), 1 + below(random, 4)});
  const LayerPtr x = placed(pattern_source("x", grid)), y = placed(pattern_source("y", grid));
  const LayerPtr sum = apply(kDearAdd, {x, y}), mean = reduce(order_reducer(), {below(random, 2)}, sum);
  const Shape other{1 + below(random, 4), 1 + below(random, 4)};
  return LayerGraph::of({capture_sink(placed(mean), "mean"), capture_sink(apply(kDearAdd, {sum, x}), "sum"),
                         capture_sink(placed(rechunk(sum, ChunkGrid::regular(grid.shape(), other))), "other chunks")});
}

RC_GTEST_PROP(PlanOfPlacedValues, IsThePlanThatWalkingEverythingGives, ()) {
  std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
  const int ranks = kRanks[below(random, 4)];
  const LayerPlan plan = LayerPlan::of_rewritten(
      draw_placed_graph(random, ranks),
      {.ranks = ranks, .threads = static_cast<int>(1 + below(random, 3)), .budget_bytes = std::int64_t{1} << 20});
  const std::vector<Schedule> schedules = all_schedules(plan);
  RC_ASSERT(check_against_walk(plan, schedules) == "");
  std::vector<std::int64_t> serial;
  for (const Schedule& schedule : schedules) serial.push_back(schedule.serial_peak_bytes);
  RC_ASSERT(simulate_cluster(schedules, serial, Luck::any, random) == "");
}

RC_GTEST_PROP(SpreadGrid, LeavesNoRankMuchMoreThanItsPart, ()) {
  std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
  const ChunkGrid grid = draw_grid(random, 5);
  const int ranks = kRanks[below(random, 7)];
  const std::int64_t ideal = (grid.count() + ranks - 1) / ranks;
  const Partition partition = Partition::spread(grid, ranks, 0);
  RC_ASSERT(partition.largest_share() <= 2 * ideal);
  RC_ASSERT(partition.used_ranks() <= ranks);
}

RC_GTEST_PROP(Multicast, ReachesEveryMemberOnceFromTheOwner, ()) {
  Drawn drawn = draw();
  const RankSet set = drawn.partition.ranks_of(draw_block(drawn.random, drawn.grid.all()));
  // Inside the set or outside of it.
  const int owner = below(drawn.random, 2) ? set.nth(below(drawn.random, set.size()))
                                           : static_cast<int>(below(drawn.random, drawn.ranks));
  const MulticastTree tree(set, owner);
  RC_ASSERT(tree.parent(owner) == -1);
  std::set<int> reached{owner};
  std::vector<int> front{owner};
  int depth = 0;
  for (std::int64_t wide = 1; !front.empty(); ++depth, wide *= 4) {
    std::vector<int> next;
    for (int rank : front) {
      const std::size_t before = next.size();
      tree.children(rank, next);
      RC_ASSERT(next.size() - before <= 4u);
      for (std::size_t k = before; k < next.size(); ++k) {
        RC_ASSERT(tree.parent(next[k]) == rank);
        RC_ASSERT(reached.insert(next[k]).second);
      }
    }
    RC_ASSERT(static_cast<std::int64_t>(front.size()) <= wide);
    front = next;
  }
  std::set<int> expected = members(set);
  expected.insert(owner);
  RC_ASSERT(reached == expected);
  RC_ASSERT(depth <= 10);  // 4 + 16 + … passes 100,000 at the ninth
}

}  // namespace
}  // namespace dunlin::test
