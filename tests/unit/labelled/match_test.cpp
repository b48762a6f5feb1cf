// Matching by name: axes find one another in any order; whatever differs is named before anything is computed.

#include "dunlin/labelled/match.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "support.hpp"

namespace dunlin {
namespace {

using test::held;
using test::lazy;
using test::text;
using Names = std::vector<std::string>;

TEST(Match, AxesMeetByNameInOrderOfFirstAppearance) {
  const Match m = match(lazy("a", {"time", "lat"}, {5, 3}), lazy("b", {"lon", "lat"}, {4, 3}));
  EXPECT_EQ(m.dims, (Names{"time", "lat", "lon"}));
  EXPECT_EQ(m.a.axis, (Coords{0, 1}));
  EXPECT_EQ(m.b.axis, (Coords{2, 1}));
  EXPECT_EQ(m.domain.shape(), (Shape{5, 3, 4}));
}

TEST(Match, ChunksAreThoseOfTheLargerOperand) {
  Variable large = lazy("a", {"time", "lat"}, {6, 4}), small = lazy("b", {"lat", "k"}, {4, 2});
  large.data = test::hollow("a", ChunkGrid::regular({6, 4}, {2, 3}), DType::float64);
  small.data = test::hollow("b", ChunkGrid::regular({4, 2}, {1, 1}), DType::float64);
  EXPECT_EQ(match(large, small).domain, ChunkGrid::regular({6, 4, 2}, {2, 3, 1}));
  EXPECT_EQ(match(small, large).domain, ChunkGrid::regular({4, 2, 6}, {3, 1, 2}));
}

TEST(Match, ScalarsAndEmptyAxesAreOrdinary) {
  EXPECT_EQ(match(lazy("a", {}, {}), lazy("b", {"t"}, {3})).domain.shape(), (Shape{3}));
  EXPECT_EQ(match(lazy("a", {}, {}), lazy("b", {}, {})).domain.rank(), 0);
  EXPECT_EQ(match(lazy("a", {"t", "x"}, {0, 2}), lazy("b", {"t"}, {0})).domain.shape(), (Shape{0, 2}));
}

TEST(Match, TwoLengthsUnderOneNameAreRefused) {
  EXPECT_EQ(test::sentence<LengthsDiffer>([] { match(lazy("a", {"time"}, {240}), lazy("b", {"time"}, {12})); }),
            "dimension 'time' has length 240 in 'a' and 12 in 'b': select a common part, or rename one of them");
  EXPECT_THROW(match(lazy("a", {"time"}, {240}), lazy("b", {"time"}, {1})), LengthsDiffer)
      << "a length of 1 is not stretched by name";
}

TEST(Match, ADimensionTwiceCannotBeMatched) {
  EXPECT_THROW(match(lazy("a", {"x", "x"}, {2, 2}), lazy("b", {"x"}, {2})), UsageError);
}

TEST(Coordinates, TheFirstDifferenceIsNamed) {
  EXPECT_EQ(test::sentence<CoordinatesDiffer>([] {
              check_coordinates(held<float>("lat", {1, 2.5f, 3}), held<float>("lat", {1, 2, 4}));
            }),
            "coordinate 'lat' differs: at position 1 it is 2.5 on the left and 2 on the right; select a common part of "
            "both");
  const std::vector<test::Named> time = {{"units", text("days since 2000-01-01")}};
  EXPECT_EQ(test::sentence<CoordinatesDiffer>([&] {
              check_coordinates(held<double>("time", {0, 31}, time), held<double>("time", {0, 60}, time));
            }),
            "coordinate 'time' differs: at position 1 it is 31 (2000-02-01 00:00:00) on the left and 60 (2000-03-01 "
            "00:00:00) on the right; select a common part of both");
}

TEST(Coordinates, EqualValuesOfDifferentTypesAgree) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_NO_THROW(check_coordinates(held<float>("k", {1, 2}), held<std::int64_t>("k", {1, 2})));
  EXPECT_NO_THROW(check_coordinates(held<double>("k", {0.0, nan}), held<double>("k", {-0.0, nan})));
  EXPECT_THROW(check_coordinates(held<std::int64_t>("k", {(std::int64_t{1} << 53) + 1}),
                                 held<std::int64_t>("k", {std::int64_t{1} << 53})),
               CoordinatesDiffer)
      << "integers are compared exactly";
}

TEST(Coordinates, EqualNumbersInOtherUnitsDoNotAgree) {
  const Variable hours = held<double>("time", {0, 1}, {{"units", text("hours since 2000-01-01")}});
  const Variable days = held<double>("time", {0, 1}, {{"units", text("days since 2000-01-01")}});
  EXPECT_NE(test::sentence<CoordinatesDiffer>([&] { check_coordinates(hours, days); }).find("units are"),
            std::string::npos);
}

Names names(const std::vector<Variable>& variables) {
  Names result;
  for (const Variable& variable : variables) result.push_back(variable.name);
  return result;
}

TEST(Labels, OfBothSidesStayUnlessTheyDisagree) {
  const Variable lat = held<float>("lat", {1, 2}), height = lazy("height", {}, {});
  Variable other_height = height;
  other_height.data = test::hollow("another height", ChunkGrid(), DType::float32);
  const std::vector<Variable> left = {lat, height}, right = {lat, other_height, lazy("crs", {}, {})};
  EXPECT_EQ(names(common_labels(left, right, {"lat"})), (Names{"lat", "crs"}));
  EXPECT_EQ(names(common_labels(left, left, {"lat"})), (Names{"lat", "height"}));
  EXPECT_EQ(names(common_labels(left, {}, {"lat"})), (Names{"lat", "height"}));
}

// Each layer is made from the one before twice: 2^200 ways lead down.
LayerPtr deep_diamond(const std::string& foot) {
  LayerPtr layer = test::hollow(foot, ChunkGrid::single({2}), DType::float32).layer();
  for (int k = 0; k < 200; ++k)
    layer = test::hollow("x", ChunkGrid::single({2}), DType::float32).layer()->with_inputs({layer, layer});
  return layer;
}

TEST(Labels, MadeFromSharedExpressionsAreComparedInTimeThatGrowsWithTheLayers) {
  const auto label = [](const std::string& foot) {
    Variable variable = lazy("area", {"lat"}, {2});
    variable.data = Array(nullptr, deep_diamond(foot));
    return std::vector<Variable>{variable};
  };
  EXPECT_EQ(names(common_labels(label("a"), label("a"), {})), Names{"area"});
  EXPECT_EQ(names(common_labels(label("a"), label("b"), {})), Names{}) << "they differ at the very bottom";
}

TEST(Labels, ASharedCoordinateMustAgree) {
  const std::vector<Variable> left = {held<float>("lat", {1, 2})}, right = {held<float>("lat", {1, 3})};
  EXPECT_THROW(common_labels(left, right, {"lat"}), CoordinatesDiffer);
}

TEST(Labels, AttributesOfADifferenceAreWhatIsTrueOfBoth) {
  const Attributes a =
      test::attributes({{"units", text("K")}, {"long_name", text("a")}, {"cell_methods", text("t: mean")}});
  const Attributes b = test::attributes({{"units", text("K")},
                                         {"long_name", text("b")},
                                         {"cell_methods", text("t: mean t: mean")},
                                         {"model", text("m")}});
  EXPECT_EQ(common_attributes(a, b),
            test::attributes({{"units", text("K")}, {"cell_methods", text("t: mean")}, {"model", text("m")}}));
}

}  // namespace
}  // namespace dunlin
