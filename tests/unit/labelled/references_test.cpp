// References between variables: found in every form that CF knows, and removed where they lead nowhere.

#include "dunlin/labelled/references.hpp"

#include <gtest/gtest.h>

#include "support.hpp"

namespace dunlin {
namespace {

using test::text;
using Names = std::vector<std::string>;

TEST(References, NamesAreFoundInEveryForm) {
  EXPECT_EQ(coordinate_references(test::attributes({{"coordinates", text("height  nav_lat nav_lon")}})),
            (Names{"height", "nav_lat", "nav_lon"}));
  EXPECT_EQ(supporting_references(test::attributes({{"bounds", text("time_bnds")},
                                                    {"grid_mapping", text("crs: x y other: lat")},
                                                    {"cell_measures", text("area: cell_area")},
                                                    {"formula_terms", text("a: ap b : b ps: ps")}})),
            (Names{"time_bnds", "crs", "x", "y", "other", "lat", "cell_area", "ap", "b", "ps"}));
  EXPECT_EQ(supporting_references(test::attributes({{"grid_mapping", text("rotated_pole")}})), Names{"rotated_pole"});
  EXPECT_TRUE(supporting_references({}).empty());
  const Attributes both = test::attributes(
      {{"bounds", text("lev_bnds")}, {"ancillary_variables", text("error")}, {"formula_terms", text("a: ap ps: ps")}});
  EXPECT_EQ(subordinate_references(both), Names{"lev_bnds"}) << "the others may be data";
  EXPECT_EQ(formula_terms(both), (Names{"ap", "ps"}));
  EXPECT_TRUE(coordinate_references(test::attributes({{"coordinates", AttributeValue::integer(3)}})).empty());
}

struct Case {
  const char* why;
  const char* attribute;
  const char* before;
  const char* after;  // empty: the attribute goes
};

TEST(References, OnlyWhatIsPresentStaysNamed) {
  const std::set<std::string> present = {"lat", "lon", "area", "crs", "x", "b"};
  const Case cases[] = {
      {"all there: the text stays as it was", "coordinates", "lat   lon", "lat   lon"},
      {"one gone", "coordinates", "height lat lon", "lat lon"},
      {"all gone", "coordinates", "height time", ""},
      {"a measure goes with its key", "cell_measures", "area: area volume: vol", "area: area"},
      {"no measure left", "cell_measures", "volume: vol", ""},
      {"a mapping goes with its coordinates", "grid_mapping", "crs: x other: lat lon", "crs: x"},
      {"a mapping stays without a coordinate", "grid_mapping", "crs: x y", "crs: x"},
      {"a simple mapping", "grid_mapping", "rotated_pole", ""},
      {"a term", "formula_terms", "a: ap b: b", "b: b"},
      {"bounds", "bounds", "time_bnds", ""},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.why);
    const Attributes kept = keep_references(test::attributes({{c.attribute, text(c.before)}}), present);
    EXPECT_EQ(kept.text_or(c.attribute, ""), c.after);
    EXPECT_EQ(kept.empty(), std::string(c.after).empty());
  }
}

TEST(References, OtherAttributesAreLeftAlone) {
  const Attributes before = test::attributes({{"long_name", text("lat of gone")}, {"units", text("gone")}});
  EXPECT_EQ(keep_references(before, {}), before);
}

}  // namespace
}  // namespace dunlin
