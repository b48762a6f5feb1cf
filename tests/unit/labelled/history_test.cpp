// The history: newest first, date in UTC, command, version.

#include "dunlin/labelled/history.hpp"

#include <gtest/gtest.h>

#include <regex>

namespace dunlin {
namespace {

TEST(History, ALineHasDateCommandAndVersion) {
  EXPECT_TRUE(std::regex_match(
      history_line(1'779'355'800, "dunlin anomaly --dim time a.nc b.zarr"),
      std::regex(R"(2026-05-21T09:30:00Z: dunlin anomaly --dim time a\.nc b\.zarr \(dunlin \d+\.\d+\.\d+\))")));
  EXPECT_EQ(history_line(-1, "x").substr(0, 20), "1969-12-31T23:59:59Z");
}

TEST(History, TheNewestLineComesFirst) {
  EXPECT_EQ(history_with("new", "old\nolder"), "new\nold\nolder");
  EXPECT_EQ(history_with("new", ""), "new");
}

}  // namespace
}  // namespace dunlin
