// Boxes count what is inside, and two of them meet where both have elements.

#include "dunlin/base/box.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace dunlin {
namespace {

TEST(Box, CountsItsElements) {
  struct Case {
    Box box;
    std::int64_t count;
    const char* why;
  };
  const Case cases[] = {
      {{{0, 0}, {3, 4}}, 12, "a plain block"},
      {{{}, {}}, 1, "no axes: one value"},
      {{{2}, {2}}, 0, "an empty side"},
      {{{0, 5}, {3, 4}}, 0, "a side that ends before it begins"},
      {{{5, 3}, {4, 2}}, 0, "two of them: not the product of two negatives"},
  };
  for (const auto& [box, count, why] : cases) {
    EXPECT_EQ(box.count(), count) << why;
    EXPECT_EQ(box.empty(), count == 0) << why;
  }
}

TEST(Box, TheWholeOfAShapeBeginsAtZero) {
  const Box box = Box::whole({3, 4});
  EXPECT_EQ(box, (Box{{0, 0}, {3, 4}}));
  EXPECT_EQ(box.shape(), (Shape{3, 4}));
  EXPECT_EQ(box.rank(), 2);
}

TEST(Box, PrintsAsSlices) {
  EXPECT_EQ(to_string(Box{{0, 3}, {12, 37}}), "[0:12, 3:37]");
  EXPECT_EQ(to_string(Box{}), "[]");
}

RC_GTEST_PROP(Box, AnElementIsInTheIntersectionWhereItIsInBoth, ()) {
  const auto side = [] {
    const auto begin = *rc::gen::inRange<std::int64_t>(0, 8);
    return std::pair{begin, begin + *rc::gen::inRange<std::int64_t>(0, 8)};
  };
  const auto [a0, a1] = side();
  const auto [b0, b1] = side();
  const Box both = intersection({{a0}, {a1}}, {{b0}, {b1}});
  for (std::int64_t x = 0; x < 16; ++x)
    RC_ASSERT((both.begin[0] <= x && x < both.end[0]) == (a0 <= x && x < a1 && b0 <= x && x < b1));
  RC_ASSERT(both.begin[0] <= both.end[0]);
}

}  // namespace
}  // namespace dunlin
