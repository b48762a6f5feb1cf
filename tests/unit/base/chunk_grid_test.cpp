// The grid's promises: chunks tile the shape exactly, conversions are inverse, huge grids cost nothing, bad input is
// named, and a length that only a run tells is never taken for a number.

#include "dunlin/base/chunk_grid.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace dunlin {
namespace {

struct Case {
  const char* why;
  ChunkGrid grid;
};

std::vector<Case> cases() {
  return {
      {"exact division", ChunkGrid::regular({6, 4}, {2, 2})},
      {"short last chunks", ChunkGrid::regular({5, 7}, {2, 3})},
      {"chunk larger than the axis", ChunkGrid::regular({3}, {10})},
      {"single elements", ChunkGrid::regular({4, 1}, {1, 1})},
      {"rank 0 holds one chunk", ChunkGrid::regular({}, {})},
      {"the grid of nothing said is rank 0", ChunkGrid()},
      {"empty axis holds none", ChunkGrid::regular({0, 3}, {2, 2})},
      {"ragged, as slicing leaves it", ChunkGrid::ragged({{2, 5, 1}, {3, 1}})},
      {"ragged axis of no spans", ChunkGrid::ragged({{}, {3, 1}})},
      {"one chunk for all", ChunkGrid::single({5, 7})},
      {"one chunk, empty array", ChunkGrid::single({0, 7})},
      {"an axis put in front", ChunkGrid::regular({5}, {2}).with_axis(0, 7, 3)},
      {"an axis put at the end", ChunkGrid::regular({5}, {2}).with_axis(1, 7, 3)},
      {"an axis taken away", ChunkGrid::ragged({{2, 5, 1}, {3, 1}}).without_axis(0)},
      {"an axis of another grid", ChunkGrid::regular({5, 7}, {2, 3}).with_axis_of(1, ChunkGrid::ragged({{1, 4}}), 0)},
  };
}

TEST(ChunkGrid, ChunksTileTheShapeAndConversionsAreInverse) {
  for (const auto& [why, grid] : cases()) {
    SCOPED_TRACE(why);
    std::int64_t elements = 0;
    for (std::int64_t k = 0; k < grid.count(); ++k) {
      const ChunkIndex chunk = grid.at(ChunkOrdinal{k});
      EXPECT_EQ(grid.ordinal(chunk), ChunkOrdinal{k});
      const Box box = grid.box(chunk);
      for (int a = 0; a < grid.rank(); ++a) {
        ASSERT_LT(box.begin[a], box.end[a]) << "chunks are never empty";
        ASSERT_LE(box.length(a), grid.largest(a));
      }
      Coords last = box.end;
      for (std::int64_t& element : last) --element;
      EXPECT_EQ(grid.chunk_of(box.begin), chunk);
      EXPECT_EQ(grid.chunk_of(last), chunk);
      EXPECT_EQ(grid.chunks_of(box), ChunkBox::single(chunk));
      elements += box.count();
    }
    EXPECT_EQ(elements, product(grid.shape()));
    EXPECT_EQ(product(grid.counts()), grid.count());
  }
}

TEST(ChunkGrid, AllChunksTogetherCoverTheWholeArrayInRowMajorOrder) {
  for (const auto& [why, grid] : cases()) {
    SCOPED_TRACE(why);
    EXPECT_EQ(grid.box(grid.all()), Box::whole(grid.shape()));
    if (!Box::whole(grid.shape()).empty()) {
      EXPECT_EQ(grid.chunks_of(Box::whole(grid.shape())), grid.all());
    }
    std::int64_t next = 0;
    grid.all().for_each([&](const ChunkIndex& chunk) { EXPECT_EQ(grid.ordinal(chunk), ChunkOrdinal{next++}); });
    EXPECT_EQ(next, grid.count());
  }
}

TEST(ChunkGrid, ABoxIsHeldByTheChunksItTouches) {
  const ChunkGrid grid = ChunkGrid::ragged({{2, 5, 1}, {3, 1}});  // begins at rows 0 2 7, columns 0 3
  struct Held {
    Box box;
    ChunkBox chunks;
    const char* why;
  };
  const Held table[] = {
      {{{2, 0}, {7, 3}}, {{1, 0}, {2, 1}}, "exactly one chunk"},
      {{{1, 2}, {3, 4}}, {{0, 0}, {2, 2}}, "across the corner of four"},
      {{{7, 3}, {8, 4}}, {{2, 1}, {3, 2}}, "the last element"},
      {{{0, 0}, {8, 1}}, {{0, 0}, {3, 1}}, "a column through all rows"},
  };
  for (const auto& [box, chunks, why] : table) {
    EXPECT_EQ(grid.chunks_of(box), chunks) << why;
    const Box covered = grid.box(chunks);
    EXPECT_EQ(intersection(covered, box), box) << why;
  }
}

TEST(ChunkGrid, RegularAxesAreKnownAsSuch) {
  EXPECT_TRUE(ChunkGrid::regular({5, 7}, {2, 3}).is_regular()) << "a short last chunk is regular";
  const ChunkGrid mixed = ChunkGrid::regular({5, 7}, {2, 3}).with_axis_of(1, ChunkGrid::ragged({{1, 6}}), 0);
  EXPECT_TRUE(mixed.is_regular(0));
  EXPECT_FALSE(mixed.is_regular(1));
  EXPECT_FALSE(mixed.is_regular());
  EXPECT_EQ(mixed.largest(), (Shape{2, 6}));
  EXPECT_EQ(ChunkGrid::regular({3}, {10}).step(0), 10) << "the nominal length may exceed the axis";
  EXPECT_EQ(ChunkGrid::regular({3}, {10}).largest(0), 3);
  EXPECT_EQ(ChunkGrid::regular({0}, {10}).largest(0), 0);
}

TEST(ChunkGrid, LastElementOfALargeAxisIsFoundWithoutOverflow) {
  const std::int64_t huge = std::numeric_limits<std::int64_t>::max();
  const ChunkGrid grid = ChunkGrid::regular({huge}, {1'000'003});
  const ChunkIndex last = grid.chunk_of(Coords{huge - 1});
  EXPECT_EQ(last.at[0], grid.count() - 1);
  EXPECT_EQ(grid.box(last).end[0], huge);
}

TEST(ChunkGrid, UnknownLengthsCountChunksAndRefuseTheRest) {
  const ChunkGrid grid = ChunkGrid::regular({5, 7}, {2, 3}).with_unknown(1, 4);
  EXPECT_TRUE(grid.has_unknown());
  EXPECT_FALSE(grid.is_regular());
  EXPECT_EQ(grid.shape(), (Shape{5, kUnknown}));
  EXPECT_EQ(grid.count(), 3 * 4);
  EXPECT_EQ(grid.at(grid.ordinal({{2, 3}})), (ChunkIndex{{2, 3}}));
  EXPECT_EQ(grid.begin(0, 1), 2) << "the other axis keeps its numbers";
  EXPECT_THROW(grid.box(ChunkIndex{{0, 0}}), UnknownExtent);
  EXPECT_THROW(grid.largest(1), UnknownExtent);
  EXPECT_THROW(grid.chunk_of(1, 0), UnknownExtent);
  try {
    grid.begin(1, 0);
    FAIL() << "an unknown length was used";
  } catch (const UnknownExtent& error) {
    EXPECT_EQ(error.axis, 1);
    EXPECT_STREQ(error.what(), "axis 1 has a length that only a run tells: compute or persist the array first");
  }
}

TEST(ChunkGrid, BadChunksSayWhichAxisAndWhatToDo) {
  try {
    ChunkGrid::regular({4, 8}, {2, 0});
    FAIL() << "a chunk length of 0 was accepted";
  } catch (const BadChunks& error) {
    EXPECT_EQ(error.axis, 1);
    EXPECT_STREQ(
        error.what(),
        "axis 1 of length 8 cannot be cut into chunks of 0: a chunk length is at least 1, an axis length at least 0");
  }
  EXPECT_THROW(ChunkGrid::regular({4, 8}, {2}), BadChunks) << "ranks that differ";
  EXPECT_THROW(ChunkGrid::regular({-4}, {2}), BadChunks) << "a negative length";
  EXPECT_THROW(ChunkGrid::ragged({{2, -1}}), BadChunks) << "a negative span";
  EXPECT_THROW(ChunkGrid::ragged({{2, 0}}), BadChunks) << "an empty span";
  EXPECT_THROW(ChunkGrid::regular({4}, {2}).with_axis(0, 3, 0), BadChunks) << "a bad axis put in";
}

TEST(ChunkGrid, MoreAxesThanCanBeHandledAreRefused) {
  const Shape most(kMaxRank, 1);
  EXPECT_THROW(ChunkGrid::regular(most, most).with_axis(0, 1, 1), TooManyAxes);
  EXPECT_THROW(ChunkGrid::ragged(std::vector<std::vector<std::int64_t>>(kMaxRank + 1, {1})), TooManyAxes);
}

TEST(ChunkGrid, PrintsItsChunks) {
  EXPECT_EQ(to_string(ChunkGrid::regular({240, 37, 49}, {12, 37, 49})), "chunks of 12 x 37 x 49");
  EXPECT_EQ(to_string(ChunkGrid::ragged({{2, 5, 1}, {3, 1}})), "chunks of at most 5 x 3");
  EXPECT_EQ(to_string(ChunkGrid()), "one value");
  EXPECT_EQ(to_string(ChunkGrid::regular({5}, {2}).with_unknown(0, 3)), "chunks of lengths that a run tells");
  EXPECT_EQ(to_string(ChunkIndex{{0, 3}}), "(0, 3)");
}

}  // namespace
}  // namespace dunlin
