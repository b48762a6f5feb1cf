// Properties of partitions over random grids and any number of ranks: every chunk has one owner, the formulas for
// owners, shares and sets of ranks say the same, and sets and trees of ranks reach each of their members once.

#include "dunlin/graph/partition.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>

#include "dunlin/plan/layer_plan.hpp"
#include "property/random_graph.hpp"

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
  for (std::int64_t a = below(random, most_axes + 1); a > 0; --a) {
    shape.push_back(1 + below(random, below(random, 3) == 0 ? 3 : 40));
    chunk.push_back(1 + below(random, 3));
  }
  return ChunkGrid::regular(shape, chunk);
}

/// A partition that spreads a grid, lies on one rank, or follows another one.
Drawn draw() {
  Drawn drawn{.random = std::mt19937_64(*rc::gen::arbitrary<std::uint64_t>())};
  std::mt19937_64& random = drawn.random;
  drawn.ranks = kRanks[below(random, 7)];
  const ChunkGrid leader_grid = draw_grid(random, 4);
  const int offset = static_cast<int>(below(random, drawn.ranks));
  drawn.grid = leader_grid;
  drawn.partition = Partition::spread(leader_grid, drawn.ranks, offset);
  if (below(random, 8) == 0) drawn.partition = Partition::on_one_rank(leader_grid, drawn.ranks, offset);
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
  const Drawn drawn = draw();
  std::map<int, std::int64_t> share;
  drawn.grid.all().for_each([&](const ChunkIndex& chunk) {
    const int owner = drawn.partition.owner(chunk);
    RC_ASSERT(owner >= 0 && owner < drawn.ranks);
    RC_ASSERT(drawn.partition.chunks_of(owner).contains(chunk));
    ++share[owner];
  });
  std::int64_t owned = 0, largest = 0;
  for (int rank = 0; rank < drawn.ranks; ++rank) {
    const ChunkSet mine = drawn.partition.chunks_of(rank);
    RC_ASSERT(mine.size() == (share.contains(rank) ? share.at(rank) : 0));
    owned += mine.size();
    largest = std::max(largest, mine.size());
  }
  RC_ASSERT(owned == drawn.grid.count());
  RC_ASSERT(largest == drawn.partition.largest_share());
  RC_ASSERT(static_cast<std::int64_t>(share.size()) == drawn.partition.used_ranks());
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
  const Partition other = Partition::spread(drawn.grid, drawn.ranks, static_cast<int>(below(drawn.random, 2)));
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
  // Along an owner's own chunks, row-major, the time grows.
  std::int64_t before = -1;
  drawn.partition.chunks_of(drawn.partition.owner({block.begin})).for_each([&](const ChunkIndex& chunk) {
    RC_ASSERT(drawn.partition.latest(ChunkBox::single(chunk)) > before);
    before = drawn.partition.latest(ChunkBox::single(chunk));
  });
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
