// How stored values become numbers: xarray's types, every kind of missing marker, what is never decoded.

#include "dunlin/labelled/decode.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>

#include "support.hpp"

namespace dunlin {
namespace {

using test::Named;
using test::text;

AttributeValue real32(double value) { return AttributeValue::real(value, DType::float32); }
AttributeValue real64(double value) { return AttributeValue::real(value); }
AttributeValue int16_value(std::int64_t value) { return AttributeValue::integers(DType::int16, {value}, true); }

Decoding decoding(DType stored, const std::vector<Named>& entries) {
  return decoding_of("x", stored, test::attributes(entries), {}, false);
}

struct TypeCase {
  const char* why;
  DType stored;
  std::vector<Named> entries;
  DType decoded;
};

TEST(Decode, TypesAreThoseOfXarray) {
  const Named scale32 = {"scale_factor", real32(0.5)}, offset32 = {"add_offset", real32(10)};
  const Named scale64 = {"scale_factor", real64(0.5)}, offset64 = {"add_offset", real64(10)};
  const std::vector<TypeCase> cases = {
      {"plain float", DType::float32, {}, DType::float32},
      {"plain integers stay", DType::int32, {}, DType::int32},
      {"shared float32", DType::int16, {scale32, offset32}, DType::float32},
      {"shared float64", DType::int16, {scale64, offset64}, DType::float64},
      {"they differ", DType::int16, {scale32, offset64}, DType::float64},
      {"an offset alone may be large", DType::int16, {offset32}, DType::float64},
      {"a scale alone decides", DType::int16, {scale32}, DType::float32},
      {"wide integers with both", DType::int32, {scale32, offset32}, DType::float64},
      {"wide integers with a scale", DType::int32, {scale32}, DType::float32},
      {"float64 loses no digits to a float32 scale", DType::float64, {scale32, offset32}, DType::float64},
      {"float32 widens to its scale", DType::float32, {scale64, offset64}, DType::float64},
      {"float32 with a float32 scale", DType::float32, {scale32}, DType::float32},
      {"a scale that is an integer", DType::int16, {{"scale_factor", int16_value(2)}}, DType::float64},
      {"packing decides before markers", DType::int16, {scale64, {"_FillValue", int16_value(-1)}}, DType::float64},
      {"marked 16-bit integers", DType::int16, {{"_FillValue", int16_value(-1)}}, DType::float32},
      {"marked 8-bit integers", DType::uint8, {{"missing_value", AttributeValue::integer(255)}}, DType::float32},
      {"marked 32-bit integers", DType::int32, {{"_FillValue", AttributeValue::integer(-1)}}, DType::float64},
      {"marked float32", DType::float32, {{"_FillValue", real32(1e20)}}, DType::float32},
      {"marked float64", DType::float64, {{"_FillValue", real64(1e20)}}, DType::float64},
      {"unsigned by attribute", DType::int8, {{"_Unsigned", text("true")}}, DType::uint8},
      {"signed by attribute", DType::uint16, {{"_Unsigned", text("false")}}, DType::int16},
      {"_Unsigned says what is so", DType::uint8, {{"_Unsigned", text("true")}}, DType::uint8},
      {"flags are never decoded",
       DType::int8,
       {{"flag_values", int16_value(1)}, {"_FillValue", int16_value(-1)}},
       DType::int8},
      {"flag masks neither", DType::int16, {{"flag_masks", int16_value(1)}, scale32}, DType::int16},
      {"text is not", DType::bytes(4), {{"_FillValue", text("x")}}, DType::bytes(4)},
      {"bool is not", DType::boolean, {{"_FillValue", AttributeValue::integer(1)}}, DType::boolean},
      {"valid_range is not applied", DType::int16, {{"valid_range", int16_value(1)}}, DType::int16},
  };
  for (const TypeCase& c : cases) {
    SCOPED_TRACE(c.why);
    EXPECT_EQ(to_string(decoding(c.stored, c.entries).type), to_string(c.decoded));
  }
}

TEST(Decode, FloatMarkersAreComparedInTheStoredType) {
  const Decoding d = decoding(DType::float32, {{"_FillValue", real64(1e20)}, {"missing_value", real64(-99.9)}});
  ASSERT_EQ(d.missing.size(), 2u);
  EXPECT_EQ(d.missing[0].real, static_cast<double>(1e20f));
  EXPECT_EQ(d.missing[1].real, static_cast<double>(-99.9f));
}

TEST(Decode, EveryValueOfMissingValueIsAMarker) {
  const Decoding d =
      decoding(DType::int16, {{"missing_value", AttributeValue::integers(DType::int16, {-1, -2, -3}, false)}});
  ASSERT_EQ(d.missing.size(), 3u);
  EXPECT_EQ(d.missing[2].integer, -3);
}

TEST(Decode, MarkersThatNoValueCanEqualAreLeftOut) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(decoding(DType::float32, {{"_FillValue", real64(nan)}}).missing.empty()) << "missing anyway";
  EXPECT_TRUE(decoding(DType::float32, {{"_FillValue", real64(1e300)}}).missing.empty()) << "would match infinity";
  EXPECT_TRUE(decoding(DType::int16, {{"_FillValue", real64(0.5)}}).missing.empty());
  EXPECT_TRUE(decoding(DType::int16, {{"_FillValue", real64(1e20)}}).missing.empty());
  EXPECT_TRUE(decoding(DType::uint8, {{"_FillValue", AttributeValue::integer(-1)}}).missing.empty());
}

TEST(Decode, IntegerMarkersMayBeSpelledAsReals) {
  const Decoding d = decoding(DType::int16, {{"_FillValue", real64(-32768)}});
  ASSERT_EQ(d.missing.size(), 1u);
  EXPECT_EQ(d.missing[0].integer, -32768);
}

TEST(Decode, UnsignedMarkersAreTakenByTheirBits) {
  for (const std::int64_t spelled : {std::int64_t{-1}, std::int64_t{255}}) {
    const Decoding d =
        decoding(DType::int8, {{"_Unsigned", text("true")}, {"_FillValue", AttributeValue::integer(spelled)}});
    ASSERT_EQ(d.missing.size(), 1u);
    EXPECT_EQ(d.missing[0].integer, 255);
    EXPECT_EQ(to_string(d.type), "float32");
  }
}

TEST(Decode, TheLargestUnsignedMarkerKeepsItsBits) {
  const Decoding d = decoding(DType::uint64, {{"_FillValue", AttributeValue::integers(DType::uint64, {-1}, true)}});
  ASSERT_EQ(d.missing.size(), 1u);
  EXPECT_EQ(static_cast<std::uint64_t>(d.missing[0].integer), std::numeric_limits<std::uint64_t>::max());
}

TEST(Decode, FloatFillsMayBeBase64AsZarr3SpellsThem) {
  const Decoding d = decoding(DType::float32, {{"_FillValue", text("AAAAgB2vFUQ=")}});  // struct.pack("<d", …)
  ASSERT_EQ(d.missing.size(), 1u);
  EXPECT_TRUE(decoding(DType::float64, {{"_FillValue", text("AAAAAAAA+H8=")}}).missing.empty()) << "NaN";
  EXPECT_TRUE(decoding(DType::float64, {{"_FillValue", text("no base64")}}).missing.empty());
  EXPECT_TRUE(decoding(DType::float64, {{"_FillValue", text("NaN")}}).missing.empty());
}

TEST(Decoding, AMarkerThatIsATextIsTheNumberThatItReadsAs) {
  const Decoding d = decoding(DType::int16, {{"missing_value", text(" -999")}});
  ASSERT_EQ(d.missing.size(), 1u);
  EXPECT_EQ(d.missing[0].integer, -999);
  EXPECT_EQ(d.type, DType(DType::float32));
  EXPECT_EQ(decoding(DType::float32, {{"missing_value", text("1e20")}}).missing.at(0).real, double(1e20f));
  for (const char* none : {"none", "", "-999.", "NaN", "-999 m"}) {
    SCOPED_TRACE(none);
    const bool is_number = std::string(none) == "-999.";
    EXPECT_EQ(decoding(DType::int16, {{"missing_value", text(none)}}).missing.size(), is_number ? 1u : 0u);
    const Variable variable = test::lazy("v", {"x"}, {2}, DType::int16, {{"missing_value", text(none)}});
    EXPECT_EQ(unread_markers(variable).size(), is_number || std::string(none).empty() ? 0u : 1u);
  }
}

TEST(Decoding, PeopleReadTheNumberThatBase64Spells) {
  const Attributes spelled = test::attributes({{"_FillValue", text("AAAAAAAA+H8=")}});
  const Attributes shown = readable(spelled, DType::float32);
  ASSERT_TRUE(shown.find("_FillValue")->is_number());
  EXPECT_TRUE(std::isnan(shown.find("_FillValue")->real_at(0)));
  EXPECT_EQ(readable(spelled, DType::int16), spelled) << "a text of integers is just that";
}

TEST(Decode, ZarrTwoFillValuesAreMissing) {
  std::vector<std::byte> fill(2);
  const std::int16_t value = -7;
  std::memcpy(fill.data(), &value, 2);
  const Decoding marked = decoding_of("x", DType::int16, {}, fill, true);
  ASSERT_EQ(marked.missing.size(), 1u);
  EXPECT_EQ(marked.missing[0].integer, -7);
  EXPECT_TRUE(decoding_of("x", DType::int16, {}, fill, false).missing.empty()) << "Zarr v3 and HDF5: not missing";
}

TEST(Decode, PackingThatIsNotOneNumberIsNamed) {
  EXPECT_EQ(test::sentence<BadPacking>([] {
              decoding(DType::int16, {{"scale_factor", text("0.1")}});
            }),
            "attribute 'scale_factor' of 'x' is not one number, so its values cannot be unpacked: correct it, or leave "
            "the variable out");
  EXPECT_THROW(decoding(DType::int16, {{"add_offset", AttributeValue::reals(DType::float64, {1, 2}, false)}}),
               BadPacking);
}

TEST(Decode, AResultLosesWhatIsUntrueOfIt) {
  const Attributes kept = without_encoding(test::attributes({{"units", text("K")},
                                                             {"scale_factor", real64(1)},
                                                             {"add_offset", real64(1)},
                                                             {"_FillValue", real64(1)},
                                                             {"missing_value", real64(1)},
                                                             {"valid_min", real64(1)},
                                                             {"valid_max", real64(1)},
                                                             {"valid_range", real64(1)},
                                                             {"actual_range", real64(1)},
                                                             {"_Unsigned", text("true")},
                                                             {"dtype", text("bool")},
                                                             {"long_name", text("x")}}));
  EXPECT_EQ(kept, test::attributes({{"units", text("K")}, {"long_name", text("x")}}));
}

}  // namespace
}  // namespace dunlin
