// What goes to disk: true attributes, fill values as xarray reads them in Zarr v3, no reference into nothing.

#include <gtest/gtest.h>

#include <cstring>

#include "dunlin/labelled/zarr_output.hpp"
#include "support.hpp"

namespace dunlin {
namespace {

using test::lazy;
using test::text;

ArrayDescription stored(Variable variable, const Attributes& of_dataset = {}) {
  return zarr_group(Dataset(nullptr, of_dataset, {}, {std::move(variable)})).arrays[0].description;
}

TEST(Encode, CarriedFillValuesAreSpelledAsZarr3Wants) {
  const auto fill = [](DType type, const AttributeValue& value) {
    return stored(lazy("x", {}, {}, type, {{"_FillValue", value}})).attributes;
  };
  EXPECT_EQ(fill(DType::float32, AttributeValue::real(1e20f, DType::float32)).text_or("_FillValue", ""),
            "AAAAgB2vFUQ=");
  EXPECT_EQ(fill(DType::float64, AttributeValue::real(-99.9)).text_or("_FillValue", ""), "mpmZmZn5WMA=");
  EXPECT_EQ(fill(DType::float64, text("AAAAAAAA+H8=")).text_or("_FillValue", ""), "AAAAAAAA+H8=") << "already so";
  EXPECT_EQ(*fill(DType::int16, AttributeValue::integers(DType::int16, {-1}, false)).find("_FillValue"),
            AttributeValue::integers(DType::int16, {-1}, true));
  EXPECT_EQ(*fill(DType::int16, AttributeValue::real(-32768)).find("_FillValue"), AttributeValue::integer(-32768));
  EXPECT_EQ(fill(DType::bytes(1), text("x")).find("_FillValue"), nullptr) << "xarray would refuse the dataset";
  EXPECT_EQ(fill(DType::float32, text("nonsense")).find("_FillValue"), nullptr);
}

TEST(Encode, OtherAttributesOfCarriedVariablesStay) {
  const std::vector<test::Named> entries = {{"scale_factor", AttributeValue::real(0.1)},
                                            {"missing_value", AttributeValue::real(1e20)},
                                            {"valid_min", AttributeValue::real(0)}};
  EXPECT_EQ(stored(lazy("x", {}, {}, DType::int16, entries)).attributes, test::attributes(entries));
}

TEST(Encode, AZarr2FillValueBecomesAnAttribute) {
  Variable variable = lazy("x", {}, {}, DType::int16);
  const std::int16_t value = -7;
  variable.fill_value.resize(2);
  std::memcpy(variable.fill_value.data(), &value, 2);
  EXPECT_EQ(stored(variable).attributes.find("_FillValue"), nullptr);
  variable.fill_is_missing = true;
  EXPECT_EQ(stored(variable).attributes.find("_FillValue")->integer_at(0), -7);
}

TEST(Encode, ReferencesIntoNothingGoUnlessTheyAreExternal) {
  const Variable tos = lazy("tos", {}, {}, DType::float32, {{"cell_measures", text("area: areacello")}});
  EXPECT_EQ(stored(tos).attributes.find("cell_measures"), nullptr);
  EXPECT_EQ(stored(tos, test::attributes({{"external_variables", text("areacello volcello")}}))
                .attributes.text_or("cell_measures", ""),
            "area: areacello");
}

TEST(Encode, ChunksCutDataAndNothingElse) {
  const Dataset ds(
      nullptr, {}, {},
      {lazy("t", {"time", "x"}, {6, 4}), test::held<double>("time", {1, 2, 3, 4, 5, 6}), lazy("empty", {"none"}, {0})});
  const NewGroup group = zarr_group(ds, ChunkChoice::parse("time=1"));
  EXPECT_EQ(group.arrays[0].description.grid, ChunkGrid::regular({6, 4}, {1, 4}));
  EXPECT_EQ(group.arrays[1].description.grid, ChunkGrid::regular({6}, {6}));
  EXPECT_EQ(group.arrays[2].description.grid.count(), 0);
  EXPECT_EQ(group.arrays[0].description.dimensions, (std::vector<std::string>{"time", "x"}));
  EXPECT_EQ(group.arrays[0].description.fill_value.size(), 4u);
}

}  // namespace
}  // namespace dunlin
