// A list of numbers per axis behaves like a vector that holds up to kMaxRank of them.

#include "dunlin/base/coords.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace dunlin {
namespace {

TEST(Coords, HoldsUpToTheMostAxesAndRefusesOneMore) {
  Coords coords;
  for (int a = 0; a < kMaxRank; ++a) coords.push_back(a);
  EXPECT_EQ(coords.size(), static_cast<std::size_t>(kMaxRank));
  EXPECT_EQ(coords.back(), kMaxRank - 1);
  try {
    coords.push_back(0);
    FAIL() << "one axis too many was accepted";
  } catch (const TooManyAxes& error) {
    EXPECT_EQ(error.found, static_cast<std::size_t>(kMaxRank) + 1);
    EXPECT_STREQ(error.what(), "an array has 17 axes: at most 16 can be handled; merge some before");
  }
  EXPECT_THROW(Coords(kMaxRank + 1, 0), TooManyAxes);
}

TEST(Coords, EqualityLooksAtTheNumbersInUseOnly) {
  Coords grown{1, 2, 3};
  grown.resize(2);
  EXPECT_EQ(grown, (Coords{1, 2}));
  EXPECT_FALSE(grown == (Coords{1, 2, 3}));
  grown.resize(4, 9);
  EXPECT_EQ(grown, (Coords{1, 2, 9, 9}));
}

TEST(Coords, OrderIsRowMajor) {
  EXPECT_LT((Coords{0, 9}), (Coords{1, 0}));
  EXPECT_LT((Coords{1, 0}), (Coords{1, 1}));
  EXPECT_FALSE((Coords{1, 1}) < (Coords{1, 1}));
}

TEST(Coords, ProductsThatOverflowAreRefused) {
  EXPECT_EQ(product(Coords{}), 1) << "a 0-d array has one element";
  EXPECT_EQ(product(Coords{3, 0, 5}), 0);
  EXPECT_EQ(product(Coords{std::numeric_limits<std::int64_t>::max(), 1}), std::numeric_limits<std::int64_t>::max());
  const std::int64_t large = std::int64_t{1} << 32;
  try {
    product(Coords{large, large});
    FAIL() << "2^64 elements were accepted";
  } catch (const UsageError& error) {
    EXPECT_STREQ(error.what(),
                 "an array of shape (4294967296, 4294967296) has more elements than 64-bit positions can count");
  }
}

TEST(Coords, PrintsAsNumPyDoes) {
  EXPECT_EQ(to_string(Coords{240, 37, 49}), "(240, 37, 49)");
  EXPECT_EQ(to_string(Coords{5}), "(5,)");
  EXPECT_EQ(to_string(Coords{}), "()");
  EXPECT_EQ(to_string(Coords{kUnknown, 3}), "(?, 3)");
}

}  // namespace
}  // namespace dunlin
