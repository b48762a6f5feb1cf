// A block copied between strided arrays has the same elements, whatever the strides.

#include "dunlin/base/box_copy.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstring>
#include <vector>

namespace dunlin {
namespace {

TEST(BoxCopy, StridesOfRowMajorArrays) {
  EXPECT_EQ(row_major_strides({5, 3, 4}), (Coords{12, 4, 1}));
  EXPECT_EQ(row_major_strides({7}), (Coords{1}));
  EXPECT_EQ(row_major_strides({}), (Coords{}));
  EXPECT_EQ(row_major_strides({2, 0, 3}), (Coords{0, 3, 1}));
}

TEST(BoxCopy, CopiesWhereNoAxesAreAndNothingWhereOneIsEmpty) {
  const std::byte from[4] = {std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}};
  std::byte to[4] = {};
  copy_block(from, {2, 1}, to, {2, 1}, {0, 2}, 1);
  EXPECT_EQ(to[0], std::byte{0});
  copy_block(from, {}, to, {}, {}, 4);
  EXPECT_EQ(std::memcmp(from, to, 4), 0);
}

TEST(BoxCopy, FillsABlockAndNothingElse) {
  std::vector<std::uint16_t> to(12, 7);
  const std::uint16_t value = 9;
  fill_block(reinterpret_cast<const std::byte*>(&value), reinterpret_cast<std::byte*>(to.data() + 1), {4, 1}, {3, 2},
             2);
  EXPECT_EQ(to, (std::vector<std::uint16_t>{7, 9, 9, 7, 7, 9, 9, 7, 7, 9, 9, 7}));
}

TEST(BoxCopy, TakesStridesInBytesThatAreNoMultiplesOfAnElement) {
  // A field of packed records of 5 bytes: 2 for the value; walked backwards.
  std::vector<std::byte> records(15);
  for (std::size_t k = 0; k < records.size(); ++k) records[k] = std::byte(k);
  std::byte to[6] = {};
  copy_block_by_bytes(records.data() + 11, {-5}, to, {2}, {3}, 2);
  const std::byte expected[] = {std::byte{11}, std::byte{12}, std::byte{6}, std::byte{7}, std::byte{1}, std::byte{2}};
  EXPECT_EQ(std::memcmp(to, expected, 6), 0);
}

RC_GTEST_PROP(BoxCopy, EqualsACopyElementByElement, ()) {
  const auto rank = *rc::gen::inRange<std::size_t>(0, 5);
  const auto element = *rc::gen::element<std::size_t>(1, 2, 3, 4, 8, 16);
  Shape shape, inside_from, inside_to;
  for (std::size_t a = 0; a < rank; ++a) {
    shape.push_back(*rc::gen::inRange<std::int64_t>(0, 5));
    inside_from.push_back(shape[a] + *rc::gen::inRange<std::int64_t>(0, 3));
    inside_to.push_back(shape[a] + *rc::gen::inRange<std::int64_t>(0, 3));
  }
  // The source's axes lie in any order, as a transposed chunk's do.
  Coords from_strides = row_major_strides(inside_from), to_strides = row_major_strides(inside_to);
  if (rank > 1 && *rc::gen::arbitrary<bool>()) {
    Shape reversed;
    for (std::size_t a = 0; a < rank; ++a) reversed.push_back(inside_from[rank - 1 - a]);
    const Coords strides = row_major_strides(reversed);
    for (std::size_t a = 0; a < rank; ++a) from_strides[a] = strides[rank - 1 - a];
  }
  const auto size = [&](const Shape& s) { return static_cast<std::size_t>(product(s)) * element; };
  std::vector<std::byte> from(size(inside_from)), to(size(inside_to)), expected;
  for (std::size_t k = 0; k < from.size(); ++k) from[k] = std::byte(k * 7 + 1);
  expected = to;
  Box::whole(shape).empty() ? void() : [&] {
    Coords at(rank, 0);
    for (std::int64_t n = product(shape); n > 0; --n) {
      const auto f = static_cast<std::size_t>(offset_of(at, Coords(rank, 0), from_strides)) * element;
      const auto t = static_cast<std::size_t>(offset_of(at, Coords(rank, 0), to_strides)) * element;
      std::memcpy(expected.data() + t, from.data() + f, element);
      for (int a = static_cast<int>(rank) - 1; a >= 0 && ++at[a] == shape[a]; --a) at[a] = 0;
    }
  }();
  copy_block(from.data(), from_strides, to.data(), to_strides, shape, element);
  RC_ASSERT(to == expected);
}

}  // namespace
}  // namespace dunlin
