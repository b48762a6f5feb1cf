// Opening: names for axes that have none, groups, what is left out, what is not there.

#include <gtest/gtest.h>

#include <filesystem>

#include "dunlin/dunlin.hpp"
#include "open_warnings.hpp"
#include "support.hpp"
#include "support/temporary_folder.hpp"
#include "values.hpp"

namespace dunlin {
namespace {

using test::with_values;
using Names = std::vector<std::string>;

// Context options whose log is kept in `lines`.
Options logging(std::vector<std::string>& lines) {
  Options options;
  options.log =
      std::make_shared<const Log>(LogLevel::warning, [&](LogLevel, const std::string& line) { lines.push_back(line); });
  return options;
}

// A root with a square array without dimension names, and a group with a variable of its own.
std::string two_groups(const test::TemporaryFolder& folder) {
  Context context;
  const std::string path = folder / "in.zarr";
  to_zarr(Dataset(context.state(), {}, {},
                  {with_values<float>(context, "square", {"", ""}, {3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9}),
                   with_values<float>(context, "ocean/tos", {"time"}, {2}, {1, 3})}),
          path);
  return path;
}

TEST(Open, AxesWithoutNamesGetOnesAsInNetcdf) {
  const test::TemporaryFolder folder;
  const std::string path = two_groups(folder);
  Context context;
  const Dataset ds = open_dataset(context, path);
  EXPECT_EQ(ds.at("square").dims, (Names{"phony_dim_0", "phony_dim_1"})) << "never one name twice in a variable";
  for (const Dimension& dimension : ds.dimensions()) EXPECT_TRUE(dimension.nameless);
  EXPECT_EQ(anomaly(ds, {.dim = "1"})["square"].compute<float>(), (std::vector<float>{-1, 0, 1, -1, 0, 1, -1, 0, 1}));
}

TEST(Open, OneGroupIsOneDatasetAndOthersAreNamedOnce) {
  const test::TemporaryFolder folder;
  const std::string path = two_groups(folder);
  std::vector<std::string> lines;
  Context context(logging(lines));
  EXPECT_EQ(open_dataset(context, path).data_variables(), Names{"square"});
  EXPECT_EQ(lines,
            Names{"left out group 'ocean' of " + path + ": name it to take its variables, as " + path + ":ocean/"});
  lines.clear();
  const Dataset ocean = open_dataset(context, path, {.group = "ocean"});
  EXPECT_EQ(ocean.data_variables(), Names{"tos"});
  EXPECT_EQ(ocean["tos"].compute<float>(), (std::vector<float>{1, 3}));
  EXPECT_EQ(lines, Names{}) << "the root was not asked for";
  open_dataset(context, path, {.variables = {"square"}});
  EXPECT_EQ(lines, Names{}) << "nor other groups than the root, where a variable is named";
}

TEST(Open, AGroupTakesItsLabelsFromTheNearestGroupAround) {
  const test::TemporaryFolder folder;
  const std::string path = folder / "in.zarr";
  {
    Context context;
    to_zarr(
        Dataset(context.state(), {}, {},
                {with_values<double>(context, "time", {"time"}, {2}, {1, 2},
                                     {{"axis", test::text("T")}, {"bounds", test::text("time_bnds")}}),
                 with_values<double>(context, "time_bnds", {"time", "nv"}, {2, 2}, {0, 1, 1, 2}),
                 with_values<double>(context, "height", {}, {}, {2}),
                 with_values<double>(context, "unused", {"time"}, {2}, {2, 3}),
                 with_values<double>(context, "a/height", {}, {}, {10}),
                 with_values<float>(context, "a/b/v", {"time"}, {2}, {1, 3}, {{"coordinates", test::text("height")}})}),
        path);
  }
  std::vector<std::string> lines;
  Context context(logging(lines));
  const Dataset ds = open_dataset(context, path, {.group = "a/b"});
  EXPECT_EQ(ds.data_variables(), Names{"v"});
  EXPECT_EQ(ds.role("time"), Role::coordinate);
  EXPECT_EQ(ds.role("time_bnds"), Role::supporting);
  EXPECT_EQ(ds["height"].compute<double>(), std::vector<double>{10}) << "of a, not of the root";
  EXPECT_EQ(lines, Names{}) << "what is left of the root was not asked for";
  EXPECT_EQ(anomaly(ds, {.dim = "T"})["v"].compute<float>(), (std::vector<float>{-1, 1}));
}

TEST(OpenWarnings, AreAboutWhatTheSelectionTouches) {
  using Kind = SkippedVariable::Kind;
  Dataset dataset(nullptr, {}, {},
                  {test::lazy("a", {"time"}, {2}, DType::float32, {{"coordinates", test::text("label")}}),
                   test::lazy("b", {"time", "x"}, {2, 3})});
  dataset.inputs = {"in.nc"};
  dataset.skipped = {{"label", "its type is text", Kind::type},
                     {"x", "it is lzf", Kind::storage, {"x"}},
                     {"other", "it is lzf", Kind::storage, {"time"}},
                     {"deep/v", "it lies in group 'deep'", Kind::place}};
  const auto about = [&](const Names& variables) {
    Names names;
    for (const std::string& line : left_out_lines(dataset, {.variables = variables})) {
      const std::size_t first = line.find('\'') + 1;
      names.push_back(line.substr(first, line.find('\'', first) - first));
    }
    return names;
  };
  EXPECT_EQ(about({}), (Names{"label", "x", "other", "deep"}));
  EXPECT_EQ(about({"a"}), Names{"label"}) << "a coordinate of it";
  EXPECT_EQ(about({"b"}), Names{"x"}) << "the coordinate of its dimension";
  EXPECT_EQ(about({"other"}), Names{"other"});
}

TEST(OpenWarnings, OddMarkersAreToldEachAndOddTimesOnce) {
  Dataset dataset(nullptr, {}, {},
                  {test::lazy("time", {"time"}, {2}, DType::float64,
                              {{"units", test::text("days since 2000-01-01")}, {"calendar", test::text("martian")}}),
                   test::lazy("time_bnds", {"time", "nv"}, {2, 2}, DType::float64,
                              {{"units", test::text("blinks since 2000-01-01")}}),
                   test::lazy("a", {"time"}, {2}, DType::int16, {{"missing_value", test::text("none")}})});
  const Names lines = odd_lines(dataset, {});
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_TRUE(
      lines[0].starts_with("'time' has numbers and no dates: time units 'days since 2000-01-01' in calendar "
                           "'martian' are not understood: "))
      << lines[0];
  EXPECT_EQ(lines[1], "missing_value of 'a' is 'none', which is no number: it marks no missing value");
}

TEST(Open, AZarrArrayWithoutAnyChunkIsWarnedOf) {
  const test::TemporaryFolder folder;
  const std::string path = folder / "in.zarr";
  std::vector<std::string> lines;
  Context context(logging(lines));
  to_zarr(Dataset(context.state(), {}, {},
                  {with_values<float>(context, "lost", {"time"}, {2}, {1, 3}),
                   with_values<float>(context, "there", {"time"}, {2}, {1, 3}),
                   with_values<float>(context, "empty", {"none"}, {0}, {}),
                   with_values<std::int32_t>(context, "crs", {}, {}, {0})}),
          path);
  for (const char* name : {"lost", "crs"}) std::filesystem::remove_all(path + "/" + name + "/c");
  open_dataset(context, path);
  EXPECT_EQ(lines, Names{"no chunk of 'lost' is stored in " + path +
                         ": all its values are the fill value; were its files lost?"})
      << "crs is a mark, which zarr-python stores without a chunk";
  lines.clear();
  open_dataset(context, path, {.variables = {"there"}});
  EXPECT_EQ(lines, Names{});
}

TEST(Open, WhatIsNotThereIsNamed) {
  const test::TemporaryFolder folder;
  const std::string path = two_groups(folder);
  Context context;
  EXPECT_EQ(test::sentence<NoSuchGroup>([&] { open_dataset(context, path, {.group = "ocaen"}); }),
            "no group 'ocaen' with variables in " + path + "; did you mean 'ocean'?");
  EXPECT_THROW(open_dataset(context, folder / "missing.nc"), UserError);
}

TEST(Open, TheReportNamesFormatAndInput) {
  const test::TemporaryFolder folder;
  const std::string path = two_groups(folder);
  Context context;
  const Dataset ds = open_dataset(context, path);
  EXPECT_EQ(ds.format, "Zarr v3");
  EXPECT_EQ(ds.inputs, Names{path});
}

}  // namespace
}  // namespace dunlin
