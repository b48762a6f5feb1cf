// What is written is JSON: it says what was meant to any reader, whatever the strings and numbers are.

#include "dunlin/base/json_writer.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace dunlin {
namespace {

std::string written(std::string_view text) { return JsonWriter().value(text).text(); }
std::string written(double number) { return JsonWriter().value(number).text(); }

TEST(JsonWriter, PutsCommasWhereTheyBelong) {
  JsonWriter json;
  json.begin_object().key("ranks").value(4).key("dims").begin_array().value("time").value("lat").end_array();
  json.key("empty").begin_object().end_object().key("none").begin_array().end_array().key("deep").begin_array();
  json.begin_array().value(1).value(2).end_array().begin_array().end_array().null().value(true).value(false);
  json.end_array().end_object();
  EXPECT_EQ(json.text(), R"({"ranks":4,"dims":["time","lat"],"empty":{},"none":[],"deep":[[1,2],[],null,true,false]})");
}

TEST(JsonWriter, StringsAreEscaped) {
  EXPECT_EQ(written("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(written("a\n\t\r"), R"("a\n\t\r")");
  EXPECT_EQ(written(std::string_view("\0\x1f", 2)), R"("\u0000\u001f")");
  EXPECT_EQ(written("Grad °C, 気温, 🐦"), "\"Grad °C, 気温, 🐦\"") << "UTF-8 goes through";
  EXPECT_EQ(JsonWriter().begin_object().key("a\"").value(1).end_object().text(), R"({"a\"":1})");
}

TEST(JsonWriter, BytesThatAreNoUtf8BecomeTheReplacementCharacter) {
  struct Case {
    std::string text, json;
    const char* why;
  };
  const Case cases[] = {
      {"\xb0"
       "C",
       R"("\ufffdC")", "Latin-1 degree"},
      {"\xc3", R"("\ufffd")", "a sequence cut off"},
      {"\xc0\xaf", R"("\ufffd\ufffd")", "an overlong slash"},
      {"\xed\xa0\x80", R"("\ufffd\ufffd\ufffd")", "a surrogate"},
      {"\xf4\x90\x80\x80", R"("\ufffd\ufffd\ufffd\ufffd")", "beyond Unicode"},
      {"\xe0\x80\x80", R"("\ufffd\ufffd\ufffd")", "overlong in three bytes"},
      {"\xf0\x80\x80\x80", R"("\ufffd\ufffd\ufffd\ufffd")", "overlong in four bytes"},
  };
  for (const auto& [text, json, why] : cases) EXPECT_EQ(written(text), json) << why;
}

TEST(JsonWriter, NumbersThatJsonCannotSpellBecomeNull) {
  EXPECT_EQ(written(std::nan("")), "null");
  EXPECT_EQ(written(std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(JsonWriter().begin_array().value(1).value(std::nan("")).value(2).end_array().text(), "[1,null,2]");
}

TEST(JsonWriter, LargestIntegersAreExact) {
  EXPECT_EQ(JsonWriter().value(std::numeric_limits<std::int64_t>::min()).text(), "-9223372036854775808");
  EXPECT_EQ(JsonWriter().value(std::numeric_limits<std::uint64_t>::max()).text(), "18446744073709551615");
}

RC_GTEST_PROP(JsonWriter, AnyNumberReadsBackAsItself, (double number)) {
  RC_ASSERT(nlohmann::json::parse(written(number)).get<double>() == number);
}

RC_GTEST_PROP(JsonWriter, AnyBytesMakeOneValidString, (const std::string& bytes)) {
  RC_ASSERT(nlohmann::json::parse(written(bytes)).is_string());
}

}  // namespace
}  // namespace dunlin
