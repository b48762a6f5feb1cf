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

std::vector<int> owners(const Partition& partition, std::int64_t chunks) {
  std::vector<int> ranks;
  for (std::int64_t k = 0; k < chunks; ++k) ranks.push_back(partition.owner({{k}}));
  return ranks;
}

TEST(Partition, DealsChunksInTurn) {
  const ChunkGrid grid = ChunkGrid::regular({11}, {1});
  const Partition partition = Partition::dealt(grid, {3}, {2}, {0}, 4, 1);
  EXPECT_EQ(owners(partition, 11), (std::vector<int>{1, 1, 2, 2, 3, 3, 1, 1, 2, 2, 3}));
  EXPECT_EQ(partition.used_ranks(), 3);
  EXPECT_EQ(partition.largest_share(), 4);
  const ChunkSet of_two = partition.chunks_of(2).cut({{3}, {9}});
  ASSERT_EQ(of_two.size(), 2);
  EXPECT_EQ(of_two.nth(0), (ChunkIndex{{3}}));
  EXPECT_EQ(of_two.nth(1), (ChunkIndex{{8}}));
  // Chunks 4 to 7: parts 2 and 0, which wrap.
  const RankSet wrapped = partition.ranks_of({{4}, {8}});
  EXPECT_EQ(wrapped.size(), 2);
  EXPECT_EQ(wrapped.nth(0), 3);
  EXPECT_EQ(wrapped.nth(1), 1);
  EXPECT_FALSE(wrapped.contains(2));
}

TEST(Partition, BeginsToDealWhereItIsTold) {
  // Chunks 3 to 8 are worked on: two for each rank, the first rank the first ones.
  const Partition partition = Partition::dealt(ChunkGrid::regular({11}, {1}), {3}, {2}, {3}, 3, 0);
  EXPECT_EQ(owners(partition, 11), (std::vector<int>{1, 2, 2, 0, 0, 1, 1, 2, 2, 0, 0}));
  EXPECT_EQ(partition.largest_share(), 4);
  EXPECT_EQ(partition.largest_share({{3}, {9}}), 2);
  for (std::int64_t k : {3, 5, 7})
    EXPECT_EQ(partition.latest({{k}, {k + 1}}), partition.latest({{3}, {4}})) << "all ranks begin at once";
}

TEST(Partition, CutsWhereBoundariesSay) {
  const ChunkGrid grid = ChunkGrid::regular({6, 3}, {1, 1});
  // Ranks run along the first axis first, as a Fortran simulation counts them, from every second one.
  const Partition partition = Partition::cartesian(grid, {{0, 4, 5, 6}, {0, 1, 3}}, {2, 6}, 12);
  EXPECT_EQ(partition.owner({{3, 0}}), 0);
  EXPECT_EQ(partition.owner({{4, 0}}), 2);
  EXPECT_EQ(partition.owner({{0, 1}}), 6);
  EXPECT_EQ(partition.owner({{5, 2}}), 10);
  EXPECT_EQ(partition.chunks_of(6), ChunkSet(ChunkBox{{0, 1}, {4, 3}}));
  EXPECT_TRUE(partition.chunks_of(7).empty());
  EXPECT_EQ(partition.largest_share(), 8);
}

TEST(Partition, RefusesBoundariesThatLeaveARankWithNoneOrTwo) {
  const ChunkGrid grid = ChunkGrid::regular({6, 2}, {1, 1});
  struct Case {
    const char* why;
    std::vector<std::vector<std::int64_t>> boundaries;
    Coords strides;
  };
  const std::vector<Case> cases = {
      {"a part without a chunk", {{0, 3, 3, 6}, {0, 2}}, {1, 1}},
      {"chunks of nobody", {{0, 3, 5}, {0, 2}}, {1, 1}},
      {"two parts on one rank", {{0, 3, 6}, {0, 1, 2}}, {1, 1}},
      {"a rank that is not there", {{0, 3, 6}, {0, 1, 2}}, {4, 1}},
      {"an axis not named", {{0, 6}}, {1}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.why);
    EXPECT_THROW(Partition::cartesian(grid, c.boundaries, c.strides, 4), InternalError);
  }
  EXPECT_THROW(Partition::of_table(grid, {0, 1, 2}, 4), InternalError) << "an owner for every chunk";
  EXPECT_THROW(Partition::of_table(grid, std::vector<int>(12, 4), 4), InternalError) << "ranks that are there";
}

TEST(Partition, ScattersByHashEvenlyAndWithoutGeometry) {
  const ChunkGrid grid = ChunkGrid::regular({1000}, {1});
  const Partition partition = Partition::hashed(grid, 8, 0);
  std::int64_t neighbours = 0;
  for (std::int64_t k = 0; k + 1 < 1000; ++k) neighbours += partition.owner({{k}}) == partition.owner({{k + 1}});
  EXPECT_LT(neighbours, 250) << "an eighth would be chance";
  for (int rank = 0; rank < 8; ++rank) EXPECT_EQ(partition.chunks_of(rank).size(), 125);
  EXPECT_EQ(Partition::hashed(grid, 8, 0), partition) << "the same everywhere";
  EXPECT_FALSE(Partition::hashed(grid, 8, 0, 1) == partition) << "another key, other owners";
}

TEST(Partition, TakesAnyOwnerFromATable) {
  const Partition partition = Partition::of_table(ChunkGrid::regular({2, 3}, {1, 1}), {5, 0, 5, 0, 0, 2}, 6);
  EXPECT_EQ(partition.owner({{0, 2}}), 5);
  EXPECT_EQ(partition.used_ranks(), 3);
  const ChunkSet of_zero = partition.chunks_of(0);
  ASSERT_EQ(of_zero.size(), 3);
  EXPECT_EQ(of_zero.nth(1), (ChunkIndex{{1, 0}}));
  EXPECT_EQ(of_zero.index_of({{1, 1}}), 2);
  EXPECT_EQ(partition.ranks_of({{0, 0}, {1, 3}}), RankSet::list({0, 5}));
  EXPECT_TRUE(partition.is_sole_owner(0, {{1, 0}, {2, 2}}));
  // Whoever follows takes the owners that its chunks correspond to.
  const Partition rows = Partition::aligned(ChunkGrid::regular({3}, {1}), partition, {.input = 0, .axis = {1}});
  EXPECT_EQ(owners(rows, 3), (std::vector<int>{5, 0, 5}));
}

TEST(Partition, FollowsAxisByAxis) {
  struct Case {
    const char* why;
    Partition leader;
    std::int64_t chunks;
    std::vector<int> owners;
  };
  const ChunkGrid grid = ChunkGrid::regular({8}, {1});
  const std::vector<Case> cases = {
      {"dealt in turn, equal chunks", Partition::dealt(grid, {2}, {2}, {0}, 2, 0), 8, {0, 0, 1, 1, 0, 0, 1, 1}},
      {"dealt in turn from the fifth", Partition::dealt(grid, {2}, {2}, {5}, 2, 0), 8, {1, 0, 0, 1, 1, 0, 0, 1}},
      {"dealt in turn, half the chunks", Partition::dealt(grid, {2}, {2}, {0}, 2, 0), 4, {0, 1, 0, 1}},
      {"a table, equal chunks", Partition::cartesian(grid, {{0, 5, 8}}, {1}, 2), 8, {0, 0, 0, 0, 0, 1, 1, 1}},
      {"a table, half the chunks", Partition::cartesian(grid, {{0, 5, 8}}, {1}, 2), 4, {0, 0, 0, 1}},
      {"a table, too few chunks for it", Partition::cartesian(grid, {{0, 6, 7, 8}}, {1}, 3), 2, {0, 1}},
      {"scattered, equal chunks", Partition::of_table(grid, {1, 0, 1, 0, 1, 0, 1, 1}, 2), 8, {1, 0, 1, 0, 1, 0, 1, 1}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.why);
    const ChunkGrid follower = ChunkGrid::regular({c.chunks}, {1});
    EXPECT_EQ(owners(Partition::aligned(follower, c.leader, {.input = 0, .axis = {0}}), c.chunks), c.owners);
  }
  const Partition hash = Partition::hashed(grid, 4, 0);
  EXPECT_EQ(Partition::aligned(grid, hash, {.input = 0, .axis = {0}}), hash);
}

TEST(Partition, IsToldInWords) {
  const ChunkGrid grid = ChunkGrid::regular({8, 6}, {1, 1});
  EXPECT_EQ(to_string(Partition::of_parts(grid, {4, 2}, 8, 0)), "block 4 x 2");
  EXPECT_EQ(to_string(Partition::dealt(grid, {4, 2}, {1, 0}, {0, 0}, 8, 0)), "cyclic 4 by 1 x 2");
  EXPECT_EQ(to_string(Partition::cartesian(grid, {{0, 8}, {0, 1, 6}}, {1, 1}, 2)), "cartesian 1 x 2");
  EXPECT_EQ(to_string(Partition::hashed(grid, 100, 0)), "hash over 48");
  EXPECT_EQ(to_string(Partition::of_table(ChunkGrid(), {3}, 4)), "table over 1");
  EXPECT_EQ(to_string(Partition::on_one_rank(grid, 4, 3)), "rank 3");
  EXPECT_EQ(to_string(Partition::spread(ChunkGrid::regular({0}, {1}), 4, 0)), "nobody");
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

TEST(Partition, OfEveryKindAnswersForAHundredThousandRanks) {
  // 10^9 chunks: nothing here could walk them.
  const ChunkGrid grid = ChunkGrid::regular({1'000'000, 1000}, {1, 1});
  std::vector<std::int64_t> rows, columns;
  for (std::int64_t k = 0; k <= 1000; ++k) rows.push_back(k * k);
  for (std::int64_t k = 0; k <= 100; ++k) columns.push_back(k * 10);
  const std::vector<std::pair<const char*, Partition>> kinds = {
      {"block", Partition::of_parts(grid, {1000, 100}, 100'000, 0)},
      {"cyclic", Partition::dealt(grid, {1000, 100}, {7, 3}, {50'000, 2}, 100'000, 5)},
      {"cartesian", Partition::cartesian(grid, {rows, columns}, {1, 1000}, 100'000)},
      {"hash", Partition::hashed(grid, 100'000, 0)},
  };
  for (const auto& [kind, partition] : kinds) {
    SCOPED_TRACE(kind);
    EXPECT_EQ(partition.used_ranks(), 100'000);
    const ChunkIndex chunk{{777'777, 333}};
    const int owner = partition.owner(chunk);
    const ChunkSet mine = partition.chunks_of(owner);
    EXPECT_EQ(mine.nth(mine.index_of(chunk)), chunk);
    EXPECT_LE(mine.size(), partition.largest_share());
    const RankSet all = partition.ranks_of(grid.all());
    EXPECT_EQ(all.size(), 100'000);
    EXPECT_EQ(all.nth(all.index_of(owner)), owner);
    EXPECT_TRUE(partition.ranks_of(ChunkBox::single(chunk)).within(all));
    EXPECT_TRUE(partition.is_sole_owner(owner, ChunkBox::single(chunk)));
    EXPECT_LT(partition.latest(grid.all()), std::int64_t{1} << 30);
  }
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
