// Labelled data computed, at one rank and at several: means, differences, anomalies, and the way to disk and back.

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "dunlin/dunlin.hpp"
#include "support/ranks.hpp"
#include "support/temporary_folder.hpp"
#include "values.hpp"

namespace dunlin {
namespace {

using test::text;
using test::with_values;
using Names = std::vector<std::string>;

constexpr float kFill = 1e20f;
const float kNan = std::numeric_limits<float>::quiet_NaN();

// Two places, three times; the second place has lost one value, and a third place all of them.
Dataset weather(const Context& context) {
  const std::vector<test::Named> of_tas = {{"units", text("K")},
                                           {"_FillValue", AttributeValue::real(kFill, DType::float32)},
                                           {"cell_methods", text("time: mean (interval: 6 hour)")},
                                           {"coordinates", text("height season gone")}};
  return Dataset(
      context.state(), test::attributes({{"title", text("weather")}, {"history", text("made by hand")}}),
      {{"time", 3, true}},
      {with_values<float>(context, "tas", {"time", "x"}, {3, 3}, {1, 300, kFill, 2, kFill, kFill, 6, 301, kFill},
                          of_tas),
       with_values<std::int16_t>(context, "packed", {"time"}, {3}, {10, -1, 40},
                                 {{"scale_factor", AttributeValue::real(0.5)},
                                  {"_FillValue", AttributeValue::integers(DType::int16, {-1}, true)}}),
       with_values<std::int32_t>(context, "count", {"x", "time"}, {3, 3}, {1, 2, 6, 0, 0, 0, 5, 5, 6}),
       with_values<std::int8_t>(context, "quality", {"time"}, {3}, {0, 1, 0},
                                {{"flag_values", AttributeValue::integers(DType::int8, {0, 1}, false)}}),
       with_values<double>(context, "time", {"time"}, {3}, {0, 30, 60},
                           {{"units", text("days since 2000-01-01")}, {"calendar", text("360_day")}}),
       with_values<float>(context, "x", {"x"}, {3}, {10, 20, 30}), with_values<double>(context, "height", {}, {}, {2}),
       with_values<std::int32_t>(context, "season", {"time"}, {3}, {1, 1, 2})});
}

void expect_equal(const std::vector<float>& found, const std::vector<float>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t k = 0; k < found.size(); ++k)
    if (std::isnan(expected[k]))
      EXPECT_TRUE(std::isnan(found[k])) << "at " << k << ": " << found[k];
    else
      EXPECT_EQ(found[k], expected[k]) << "at " << k;
}

Names names(const std::vector<Variable>& variables) {
  Names result;
  for (const Variable& variable : variables) result.push_back(variable.name);
  return result;
}

TEST(Mean, SkipsMissingValuesAndKeepsTheLabelsThatAreLeft) {
  Context context;
  const DataArray mean = weather(context)["tas"].mean("T");
  EXPECT_EQ(mean.dims(), Names{"x"});
  expect_equal(mean.compute<float>(), {3, 300.5f, kNan});
  EXPECT_EQ(names(mean.related()), (Names{"x", "height"})) << "time and season lie along time";
  EXPECT_EQ(mean.attributes().text_or("cell_methods", ""), "time: mean (interval: 6 hour) time: mean");
  EXPECT_EQ(mean.attributes().find("_FillValue"), nullptr);
  EXPECT_EQ(mean.name(), "tas");
}

TEST(Mean, OverAllDimensionsIsAScalar) {
  Context context;
  const DataArray count = weather(context)["count"];
  const DataArray mean = count.mean({"time", "x"});
  EXPECT_EQ(mean.shape(), Shape{});
  EXPECT_EQ(mean.compute<double>(), (std::vector<double>{25.0 / 9}));
  EXPECT_EQ(mean.attributes().text_or("cell_methods", ""), "time: x: mean");
}

TEST(Mean, OfTruthValuesIsRefused) {
  const DataArray flag(test::lazy("flag", {"x"}, {1}, DType::boolean), {}, {{"x", 1}}, {});
  EXPECT_EQ(test::sentence<NotReal>([&] { flag.mean("x"); }),
            "'flag' holds bool, which cannot be computed with: choose a variable of real numbers");
}

TEST(Difference, MatchesByNameInAnyOrder) {
  Context context;
  const Dataset ds = weather(context);
  const DataArray difference = ds["tas"] - ds["count"];
  EXPECT_EQ(difference.dims(), (Names{"time", "x"}));
  const std::vector<double> values = difference.compute<double>();
  const std::vector<double> expected = {0, 300, NAN, 0, NAN, NAN, 0, 301, NAN};
  for (std::size_t k = 0; k < expected.size(); ++k)
    EXPECT_TRUE(values[k] == expected[k] || (std::isnan(values[k]) && std::isnan(expected[k]))) << k;
  EXPECT_EQ(difference.name(), "") << "two names make none";
}

TEST(Difference, FromTheMeanKeepsNameUnitsAndLabels) {
  Context context;
  const DataArray tas = weather(context)["tas"];
  const DataArray anomaly = tas - tas.mean("time");
  EXPECT_EQ(anomaly.name(), "tas");
  EXPECT_EQ(anomaly.attributes().text_or("units", ""), "K");
  EXPECT_EQ(anomaly.attributes().text_or("cell_methods", ""), "time: mean (interval: 6 hour)");
  EXPECT_EQ(names(anomaly.related()), (Names{"time", "x", "height", "season"}));
  expect_equal(anomaly.compute<float>(), {-2, -0.5f, kNan, -1, kNan, kNan, 3, 0.5f, kNan});
}

TEST(Anomaly, TakesWhatFitsAndCarriesTheRest) {
  test::for_local_ranks(2, [](std::unique_ptr<Transport> ranks) {
    Context context(std::move(ranks));
    const Dataset ds = weather(context);
    EXPECT_EQ(anomaly_variables(ds), (Names{"tas", "packed", "count"})) << "flags and times are carried";
    const Dataset result = anomaly(ds);
    EXPECT_EQ(names(result.variables()), names(ds.variables()));
    expect_equal(result["tas"].compute<float>(), {-2, -0.5f, kNan, -1, kNan, kNan, 3, 0.5f, kNan});
    const std::vector<double> packed = result["packed"].compute<double>();
    EXPECT_EQ(packed[0], -7.5);
    EXPECT_TRUE(std::isnan(packed[1]));
    EXPECT_EQ(packed[2], 7.5);
    EXPECT_EQ(result["count"].compute<double>(),
              (std::vector<double>{-2, -1, 3, 0, 0, 0, 5 - 16.0 / 3, 5 - 16.0 / 3, 6 - 16.0 / 3}));
    EXPECT_EQ(result.at("time").data.layer(), ds.at("time").data.layer());
    EXPECT_EQ(result.at("quality").attributes, ds.at("quality").attributes);
  });
}

TEST(Anomaly, TheMeanIsNotRoundedBeforeItIsTaken) {
  Context context;
  const std::vector<float> values = {300.1f, 300.2f, 300.4f};
  const Dataset ds(context.state(), {}, {}, {with_values<float>(context, "t", {"time"}, {3}, values)});
  const double mean = (double{values[0]} + double{values[1]} + double{values[2]}) / 3;
  const std::vector<float> found = anomaly(ds)["t"].compute<float>();
  for (std::size_t k = 0; k < 3; ++k) EXPECT_EQ(found[k], static_cast<float>(values[k] - mean));
}

TEST(Anomaly, OverAnEmptyRecordDimensionIsEmpty) {
  Context context;
  const Dataset ds(context.state(), {}, {}, {test::lazy("t", {"time", "x"}, {0, 3})});
  const Dataset result = anomaly(ds);
  EXPECT_EQ(result.at("t").data.shape(), (Shape{0, 3}));
  EXPECT_EQ(to_string(result.at("t").data.dtype()), "float32");
}

TEST(Anomaly, NamedVariablesLeaveOtherDataOut) {
  Context context;
  const Dataset result = anomaly(weather(context), {.variables = {"tas"}});
  EXPECT_EQ(names(result.variables()), (Names{"tas", "time", "x", "height", "season"}));
}

TEST(Anomaly, WhatDoesNotFitIsNamed) {
  Context context;
  const Dataset ds = weather(context);
  EXPECT_EQ(test::sentence<UnfitVariable>([&] { anomaly(ds, {.variables = {"height"}}); }),
            "cannot take the anomaly of 'height' over 'time': it is a single value");
  EXPECT_EQ(test::sentence<UnfitVariable>([&] { anomaly(ds, {.dim = "x", .variables = {"packed"}}); }),
            "cannot take the anomaly of 'packed' over 'x': it has dimensions (time)");
  EXPECT_THROW(anomaly(ds, {.variables = {"time"}}), UnfitVariable);
  EXPECT_THROW(anomaly(ds, {.variables = {"tos"}}), NoSuchVariable);
  EXPECT_THROW(anomaly(ds, {.dim = "y"}), NoSuchDimension);
  EXPECT_THROW(anomaly(select(ds, {"quality"})), NothingToDo);
}

// A context that notes its warnings.
struct Warned {
  Names lines;
  Context context{{.log = std::make_shared<const Log>(
                       LogLevel::warning, [this](LogLevel, const std::string& line) { lines.push_back(line); })}};
};

TEST(Anomaly, OfIntegersThatFloat64MayNotHoldIsWarnedOf) {
  struct Case {
    const char* why;
    std::vector<test::Named> attributes;
    bool warns;
  };
  const auto numbers = [](std::vector<std::int64_t> values) {
    return AttributeValue::integers(DType::int64, std::move(values), false);
  };
  const Case cases[] = {
      {"nothing is known", {}, true},
      {"their range is known", {{"valid_range", numbers({0, 1 << 20})}}, false},
      {"the range of all values, as reals",
       {{"actual_range", AttributeValue::reals(DType::float64, {-1, 4e15}, false)}},
       false},
      {"two attributes", {{"valid_min", numbers({-5})}, {"valid_max", numbers({5})}}, false},
      {"one end only", {{"valid_max", numbers({5})}}, true},
      {"a range that is too wide", {{"valid_range", numbers({0, std::int64_t{1} << 53})}}, true},
      {"packed: the stored integers are rounded before", {{"scale_factor", AttributeValue::real(0.5)}}, true},
      {"a text", {{"valid_range", text("0 to 5")}}, true},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.why);
    Warned warned;
    const Context& context = warned.context;
    const Dataset ds(context.state(), {}, {},
                     {with_values<std::int64_t>(context, "n", {"time"}, {2}, {1, 2}, one.attributes),
                      with_values<std::int32_t>(context, "small", {"time"}, {2}, {1, 2}),
                      with_values<std::int64_t>(context, "time", {"time"}, {2}, {1, 2})});
    anomaly(ds);
    EXPECT_EQ(warned.lines, one.warns
                                ? Names{"the anomaly of 'n' is taken in float64, in which its int64 values beyond "
                                        "2^53 (9007199254740992), if there are any, lose last digits"}
                                : Names{});
  }
}

TEST(Output, LeavesOutNamesThatZarrKeepsForItselfUnlessTheyAreRequired) {
  const test::TemporaryFolder folder;
  Warned warned;
  Context& context = warned.context;
  const auto one = [&](const std::string& name) { return with_values<float>(context, name, {"time"}, {2}, {1, 2}); };
  std::vector<Variable> variables = {one("sst")};
  for (const char* name : {"zarr.json", "__sst", "a\\b", ".", ".."}) variables.push_back(one(name));
  const Dataset ds(context.state(), {}, {}, variables);
  to_zarr(ds, folder / "out.zarr");
  EXPECT_EQ(warned.lines,
            (Names{"left out 'zarr.json' of the output: 'zarr.json' is reserved",
                   "left out '__sst' of the output: '__sst' is reserved",
                   "left out 'a\\b' of the output: its name is expected to be words separated by single slashes",
                   "left out '.' of the output: its name is expected to be words separated by single slashes",
                   "left out '..' of the output: its name is expected to be words separated by single slashes"}));
  EXPECT_EQ(names(open_dataset(context, folder / "out.zarr").variables()), Names{"sst"});

  ZarrOptions options;
  options.required = {"sst", "__sst"};
  EXPECT_EQ(test::sentence<UnwritableName>([&] { ZarrOutput(ds, folder / "b.zarr", options); }),
            "'__sst' cannot be written as Zarr: '__sst' is reserved: rename it in the input, or name other variables");
  EXPECT_THROW(to_zarr(ds["zarr.json"], folder / "b.zarr"), UnwritableName);
  EXPECT_THROW(to_zarr(select(ds, {"__sst"}), folder / "b.zarr"), UnwritableName) << "no data would be left";
  EXPECT_FALSE(std::filesystem::exists(folder / "b.zarr"));
}

TEST(Output, ComesBackAsItWentAtAnyNumberOfRanks) {
  for (const int count : {1, 2, 3}) {
    SCOPED_TRACE(count);
    const test::TemporaryFolder folder;
    test::for_local_ranks(count, [&](std::unique_ptr<Transport> ranks) {
      Context context(std::move(ranks));
      const std::string path = folder / "out.zarr";
      ZarrOptions options;
      options.chunks = ChunkChoice::parse("time=2,x=1");
      to_zarr(add_history(anomaly(weather(context)), "test"), path, options);
      const Dataset back = open_dataset(context, path);
      EXPECT_EQ(back.at("tas").dims, (Names{"time", "x"}));
      EXPECT_EQ(back.attributes().text_or("title", ""), "weather");
      const std::string history = back.attributes().text_or("history", "");
      EXPECT_NE(history.find(": test (dunlin "), std::string::npos) << history;
      EXPECT_NE(history.find("\nmade by hand"), std::string::npos) << history;
      EXPECT_EQ(back.at("tas").attributes.text_or("coordinates", ""), "height season");
      EXPECT_EQ(back.role("season"), Role::auxiliary);
      ASSERT_NE(back.at("time").values, nullptr) << "coordinates are on every rank";
      EXPECT_EQ(back.at("time").real_at(2), 60);
      expect_equal(back["tas"].compute<float>(), {-2, -0.5f, kNan, -1, kNan, kNan, 3, 0.5f, kNan});
      EXPECT_EQ(back["season"].compute<std::int32_t>(), (std::vector<std::int32_t>{1, 1, 2}));
      EXPECT_EQ(back["height"].compute<double>(), (std::vector<double>{2}));
    });
  }
}

TEST(Output, OfAnArrayHoldsWhatLabelsIt) {
  const test::TemporaryFolder folder;
  Context context;
  const DataArray tas = weather(context)["tas"];
  to_zarr(tas - tas.mean("time"), folder / "anomaly.zarr");
  const Dataset back = open_dataset(context, folder / "anomaly.zarr");
  EXPECT_EQ(back.data_variables(), Names{"tas"});
  EXPECT_NE(back.find("season"), nullptr);
  expect_equal(back["tas"].compute<float>(), {-2, -0.5f, kNan, -1, kNan, kNan, 3, 0.5f, kNan});
}

TEST(Output, CanBePlannedWithoutBeingTouched) {
  const test::TemporaryFolder folder;
  Context context;
  const ZarrOutput output(anomaly(weather(context)), folder / "out.zarr");
  EXPECT_FALSE(output.explain(1000).text.empty());
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Output, CarriedValuesStayStored) {
  const test::TemporaryFolder folder;
  Context context;
  to_zarr(weather(context), folder / "copy.zarr");
  const Dataset back = open_dataset(context, folder / "copy.zarr");
  EXPECT_EQ(to_string(back.at("packed").data.dtype()), "int16");
  EXPECT_EQ(back.at("packed").data.compute<std::int16_t>(), (std::vector<std::int16_t>{10, -1, 40}));
  EXPECT_EQ(back.at("tas").data.compute<float>()[2], kFill);
  EXPECT_TRUE(std::isnan(back["tas"].compute<float>()[2])) << "its marker was carried";
  EXPECT_EQ(back["packed"].compute<double>()[0], 5);
}

}  // namespace
}  // namespace dunlin
