// A dataset: roles told by references, selection with all that belongs to it, sentences for what is not there.

#include "dunlin/labelled/dataset.hpp"

#include <gtest/gtest.h>

#include "support.hpp"

namespace dunlin {
namespace {

using test::held;
using test::lazy;
using test::text;
using Names = std::vector<std::string>;

// The structure of a regional climate file.
Dataset climate() {
  return Dataset(nullptr, {}, {{"time", 3, true}, {"bnds", 2}},
                 {lazy("tas", {"time", "lat"}, {3, 2}, DType::float32,
                       {{"coordinates", text("height zlon")},
                        {"grid_mapping", text("crs")},
                        {"cell_measures", text("area: area")}}),
                  lazy("crs", {}, {}, DType::int32), lazy("area", {"lat"}, {2}), lazy("height", {}, {}, DType::float64),
                  lazy("zlon", {"lat"}, {2}), held<double>("time", {1, 2, 3}, {{"bounds", text("time_bnds")}}),
                  lazy("time_bnds", {"time", "bnds"}, {3, 2}, DType::float64), held<float>("lat", {4, 5}),
                  lazy("orography", {"lat"}, {2}), held<float>("depth", {1, 2})});
}

Names names(const std::vector<Variable>& variables) {
  Names result;
  for (const Variable& variable : variables) result.push_back(variable.name);
  return result;
}

TEST(Dataset, RolesAreToldByReferences) {
  const Dataset ds = climate();
  EXPECT_EQ(ds.role("time"), Role::coordinate);
  EXPECT_EQ(ds.role("height"), Role::auxiliary);
  EXPECT_EQ(ds.role("crs"), Role::supporting);
  EXPECT_EQ(ds.role("time_bnds"), Role::supporting);
  EXPECT_EQ(ds.role("area"), Role::supporting);
  EXPECT_EQ(ds.data_variables(), (Names{"tas", "orography"}));
}

TEST(Dataset, AVariableWithTheNameOfADimensionIsACoordinateAsInXarray) {
  const Dataset ds(nullptr, {}, {}, {lazy("x", {"time"}, {2}), lazy("v", {"time", "x"}, {2, 1})});
  EXPECT_EQ(ds.role("x"), Role::auxiliary) << "it labels no axis of its own";
  EXPECT_EQ(ds.data_variables(), Names{"v"});
}

TEST(Dataset, AnArrayComesWithWhatLabelsIt) {
  const DataArray tas = climate()["tas"];
  EXPECT_EQ(names(tas.related()), (Names{"crs", "area", "height", "zlon", "time", "time_bnds", "lat"}));
  const DataArray orography = climate()["orography"];
  EXPECT_EQ(names(orography.related()), (Names{"height", "zlon", "lat"})) << "as in xarray: all coordinates along it";
}

TEST(Dataset, ASelectionKeepsTheOrderAndDropsUnusedDimensions) {
  const Dataset chosen = select(climate(), {"orography"});
  EXPECT_EQ(names(chosen.variables()), (Names{"height", "zlon", "lat", "orography"}));
  ASSERT_EQ(chosen.dimensions().size(), 1u);
  EXPECT_EQ(chosen.dimensions()[0].name, "lat");
}

TEST(Dataset, CoordinatesStayCoordinatesWhenTheVariableThatNamesThemGoes) {
  const Dataset chosen = select(climate(), {"orography"});
  EXPECT_EQ(chosen.role("height"), Role::auxiliary);
  EXPECT_EQ(chosen.attributes().text_or("coordinates", ""), "height zlon");
  EXPECT_EQ(to_dataset(climate()["orography"]).data_variables(), Names{"orography"});
  EXPECT_EQ(select(climate(), {"tas"}).attributes().find("coordinates"), nullptr) << "tas names them";
}

TEST(Dataset, UnlimitedDimensionsStayUnlimited) {
  const Dataset ds = to_dataset(climate()["tas"]);
  for (const Dimension& dimension : ds.dimensions()) EXPECT_EQ(dimension.unlimited, dimension.name == "time");
  EXPECT_EQ(ds.dimensions().size(), 3u);
}

TEST(Dataset, AMistypedVariableIsAnsweredWithTheNearest) {
  Dataset ds = climate();
  ds.inputs = {"in.nc"};
  EXPECT_EQ(test::sentence<NoSuchVariable>([&] { ds["orograpy"]; }),
            "no variable 'orograpy' in in.nc; did you mean 'orography'?");
}

TEST(Dataset, OneNameHasOneLength) {
  EXPECT_EQ(test::sentence<DimensionConflict>([] {
              Dataset(nullptr, {}, {}, {lazy("a", {"x"}, {2}), lazy("b", {"x"}, {3})});
            }),
            "'b' gives dimension 'x' the length 3, but it is 2 elsewhere: one name has one length in a dataset");
}

TEST(Dataset, AnArrayWithoutANameIsNoVariable) { EXPECT_THROW(to_dataset(climate()["tas"].rename("")), UsageError); }

}  // namespace
}  // namespace dunlin
