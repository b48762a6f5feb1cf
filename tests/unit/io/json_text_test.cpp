// JSON as Zarr's programs write it: bare NaN, exact integers, order kept; and attributes to and from it.

#include "zarr/json_text.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "zarr/attributes_json.hpp"
#include "zarr/metadata_error.hpp"

namespace dunlin {
namespace {

TEST(JsonText, ReadsBareTokensOutsideTextsOnly) {
  const Json value = parse_json(R"({"a": NaN, "b": [-Infinity, Infinity, -1], "NaN": "NaN, -Infinity"})", "f");
  EXPECT_TRUE(std::isnan(value["a"].get<double>()));
  EXPECT_EQ(value["b"][0].get<double>(), -INFINITY);
  EXPECT_EQ(value["b"][1].get<double>(), INFINITY);
  EXPECT_EQ(value["b"][2].get<int>(), -1);
  EXPECT_EQ(value["NaN"], "NaN, -Infinity");
}

TEST(JsonText, WritesWhatItReads) {
  for (const char* text :
       {"NaN", "[-Infinity,Infinity]", R"({"z":1,"a":2})", "18446744073709551615", "-9223372036854775808", "1.0",
        "-0.0", "1e+300", R"("a\"\u0000b\\")", "[]", "{}", R"([{"a":[1,[2]]},null,true])",
        "\"Gr\xc3\xbc\xc3\x9f"
        "e\""}) {
    EXPECT_EQ(write_json(parse_json(text, "f"), true), text);
    EXPECT_EQ(parse_json(write_json(parse_json(text, "f")), "f").dump(), parse_json(text, "f").dump()) << text;
  }
}

TEST(JsonText, TakesBytesThatAreNoUtf8AsLatin1) {
  EXPECT_EQ(write_json(Json("10 \xb0"
                            "C"),
                       true),
            "\"10 \xc2\xb0"
            "C\"");
  EXPECT_EQ(write_json(Json("\xc3\xbc \xfc"), true), "\"\xc3\xbc \xc3\xbc\"") << "what is UTF-8 stays";
  EXPECT_EQ(write_json(Json("\xc3"), true), "\"\xc3\x83\"") << "cut off at the end";
  EXPECT_EQ(write_json(Json("\xed\xa0\x80"), true), "\"\xc3\xad\xc2\xa0\xc2\x80\"") << "a lone surrogate";
}

TEST(JsonText, NamesTheMistake) {
  struct Case {
    std::string text, message;
  };
  for (const auto& [text, message] :
       {Case{"", "f is no JSON: mistake near byte 1"}, Case{"{\"a\": }", "f is no JSON: mistake near byte 7"},
        Case{"[1", "f is no JSON: mistake near byte 3"}, Case{"\"abc", "f is no JSON: mistake near byte 5"},
        Case{"1 2", "f is no JSON: mistake near byte 3"},
        Case{"1e999", "f is no JSON: it holds a number that no 64-bit number can hold"},
        Case{std::string(65, '[') + std::string(65, ']'), "f nests deeper than 64 levels"},
        Case{std::string(1'000'000, '['), "f nests deeper than 64 levels"}}) {
    try {
      parse_json(text, "f");
      ADD_FAILURE() << text.substr(0, 80) << " was accepted";
    } catch (const BadMetadata& error) {
      EXPECT_EQ(error.what(), message);
    }
  }
  EXPECT_NO_THROW(parse_json(std::string(64, '[') + std::string(64, ']'), "f"));
}

TEST(AttributesJson, KeepKindsOrderAndNumbers) {
  const char* text = R"({"units":"K","names":["a","b"],"n":3,"list":[3],"big":18446744073709551615,)"
                     R"("f":1.0,"mixed":[1,2.5],"nan":NaN,"flag":true,"null":null,"object":{"a":[1,NaN]},"none":[],)"
                     R"("odd":[1,"a"],"wide":[-1,18446744073709551615]})";
  const Attributes attributes = attributes_from_json(parse_json(text, "f"));
  using Kind = AttributeValue::Kind;
  const auto kind = [&](const char* name) { return attributes.find(name)->kind(); };
  EXPECT_EQ(kind("units"), Kind::text);
  EXPECT_EQ(kind("names"), Kind::texts);
  EXPECT_EQ(kind("n"), Kind::integers);
  EXPECT_TRUE(attributes.find("n")->is_scalar());
  EXPECT_FALSE(attributes.find("list")->is_scalar());
  EXPECT_EQ(attributes.find("big")->dtype(), DType::uint64);
  EXPECT_EQ(attributes.find("n")->dtype(), DType::int64);
  EXPECT_EQ(kind("f"), Kind::reals) << "1.0 is no integer";
  EXPECT_EQ(kind("mixed"), Kind::reals);
  EXPECT_EQ(attributes.find("flag")->dtype(), DType::boolean);
  for (const char* name : {"null", "object", "none", "odd", "wide"}) EXPECT_EQ(kind(name), Kind::json) << name;
  EXPECT_EQ(write_json(attributes_to_json(attributes), true),
            std::string(text).replace(std::string(text).find("[1,2.5]"), 7, "[1.0,2.5]"))
      << "a list of reals is written as reals, all else as it was";
}

TEST(AttributesJson, RefuseJsonThatIsNone) {
  Attributes attributes;
  attributes.set("grid", AttributeValue::json("{"));
  try {
    attributes_to_json(attributes);
    FAIL() << "half an object was written";
  } catch (const UsageError& error) {
    EXPECT_STREQ(error.what(), "the value of attribute 'grid' is no JSON: mistake near byte 2");
  }
}

}  // namespace
}  // namespace dunlin
