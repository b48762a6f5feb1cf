// Partitions: the worked examples of the header, the edges, and sizes that no list could hold. Their properties over
// random grids are tested in tests/property.

#include "dunlin/graph/partition.hpp"

#include <gtest/gtest.h>

namespace dunlin {
namespace {

TEST(Partition, CutsAxesIntoRunsOfChunks) {
  const Partition line = Partition::spread(ChunkGrid::regular({6}, {1}), 4, 0);
  std::vector<int> owners;
  for (std::int64_t k = 0; k < 6; ++k) owners.push_back(line.owner({{k}}));
  EXPECT_EQ(owners, (std::vector<int>{0, 0, 1, 2, 2, 3}));
  EXPECT_EQ(line.chunks_of(2), ChunkSet(ChunkBox{{3}, {5}}));
  EXPECT_EQ(line.largest_share(), 2);

  const Partition plane = Partition::spread(ChunkGrid::regular({6, 2}, {1, 1}), 4, 0);
  EXPECT_EQ(plane.chunks_of(0), ChunkSet(ChunkBox{{0, 0}, {3, 1}}));
  EXPECT_EQ(plane.chunks_of(1), ChunkSet(ChunkBox{{0, 1}, {3, 2}}));
  EXPECT_EQ(plane.chunks_of(2), ChunkSet(ChunkBox{{3, 0}, {6, 1}}));
  EXPECT_EQ(plane.largest_share(), 3);
}

TEST(Partition, ShiftsByItsOffset) {
  const Partition partition = Partition::spread(ChunkGrid::regular({3}, {1}), 4, 3);
  EXPECT_EQ(partition.owner({{0}}), 3);
  EXPECT_EQ(partition.owner({{1}}), 0) << "modulo the ranks";
  EXPECT_EQ(partition.chunks_of(3), ChunkSet(ChunkBox{{0}, {1}}));
  EXPECT_EQ(partition.chunks_of(2).size(), 0);
}

TEST(Partition, OfOneValueLiesOnOneRank) {
  const Partition partition = Partition::spread(ChunkGrid(), 4, 2);
  EXPECT_EQ(partition.owner({}), 2);
  EXPECT_EQ(partition.chunks_of(2).size(), 1);
  for (int rank : {0, 1, 3}) EXPECT_EQ(partition.chunks_of(rank).size(), 0) << "rank " << rank;
  EXPECT_EQ(partition.used_ranks(), 1);
}

TEST(Partition, OfNothingIsNobodys) {
  const Partition partition = Partition::spread(ChunkGrid::regular({0, 5}, {2, 2}), 4, 0);
  for (int rank = 0; rank < 4; ++rank) EXPECT_EQ(partition.chunks_of(rank).size(), 0);
  EXPECT_EQ(partition.used_ranks(), 0);
}

TEST(Partition, KeepsACoarserGridNearTheFinerOne) {
  const ChunkGrid fine = ChunkGrid::regular({8}, {1}), coarse = ChunkGrid::regular({4}, {1});
  const Partition leader = Partition::spread(fine, 8, 0);
  const Partition follower = Partition::aligned(coarse, leader, {.input = 0, .axis = {0}});
  for (std::int64_t k = 0; k < 4; ++k) EXPECT_EQ(follower.owner({{k}}), leader.owner({{2 * k}}));
  EXPECT_EQ(follower.chunks_of(1).size(), 0) << "the ranks between own none";
}

TEST(Partition, DropsAndAddsAxes) {
  const ChunkGrid grid = ChunkGrid::regular({4, 6}, {1, 1});
  const Partition leader = Partition::spread(grid, 24, 0);
  const Partition dropped = Partition::aligned(grid.without_axis(0), leader, {.input = 0, .axis = {1}});
  for (std::int64_t k = 0; k < 6; ++k) EXPECT_EQ(dropped.owner({{k}}), leader.owner({{0, k}}));
  const Partition turned = Partition::aligned(ChunkGrid::regular({6, 4}, {1, 1}), leader, {.input = 0, .axis = {1, 0}});
  EXPECT_EQ(turned.owner({{5, 2}}), leader.owner({{2, 5}}));
  const Partition added =
      Partition::aligned(ChunkGrid::regular({4, 9, 6}, {1, 1, 1}), leader, {.input = 0, .axis = {0, -1, 1}});
  EXPECT_EQ(added.owner({{3, 8, 5}}), leader.owner({{3, 5}}));
  EXPECT_EQ(added.chunks_of(leader.owner({{3, 5}})).size(), 9) << "a new axis is not cut";
}

TEST(Partition, AnswersForAHundredThousandRanksAndABillionChunks) {
  const ChunkGrid grid = ChunkGrid::regular({1'000'000'000, 10}, {1, 10});
  const Partition partition = Partition::spread(grid, 100'000, 0);
  EXPECT_EQ(partition.largest_share(), 10'000);
  EXPECT_EQ(partition.owner({{999'999'999, 0}}), 99'999);
  EXPECT_EQ(partition.chunks_of(73'412), ChunkSet(ChunkBox{{734'120'000, 0}, {734'130'000, 1}}));
  const RankSet all = partition.ranks_of(grid.all());
  EXPECT_EQ(all.size(), 100'000);
  EXPECT_EQ(all.index_of(all.nth(73'412)), 73'412);
  EXPECT_TRUE(partition.ranks_of({{5, 0}, {6, 1}}).within(all));
}

TEST(Partition, BalancesProductsOfParts) {
  struct Case {
    Shape counts;
    int ranks;
    std::int64_t share;
  };
  const std::vector<Case> cases = {
      {{7, 4}, 3, 12},     // parts of 7 are 3, 2 and 2: rows of 4
      {{3, 3, 3}, 27, 1},  // one each
      {{3, 3, 3}, 26, 2},  // a rank too few
      {{1, 100}, 100, 1},  // only the second axis can be cut
      {{240, 37, 49}, 1, 240 * 37 * 49},
      {{2, 2}, 100'000, 1},  // more ranks than chunks
  };
  for (const Case& c : cases) {
    const ChunkGrid grid = ChunkGrid::regular(c.counts, Shape(c.counts.size(), 1));
    EXPECT_EQ(Partition::spread(grid, c.ranks, 0).largest_share(), c.share) << to_string(c.counts) << " on " << c.ranks;
  }
}

TEST(Partition, IsFoundForSixteenAxesAtOnce) {
  // Without a bound the search would try some 10^15 products.
  const ChunkGrid grid = ChunkGrid::regular(Shape(16, 11), Shape(16, 1));
  const Partition partition = Partition::spread(grid, 99'991, 0);
  EXPECT_GT(partition.used_ranks(), 50'000);
}

}  // namespace
}  // namespace dunlin
