// What `info` says of a dataset, as text for people and JSON for programs.

#include <gtest/gtest.h>

#include <cmath>

#include "dataset_facts.hpp"

namespace dunlin {
namespace {

DatasetFacts sample() {
  Attributes time_attributes, sst_attributes, attributes;
  time_attributes.set("units", AttributeValue::text("days since 2000-01-01"));
  sst_attributes.set("scale_factor", AttributeValue::real(0.01f, DType::float32));
  sst_attributes.set("_FillValue", AttributeValue::integers(DType::int16, {-32768}, true));
  sst_attributes.set("levels", AttributeValue::integers(DType::int32, {1, 2}, false));
  attributes.set("history", AttributeValue::text("second\nfirst\n"));
  VariableFacts time{.name = "time",
                     .role = Role::coordinate,
                     .dtype = DType::float64,
                     .decoded = DType::float64,
                     .dims = {"time"},
                     .shape = {3},
                     .bytes = 24,
                     .ends = Ends{0, 2, "2000-01-01 00:00:00", "2000-01-03 00:00:00", "standard"},
                     .attributes = time_attributes};
  VariableFacts lat{.name = "lat",
                    .role = Role::coordinate,
                    .dtype = DType::float32,
                    .decoded = DType::float32,
                    .dims = {"lat"},
                    .shape = {2},
                    .bytes = 8,
                    .ends = Ends{-0.1f, 0.1f, "", "", ""}};
  VariableFacts crs{
      .name = "crs", .role = Role::supporting, .dtype = DType::int32, .decoded = DType::int32, .bytes = 4};
  VariableFacts sst{.name = "sst",
                    .role = Role::data,
                    .dtype = DType::int16,
                    .decoded = DType::float32,
                    .dims = {"time", "lat"},
                    .shape = {3, 2},
                    .chunks = {1, 2},
                    .encoding = "shuffle, deflate 1",
                    .bytes = 12,
                    .attributes = sst_attributes};
  return {.path = "sst.nc",
          .format = "netCDF-4",
          .dimensions = {{.name = "time", .length = 3, .unlimited = true}, {.name = "lat", .length = 2}},
          .variables = {crs, sst, time, lat},
          .attributes = attributes,
          .skipped = {{"notes", "it holds texts of any length"}}};
}

TEST(InfoText, ShowsEveryKindOfThingUnderItsHeading) {
  EXPECT_EQ(info_text(sample()), R"(sst.nc: netCDF-4

Dimensions
  time           3  unlimited
  lat            2

Coordinates
  time(time)  float64  3  24 B
      from 2000-01-01 00:00:00 to 2000-01-03 00:00:00 (standard)
      stored in one piece
      units = days since 2000-01-01
  lat(lat)  float32  2  8 B
      from -0.1 to 0.1
      stored in one piece

Data
  sst(time, lat)  int16 (decoded: float32)  3 x 2  12 B
      stored in chunks of 1 x 2, shuffle, deflate 1
      scale_factor = 0.01
      _FillValue = -32768
      levels = 1, 2

Supporting variables
  crs()  int32

Attributes
  history = second
    first

Left out
  notes: it holds texts of any length
)");
}

TEST(InfoText, LeavesOutWhatIsNotThere) {
  EXPECT_EQ(info_text({.path = "x.zarr", .format = "Zarr v3", .group = "a/b"}), "x.zarr: Zarr v3, group a/b\n");
}

TEST(InfoText, NamesFromFilesDoNotSteerTheTerminal) {
  DatasetFacts facts{.path = "x", .format = "HDF5"};
  facts.attributes.set("title", AttributeValue::text("\033[2Jgone"));
  facts.skipped = {{"a\033b", "c\nd"}};
  EXPECT_EQ(info_text(facts), "x: HDF5\n\nAttributes\n  title = ?[2Jgone\n\nLeft out\n  a?b: c d\n");
}

TEST(InfoJson, IsOneObjectWithTheSameFacts) {
  const std::string text = info_json(sample());
  EXPECT_EQ(text.back(), '\n');
  for (
      const char* part : {
          R"({"path":"sst.nc","format":"netCDF-4","group":"","dimensions":[{"name":"time","length":3,"unlimited":true})",
          R"({"name":"time","role":"coordinate","dtype":"float64","decoded_dtype":"float64","dimensions":["time"],)",
          R"("chunks":null)",
          R"("first":0,"last":2,"first_date":"2000-01-01 00:00:00","last_date":"2000-01-03 00:00:00","calendar":)",
          R"("shape":[3,2],"chunks":[1,2],"encoding":"shuffle, deflate 1","bytes":12,"attributes":{)",
          R"("_FillValue":-32768,"levels":[1,2]})",
          R"("skipped":[{"name":"notes","reason":"it holds texts of any length"}])",
      })
    EXPECT_NE(text.find(part), std::string::npos) << part << "\nis not in\n" << text;
}

TEST(InfoJson, SpellsEveryKindOfAttributeAsJsonDoes) {
  struct Case {
    AttributeValue value;
    const char* json;
  };
  const Case cases[] = {
      {AttributeValue::json(R"({"a": [1, -2, 1e300, {"b": null}], "c": true})"),
       R"({"a":[1,-2,1e+300,{"b":null}],"c":true})"},
      {AttributeValue::json("[]"), "[]"},
      {AttributeValue::json("[NaN, 18446744073709551615]"), R"(["NaN",18446744073709551615])"},
      {AttributeValue::json(R"(["\u00e9", 1])"), "[\"\u00e9\",1]"},
      {AttributeValue::text(R"({"only": "text"})"), R"("{\"only\": \"text\"}")"},
      {AttributeValue::texts({"a", "b"}), R"(["a","b"])"},
      {AttributeValue::integers(DType::boolean, {1}, true), "true"},
      {AttributeValue::integers(DType::uint64, {-1}, false), "[18446744073709551615]"},
      {AttributeValue::reals(DType::float64, {0.5, NAN, -INFINITY}, false), R"([0.5,"NaN","-Infinity"])"},
  };
  for (const Case& one : cases) {
    DatasetFacts facts;
    facts.attributes.set("x", one.value);
    EXPECT_NE(info_json(facts).find(std::string(R"("attributes":{"x":)") + one.json + "}"), std::string::npos)
        << one.json << "\n"
        << info_json(facts);
  }
}

TEST(AttributeText, NumbersAreAsShortAsTheirTypeAllows) {
  EXPECT_EQ(attribute_text(AttributeValue::real(0.1f, DType::float32)), "0.1");
  EXPECT_EQ(attribute_text(AttributeValue::real(0.1)), "0.1");
  EXPECT_EQ(attribute_text(AttributeValue::real(1e20f, DType::float32)), "1e+20");
  EXPECT_EQ(attribute_text(AttributeValue::integers(DType::uint64, {-1}, true)), "18446744073709551615");
  EXPECT_EQ(attribute_text(AttributeValue::texts({"a", "b"})), "a, b");
}

}  // namespace
}  // namespace dunlin
