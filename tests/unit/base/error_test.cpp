// Each kind of fault ends the program with its own code, and a mistyped name is answered with the nearest.

#include "dunlin/base/error.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <new>
#include <vector>

namespace dunlin {
namespace {

TEST(Error, EachKindHasItsExitCode) {
  EXPECT_EQ(code_of(UsageError("x")), ErrorCode::usage);
  EXPECT_EQ(code_of(InputError("x")), ErrorCode::input);
  EXPECT_EQ(code_of(StorageError("x")), ErrorCode::storage);
  EXPECT_EQ(code_of(MemoryRefused("x")), ErrorCode::memory);
  EXPECT_EQ(code_of(Stopped("x")), ErrorCode::stopped);
  EXPECT_EQ(code_of(InternalError("x")), ErrorCode::internal);
  EXPECT_EQ(code_of(std::bad_alloc()), ErrorCode::memory) << "the system has no memory left";
  EXPECT_EQ(code_of(std::runtime_error("x")), ErrorCode::internal) << "nobody said whose fault it is";
}

TEST(Error, ABrokenPromiseAsksForAReport) {
  EXPECT_NO_THROW(require(true, "kept"));
  try {
    require(false, "two chunks have one owner");
    FAIL() << "a broken promise went unnoticed";
  } catch (const InternalError& error) {
    EXPECT_STREQ(error.what(), "two chunks have one owner (a bug of Dunlin: please report it)");
  }
}

TEST(Error, DistanceCountsEditsOfEveryKind) {
  struct Case {
    const char *a, *b;
    int distance;
    const char* why;
  };
  const Case cases[] = {
      {"", "", 0, "nothing"},
      {"", "time", 4, "all inserted"},
      {"time", "", 4, "all deleted"},
      {"time", "time", 0, "equal"},
      {"time", "tume", 1, "one replaced"},
      {"time", "tme", 1, "one deleted"},
      {"time", "timme", 1, "one inserted"},
      {"time", "itme", 1, "neighbours swapped count once"},
      {"lattitude", "latitude", 1, "a doubled letter"},
      {"ca", "abc", 3, "no edit inside a swap (optimal string alignment)"},
  };
  for (const auto& [a, b, distance, why] : cases)
    EXPECT_EQ(edit_distance(a, b), distance) << a << " " << b << ": " << why;
}

RC_GTEST_PROP(Error, DistanceIsSymmetricAndBounded, (const std::string& a, const std::string& b)) {
  const int distance = edit_distance(a, b);
  RC_ASSERT(distance == edit_distance(b, a));
  RC_ASSERT(distance <= static_cast<int>(std::max(a.size(), b.size())));
  RC_ASSERT(distance >= std::abs(static_cast<int>(a.size()) - static_cast<int>(b.size())));
  RC_ASSERT((distance == 0) == (a == b));
}

TEST(Error, AMistypedNameIsAnsweredWithTheNearest) {
  const std::vector<std::string> names = {"latitude", "longitude", "time"};
  EXPECT_EQ(nearest_hint("lattitude", names), "; did you mean 'latitude'?");
  EXPECT_EQ(nearest_hint("tiem", names), "; did you mean 'time'?");
  EXPECT_EQ(nearest_hint("pressure", names), "") << "nothing is near";
  EXPECT_EQ(nearest_hint("time", std::vector<std::string>{"dim0"}), "") << "more than a third differs";
  EXPECT_EQ(nearest_hint("sts", std::vector<std::string>{"sst", "mask"}), "; did you mean 'sst'?") << "one slip";
  EXPECT_EQ(nearest_hint("x", std::vector<std::string>{"y"}), "") << "no letter in common";
  EXPECT_EQ(nearest_hint("x", std::vector<std::string>{}), "") << "there is nothing";
}

}  // namespace
}  // namespace dunlin
