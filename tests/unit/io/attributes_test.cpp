// Attributes keep order, kinds and bits, also over a packed record.

#include "dunlin/io/attributes.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace dunlin {
namespace {

Attributes one_of_each() {
  Attributes attributes;
  attributes.set("units", AttributeValue::text("K"));
  attributes.set("empty", AttributeValue::text(""));
  attributes.set("names", AttributeValue::texts({"a", "", "c"}));
  attributes.set("flag", AttributeValue::integers(DType::boolean, {1}, true));
  attributes.set("range", AttributeValue::integers(DType::int16, {-3, 7}, false));
  attributes.set("count", AttributeValue::integer(std::numeric_limits<std::int64_t>::min()));
  attributes.set("mask", AttributeValue::integers(DType::uint64, {-1}, true));
  attributes.set("scale", AttributeValue::real(0.1f, DType::float32));
  attributes.set("levels", AttributeValue::reals(DType::float64, {1.5}, false));
  attributes.set("grid", AttributeValue::json(R"({"a":[1,null]})"));
  return attributes;
}

TEST(Attributes, KeepOrderAndReplaceInPlace) {
  Attributes attributes = one_of_each();
  attributes.set("units", AttributeValue::text("degC"));
  attributes.remove("empty");
  attributes.remove("not there");
  EXPECT_EQ(attributes.entries().size(), 9u);
  EXPECT_EQ(attributes.entries()[0].first, "units");
  EXPECT_EQ(attributes.entries()[1].first, "names");
  EXPECT_EQ(attributes.text_or("units", "?"), "degC");
  EXPECT_EQ(attributes.text_or("scale", "?"), "?") << "a number is no text";
  EXPECT_EQ(attributes.find("empty"), nullptr);
}

TEST(Attributes, SurviveAPackedRecord) {
  const Attributes attributes = one_of_each();
  Packer out;
  attributes.pack(out);
  Unpacker in(out.bytes());
  EXPECT_EQ(Attributes::unpack(in), attributes);
  EXPECT_TRUE(in.done());
}

TEST(Attributes, NotANumberSurvivesAPackedRecord) {
  Packer out;
  AttributeValue::real(std::numeric_limits<double>::quiet_NaN()).pack(out);
  Unpacker in(out.bytes());
  EXPECT_NE(AttributeValue::unpack(in).real_at(0), AttributeValue::real(0).real_at(0));
}

TEST(AttributeValue, NumbersConvertToReals) {
  EXPECT_EQ(AttributeValue::integer(-5).real_at(0), -5.0);
  EXPECT_EQ(AttributeValue::integers(DType::uint64, {-1}, true).real_at(0), 18446744073709551615.0)
      << "uint64 is kept by its bits";
  EXPECT_EQ(AttributeValue::reals(DType::float64, {1, 2}, false).real_at(1), 2.0);
  EXPECT_THROW(AttributeValue::text("7").real_at(0), InternalError);
}

TEST(AttributeValue, AScalarIsNotAListOfOne) {
  EXPECT_NE(AttributeValue::integers(DType::int64, {1}, true), AttributeValue::integers(DType::int64, {1}, false));
  EXPECT_NE(AttributeValue::text("a"), AttributeValue::texts({"a"}));
  EXPECT_EQ(AttributeValue::texts({}).size(), 0u);
}

}  // namespace
}  // namespace dunlin
