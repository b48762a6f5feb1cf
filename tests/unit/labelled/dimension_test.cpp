// Which dimension a user means: its name first, then what its coordinate says it is.

#include "dunlin/labelled/dimension.hpp"

#include <gtest/gtest.h>

#include "support.hpp"

namespace dunlin {
namespace {

using test::held;
using test::text;

// NEMO's names with CF's meanings, and a rotated grid.
struct World {
  std::vector<Dimension> dimensions = {{"time_counter", 2}, {"y", 2}, {"x", 2}, {"rlat", 2}, {"lev", 2}};
  std::vector<Variable> variables = {
      held<double>("time_counter", {0, 1}, {{"axis", text("T")}}),
      held<float>("y", {0, 1}, {{"units", text("degrees_north")}}),
      held<float>("x", {0, 1}, {{"standard_name", text("longitude")}}),
      held<float>("rlat", {0, 1}, {{"axis", text("Y")}, {"standard_name", text("grid_latitude")}}),
      held<float>("lev", {0, 1}, {{"standard_name", text("depth")}}),
      test::lazy("level_number", {"lev"}, {2}, DType::int32, {{"axis", text("Z")}}),
      test::lazy("height", {"time_counter"}, {2}, DType::float32, {{"standard_name", text("height")}}),
  };
  std::string choose(const std::string& typed) const { return choose_dimension(typed, dimensions, variables).name; }
};

TEST(Dimension, IsFoundByNameAxisStandardNameOrCommonWord) {
  const World world;
  EXPECT_EQ(world.choose("time_counter"), "time_counter");
  EXPECT_EQ(world.choose("T"), "time_counter");
  EXPECT_EQ(world.choose("time"), "time_counter");
  EXPECT_EQ(world.choose("latitude"), "y") << "by its units; a rotated latitude is none";
  EXPECT_EQ(world.choose("lon"), "x");
  EXPECT_EQ(world.choose("X"), "x");
  EXPECT_EQ(world.choose("grid_latitude"), "rlat");
  EXPECT_EQ(world.choose("depth"), "lev");
  EXPECT_EQ(world.choose("Z"), "lev") << "another variable along it says its axis";
}

TEST(Dimension, AnExactNameWinsOverAMeaning) {
  World world;
  world.dimensions.push_back({"time", 3});
  EXPECT_EQ(world.choose("time"), "time");
}

TEST(Dimension, AnUnknownOneIsAnsweredWithTheNearest) {
  const World world;
  EXPECT_EQ(test::sentence<NoSuchDimension>([&] { world.choose("time_countr"); }),
            "no dimension 'time_countr': there are time_counter, y, x, rlat, lev; did you mean 'time_counter'?");
  EXPECT_THROW(world.choose("height"), NoSuchDimension) << "a height along time is no height axis";
  EXPECT_THROW(world.choose("0"), NoSuchDimension) << "numbers are for axes without names";
}

TEST(Dimension, SeveralThatFitAreListed) {
  const World world;
  EXPECT_EQ(test::sentence<AmbiguousDimension>([&] { world.choose("Y"); }),
            "'Y' may be any of y, rlat: name one of these");
}

TEST(Dimension, NumbersNameAxesWithoutNames) {
  const std::vector<Dimension> dimensions = {{"phony_dim_0", 4, false, true}, {"phony_dim_1", 3, false, true}};
  const DimensionChoice choice = choose_dimension("1", dimensions, {});
  EXPECT_EQ(choice.axis_of(test::lazy("a", {"phony_dim_0", "phony_dim_1"}, {4, 3})), 1);
  EXPECT_EQ(choice.axis_of(test::lazy("b", {"phony_dim_1"}, {3})), -1);
  EXPECT_THROW(choose_dimension("x1", dimensions, {}), NoSuchDimension);
}

}  // namespace
}  // namespace dunlin
