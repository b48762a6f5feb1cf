// Durations read as people say them, and no unit shows more than it has.

#include "dunlin/trace/format.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace dunlin {
namespace {

TEST(Format, DurationsChooseTheirUnit) {
  struct Case {
    double seconds;
    const char* text;
  };
  const Case cases[] = {
      {0, "0 ms"},
      {0.0124, "12 ms"},
      {0.9996, "1.0 s"},  // not "1000 ms"
      {3.25, "3.3 s"},
      {59.94, "59.9 s"},
      {59.96, "1 m 00 s"},  // not "60.0 s"
      {65, "1 m 05 s"},
      {3599.6, "1 h 00 m"},  // not "59 m 60 s"
      {2 * 3600 + 3 * 60, "2 h 03 m"},
      {24 * 3600 - 10, "1 d 00 h"},  // not "23 h 60 m"
      {3 * 86400 + 4 * 3600, "3 d 04 h"},
      {-1, "?"},
      {std::nan(""), "?"},
      {std::numeric_limits<double>::infinity(), "?"},
  };
  for (const auto& [seconds, text] : cases) EXPECT_EQ(human_seconds(seconds), text) << seconds;
}

TEST(Format, BytesComeAlong) { EXPECT_EQ(human_bytes(12'897'485), "12.3 MiB"); }

}  // namespace
}  // namespace dunlin
