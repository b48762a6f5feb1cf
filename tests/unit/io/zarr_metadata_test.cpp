// zarr.json: what is read, what is refused as broken, what is left out as not handled, and with which sentence.

#include "zarr/metadata_v3.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <limits>

#include "zarr/fill_value.hpp"
#include "zarr/metadata_error.hpp"
#include "zarr_fixture.hpp"

namespace dunlin {
namespace {

using test::array_node;
using test::group_node;

TEST(ZarrMetadata, ReadsAnArray) {
  Json node = array_node();
  node["attributes"] = {{"units", "K"}};
  const ArrayMetadata metadata = parse_array(node, "f");
  const ArrayDescription& description = metadata.description;
  EXPECT_EQ(description.dtype, DType::float32);
  EXPECT_EQ(description.grid, ChunkGrid::regular({5, 3}, {2, 2}));
  EXPECT_EQ(description.dimensions, (std::vector<std::string>{"y", "x"}));
  EXPECT_EQ(description.attributes.text_or("units", ""), "K");
  EXPECT_EQ(description.fill_value, std::vector<std::byte>(4));
  EXPECT_FALSE(description.fill_is_missing);
  EXPECT_EQ(description.encoding, "raw");
}

struct Change {
  std::string why;
  std::function<void(Json&)> change;
  std::string sentence;
};

Json json(const char* text) { return Json::parse(text); }

std::function<void(Json&)> set(const std::string& key, const char* value) {
  return [=](Json& node) { node[key] = json(value); };
}
std::function<void(Json&)> drop(const std::string& key) {
  return [=](Json& node) { node.erase(key); };
}
// A float32 array with another data type and fill value.
std::function<void(Json&)> fill(const char* type, const char* value) {
  return [=](Json& node) {
    node["data_type"] = json(type);
    node["fill_value"] = json(value);
  };
}

template <class Error>
void expect_refused(const std::vector<Change>& changes) {
  for (const auto& [why, change, sentence] : changes) {
    Json node = array_node();
    change(node);
    try {
      if (node_type(node, "f") == NodeType::array)
        parse_array(node, "f");
      else
        parse_group(node, "f");
      ADD_FAILURE() << why << ": was accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.what(), sentence) << why;
    }
  }
}

TEST(ZarrMetadata, RefusesABrokenFrame) {
  expect_refused<BadMetadata>({
      {"no object", [](Json& n) { n = 3; }, "f is expected to be an object, found 3"},
      {"version 2", set("zarr_format", "2"), "f: 'zarr_format' is expected to be 3, found 2"},
      {"no version", drop("zarr_format"), "f: 'zarr_format' is missing: 3 is expected"},
      {"unknown node", set("node_type", "\"table\""),
       "f: 'node_type' is expected to be 'array' or 'group', found \"table\""},
      {"no shape", drop("shape"), "f: 'shape' is missing: a list of lengths is expected"},
      {"no type", drop("data_type"), "f: 'data_type' is missing: a type is expected"},
      {"no grid", drop("chunk_grid"), "f: 'chunk_grid' is missing: a regular grid is expected"},
      {"no keys", drop("chunk_key_encoding"), "f: 'chunk_key_encoding' is missing: 'default' or 'v2' is expected"},
      {"no fill", drop("fill_value"), "f: 'fill_value' is missing: a value of the array's type is expected"},
      {"no codecs", drop("codecs"), "f: 'codecs' is missing: a list of codecs is expected"},
      {"attributes of another kind", set("attributes", "[]"), "f: 'attributes' is expected to be an object, found []"},
      {"too few names", set("dimension_names", "[\"y\"]"),
       "f: 'dimension_names' is expected to be a list of 2 names, one per axis, found [\"y\"]"},
      {"a name that is a number", set("dimension_names", "[\"y\", 1]"),
       "f: 'dimension_names' is expected to be a text, found 1"},
      {"transformers of another kind", set("storage_transformers", "{}"),
       "f: 'storage_transformers' is expected to be a list, found {}"},
  });
}

TEST(ZarrMetadata, RefusesShapesAndGridsThatCannotBe) {
  const auto chunk = [](const char* value) {
    return [=](Json& n) { n["chunk_grid"]["configuration"]["chunk_shape"] = json(value); };
  };
  const std::string at = "f: 'chunk_grid.configuration.chunk_shape' is ";
  expect_refused<BadMetadata>({
      {"negative", set("shape", "[5, -1]"), "f: 'shape' is expected to be a whole number of at least 0, found -1"},
      {"with a fraction", set("shape", "[5, 3.0]"),
       "f: 'shape' is expected to be a whole number of at least 0, found 3.0"},
      {"text", set("shape", "\"5\""), "f: 'shape' is expected to be a list of whole numbers, found \"5\""},
      {"beyond int64", set("shape", "[5, 9223372036854775808]"),
       "f: 'shape' is expected to be a whole number of at least 0, found 9223372036854775808"},
      {"more bytes than can be counted", set("shape", "[4611686018427387904, 2]"),
       "f: 'shape' is expected to be of less than 2^63 bytes in all, found [4611686018427387904,2]"},
      {"the same beside an empty axis", set("shape", "[4611686018427387904, 0]"),
       "f: 'shape' is expected to be of less than 2^63 bytes in all, found [4611686018427387904,0]"},
      {"chunk of nothing", chunk("[2, 0]"), at + "expected to be a whole number of at least 1, found 0"},
      {"chunk of another rank", chunk("[2]"), at + "expected to be a list of 2 lengths, one per axis, found [2]"},
      {"huge chunk", chunk("[4611686018427387904, 2]"),
       at + "expected to be of less than 2^63 bytes in all, found [4611686018427387904,2]"},
      {"no chunk shape", [](Json& n) { n["chunk_grid"]["configuration"].erase("chunk_shape"); },
       at + "missing: one length per axis is expected"},
      {"separator", [](Json& n) { n["chunk_key_encoding"]["configuration"]["separator"] = "-"; },
       "f: 'chunk_key_encoding.configuration.separator' is expected to be '/' or '.', found \"-\""},
  });
}

TEST(ZarrMetadata, RefusesFillValuesOfAnotherKindOrOutOfRange) {
  const auto sentence = [](const char* type, const char* expected, const char* found) {
    return std::string("f: 'fill_value' of a ") + type + " array is expected to be " + expected + ", found " + found;
  };
  const char* whole = "a whole number in the type's range";
  const char* real = "a number, \"NaN\", \"Infinity\", \"-Infinity\" or its bits as \"0x...\"";
  const char* raw = "Base64 text or a list of numbers from 0 to 255, of the type's length";
  const char* five = R"({"name": "null_terminated_bytes", "configuration": {"length_bytes": 5}})";
  expect_refused<BadMetadata>({
      {"null", fill("\"float32\"", "null"), sentence("float32", real, "null")},
      {"256 in 8 bits", fill("\"uint8\"", "256"), sentence("uint8", whole, "256")},
      {"-1 unsigned", fill("\"uint64\"", "-1"), sentence("uint64", whole, "-1")},
      {"2^63 signed", fill("\"int64\"", "9223372036854775808"), sentence("int64", whole, "9223372036854775808")},
      {"-129", fill("\"int8\"", "-129"), sentence("int8", whole, "-129")},
      {"fraction", fill("\"int32\"", "1.0"), sentence("int32", whole, "1.0")},
      {"text for an integer", fill("\"int32\"", "\"1\""), sentence("int32", whole, "\"1\"")},
      {"1 for a truth", fill("\"bool\"", "1"), sentence("bool", "true or false", "1")},
      {"beyond float32", fill("\"float32\"", "1e39"), sentence("float32", real, "1e+39")},
      {"unknown word", fill("\"float64\"", "\"nan\""), sentence("float64", real, "\"nan\"")},
      {"bits of another size", fill("\"float64\"", "\"0x7fc00000\""), sentence("float64", real, "\"0x7fc00000\"")},
      {"bits that are none", fill("\"float32\"", "\"0x7fc0000g\""), sentence("float32", real, "\"0x7fc0000g\"")},
      {"a single number for a pair", fill("\"complex64\"", "1"), sentence("complex64", "a pair of numbers", "1")},
      {"a pair of three", fill("\"complex64\"", "[1, 2, 3]"), sentence("complex64", "a pair of numbers", "[1,2,3]")},
      {"no Base64", fill(five, "\"a*==\""), sentence("bytes5", raw, "\"a*==\"")},
      {"too long", fill(five, "\"YWFhYWFh\""), sentence("bytes5", raw, "\"YWFhYWFh\"")},
      {"list too short", fill("\"r16\"", "[1]"), sentence("bytes2", raw, "[1]")},
      {"no byte", fill("\"r16\"", "[1, 256]"), sentence("bytes2", raw, "[1,256]")},
  });
}

TEST(ZarrMetadata, RefusesCodecsThatCannotBe) {
  const char* one = "f: 'codecs' is expected to be a list with one codec that makes bytes, found ";
  const std::string order = "is expected to be a permutation of the 2 axes, counted from 0, found ";
  const std::string blosc = "f: 'codecs[1].configuration.";
  const auto second = [](const char* codec) { return [=](Json& n) { n["codecs"].push_back(json(codec)); }; };
  const auto first = [](const char* codec) {
    return [=](Json& n) { n["codecs"].insert(n["codecs"].begin(), json(codec)); };
  };
  expect_refused<BadMetadata>({
      {"no list", set("codecs", "{}"), one + std::string("{}")},
      {"empty", set("codecs", "[]"), one + std::string("[]")},
      {"none that makes bytes", set("codecs", R"([{"name": "transpose", "configuration": {"order": [1, 0]}}])"),
       one + std::string(R"([{"name":"transpose","configuration":{"order":[1,0]}}])")},
      {"two that make bytes", second(R"({"name": "bytes", "configuration": {"endian": "big"}})"),
       "f: 'codecs' is expected to be a list with 'bytes' once, found "
       R"([{"name":"bytes","configuration":{"endian":"little"}},{"n...)"},
      {"compressor first", first(R"({"name": "crc32c"})"),
       "f: 'codecs' is expected to be a list with 'bytes' before 'crc32c', found "
       R"([{"name":"crc32c"},{"name":"bytes","configuration":{"endi...)"},
      {"transpose last", second(R"({"name": "transpose", "configuration": {"order": [1, 0]}})"),
       "f: 'codecs' is expected to be a list with 'transpose' before 'bytes', found "
       R"([{"name":"bytes","configuration":{"endian":"little"}},{"n...)"},
      {"no byte order", set("codecs", "[\"bytes\"]"),
       "f: 'codecs[0].configuration.endian' is missing: 'little' or 'big', for numbers of several bytes, is expected"},
      {"other byte order", set("codecs", R"([{"name": "bytes", "configuration": {"endian": "middle"}}])"),
       "f: 'codecs[0].configuration.endian' is expected to be 'little' or 'big', found \"middle\""},
      {"an axis twice", first(R"({"name": "transpose", "configuration": {"order": [0, 0]}})"),
       "f: 'codecs[0].configuration.order' " + order + "[0,0]"},
      {"an axis too many", first(R"({"name": "transpose", "configuration": {"order": [0, 1, 2]}})"),
       "f: 'codecs[0].configuration.order' " + order + "[0,1,2]"},
      {"the withdrawn C", first(R"({"name": "transpose", "configuration": {"order": "C"}})"),
       "f: 'codecs[0].configuration.order' " + order + "\"C\""},
      {"nameless", second("{}"), "f: 'codecs[1].name' is missing: a text is expected"},
      {"a number", second("7"), "f: 'codecs[1]' is expected to be a name or an object with a name, found 7"},
      {"gzip without level", second("\"gzip\""),
       "f: 'codecs[1].configuration.level' is missing: a number from 0 to 9 is expected"},
      {"gzip beyond", second(R"({"name": "gzip", "configuration": {"level": 10}})"),
       "f: 'codecs[1].configuration.level' is expected to be a whole number from 0 to 9, found 10"},
      {"zstd beyond", second(R"({"name": "zstd", "configuration": {"level": 23, "checksum": false}})"),
       "f: 'codecs[1].configuration.level' is expected to be a whole number from -131072 to 22, found 23"},
      {"blosc shuffling what", second(R"({"name": "blosc", "configuration":
         {"cname": "lz4", "clevel": 5, "shuffle": "shuffle", "blocksize": 0}})"),
       blosc + "typesize' is missing: the element's size, which shuffling needs, is expected"},
      {"blosc with an unknown compressor", second(R"({"name": "blosc", "configuration":
         {"cname": "lzma", "clevel": 5, "shuffle": "noshuffle"}})"),
       blosc + "cname' is expected to be one of lz4, lz4hc, blosclz, zstd, snappy, zlib, found \"lzma\""},
      {"blosc with an unknown shuffle", second(R"({"name": "blosc", "configuration":
         {"cname": "lz4", "clevel": 5, "shuffle": 1}})"),
       blosc + "shuffle' is expected to be a text, found 1"},
  });
}

TEST(ZarrMetadata, LeavesOutWhatItDoesNotHandleAndSaysWhy) {
  const char* codecs = ": known are transpose, bytes, blosc, gzip, zstd and crc32c";
  expect_refused<UnsupportedMetadata>({
      {"unknown field", set("sparse", "true"), "f: field 'sparse' is unknown and does not say that it may be ignored"},
      {"field that must be understood", set("sparse", R"({"must_understand": true})"),
       "f: field 'sparse' is unknown and does not say that it may be ignored"},
      {"half floats", set("data_type", "\"float16\""), "f: data type 'float16' is not handled"},
      {"dates", set("data_type", R"({"name": "numpy.datetime64", "configuration": {"unit": "s", "scale_factor": 1}})"),
       "f: data type 'numpy.datetime64' is not handled"},
      {"half a byte", set("data_type", "\"r12\""), "f: data type 'r12' is not handled"},
      {"our own word for bytes", set("data_type", "\"bytes4\""), "f: data type 'bytes4' is not handled"},
      {"another grid", set("chunk_grid", R"({"name": "rectilinear"})"),
       "f: chunk grid 'rectilinear' is not handled: only 'regular' is"},
      {"other keys", set("chunk_key_encoding", "\"hilbert\""),
       "f: chunk key encoding 'hilbert' is not handled: 'default' and 'v2' are"},
      {"transformers", set("storage_transformers", "[{\"name\": \"x\"}]"),
       "f: it uses storage transformers, which are not handled"},
      {"shards", set("codecs", R"([{"name": "sharding_indexed", "configuration": {}}])"),
       "f: it is stored in shards (codec 'sharding_indexed'), which are not read yet"},
      {"texts", set("codecs", "[\"vlen-utf8\"]"), "f: codec 'vlen-utf8' is not handled" + std::string(codecs)},
      {"another compressor",
       [](Json& n) {
         n["codecs"].push_back({{"name", "numcodecs.bz2"}});
       },
       "f: codec 'numcodecs.bz2' is not handled" + std::string(codecs)},
      {"17 axes", [](Json& n) { n["shape"] = std::vector<int>(17, 1); }, "f: it has 17 axes: at most 16 are handled"},
      {"an unknown field of a group",
       [](Json& n) {
         n = group_node();
         n["links"] = 1;
       },
       "f: field 'links' is unknown and does not say that it may be ignored"},
  });
}

TEST(ZarrMetadata, TakesWhatTheSpecificationLeavesOpen) {
  const Change changes[] = {
      {"a field that may be ignored", set("cache", R"({"must_understand": false, "size": 3})"), ""},
      {"no attributes", drop("attributes"), ""},
      {"no names", drop("dimension_names"), ""},
      {"names that are null", set("dimension_names", "[null, \"x\"]"), ""},
      {"no transformers", drop("storage_transformers"), ""},
      {"names for objects", set("chunk_key_encoding", "\"default\""), ""},
      {"one-byte types without byte order",
       [](Json& n) {
         n["data_type"] = "int8";
         n["fill_value"] = 0;
         n["codecs"] = {"bytes"};
       },
       ""},
      {"zstd without settings", [](Json& n) { n["codecs"].push_back("zstd"); }, ""},
      {"chunks larger than the array",
       [](Json& n) {
         n["chunk_grid"]["configuration"]["chunk_shape"] = {100, 7};
       },
       ""},
      {"an empty axis", set("shape", "[0, 3]"), ""},
      {"no axes",
       [](Json& n) {
         n["shape"] = Json::array();
         n["chunk_grid"]["configuration"]["chunk_shape"] = Json::array();
         n["dimension_names"] = Json::array();
       },
       ""},
  };
  for (const auto& [why, change, sentence] : changes) {
    Json node = array_node();
    change(node);
    EXPECT_NO_THROW(parse_array(node, "f")) << why;
  }
}

TEST(ZarrMetadata, FillValuesKeepEveryBit) {
  struct Case {
    DType dtype;
    const char* json;
    std::vector<std::byte> bytes;
  };
  const auto bytes = [](auto value) {
    std::vector<std::byte> result(sizeof value);
    std::memcpy(result.data(), &value, sizeof value);
    return result;
  };
  const std::complex<double> pair(std::numeric_limits<double>::quiet_NaN(), -2);
  const Case cases[] = {
      {DType::boolean, "true", bytes(true)},
      {DType::int8, "-128", bytes(std::int8_t{-128})},
      {DType::uint8, "255", bytes(std::uint8_t{255})},
      {DType::int64, "-9223372036854775808", bytes(std::numeric_limits<std::int64_t>::min())},
      {DType::uint64, "18446744073709551615", bytes(~std::uint64_t{0})},
      {DType::uint64, "9007199254740993", bytes(std::uint64_t{9007199254740993})},  // no double holds it
      {DType::float32, "\"NaN\"", bytes(std::uint32_t{0x7fc00000})},
      {DType::float32, "\"0x7fa00001\"", bytes(std::uint32_t{0x7fa00001})},  // a signalling NaN
      {DType::float32, "\"0xffc00000\"", bytes(std::uint32_t{0xffc00000})},
      {DType::float32, "\"-Infinity\"", bytes(-std::numeric_limits<float>::infinity())},
      {DType::float32, "1.0000000200408773e+20", bytes(1e20f)},
      {DType::float32, "-0.0", bytes(-0.0f)},
      {DType::float64, "0.1", bytes(0.1)},
      {DType::float64, "\"0x7ff0000000000001\"", bytes(std::uint64_t{0x7ff0000000000001})},
      {DType::complex64, "[1.0,\"Infinity\"]", bytes(std::complex<float>(1, INFINITY))},
      {DType::complex128, "[\"NaN\",-2.0]", bytes(pair)},
      {DType::bytes(5), "\"YWI=\"", test::bytes_of(std::string("ab\0\0\0", 5))},
      {DType::bytes(3), "\"\"", std::vector<std::byte>(3)},
      {DType::bytes(3), "\"/+8A\"", {}},  // spelt with padding that is written without
  };
  for (const auto& [dtype, text, expected] : cases) {
    SCOPED_TRACE(text);
    const auto read = fill_from_json(json(text), dtype, "f");
    if (expected.empty()) {
      EXPECT_EQ(fill_to_json(read, dtype).dump(), "\"/+8=\"");
      continue;
    }
    EXPECT_EQ(read, expected);
    EXPECT_EQ(fill_to_json(read, dtype).dump(), text);
  }
  EXPECT_EQ(fill_from_json(json("[0, 255]"), DType::bytes(2), "f"),
            (std::vector<std::byte>{std::byte{0}, std::byte{255}}));
  EXPECT_EQ(fill_from_json(json("3"), DType::float64, "f"), bytes(3.0)) << "a whole number is a number";
}

TEST(ZarrMetadata, BigFillsAndNamesAreNotShownWhole) {
  Json node = array_node();
  node["fill_value"] = std::string(5000, 'x');
  try {
    parse_array(node, "f");
    FAIL();
  } catch (const BadMetadata& error) {
    EXPECT_LT(std::strlen(error.what()), 220u);
  }
}

TEST(ZarrMetadata, WrittenMetadataIsReadBack) {
  ArrayDescription description;
  description.dtype = DType::bytes(7);
  description.grid = ChunkGrid::regular({0, 9}, {4, 20});
  description.dimensions = {"", "x"};
  description.attributes.set("units", AttributeValue::text("K"));
  description.fill_value.assign(7, std::byte{'a'});
  for (const char* codec : {"none", "blosc-lz4", "blosc-zstd:9", "zstd:22", "gzip"}) {
    const ArrayMetadata back = parse_array(array_to_json(description, parse_codec(codec)), codec);
    EXPECT_EQ(back.description.dtype, description.dtype);
    EXPECT_EQ(back.description.grid, description.grid);
    EXPECT_EQ(back.description.dimensions, description.dimensions);
    EXPECT_EQ(back.description.attributes, description.attributes);
    EXPECT_EQ(back.description.fill_value, description.fill_value);
  }
}

TEST(ChunkKey, FollowsBothEncodingsAndSeparators) {
  using Kind = ChunkKeyEncoding::Kind;
  EXPECT_EQ(chunk_key({Kind::standard, '/'}, {{1, 23, 45}}), "c/1/23/45");
  EXPECT_EQ(chunk_key({Kind::standard, '.'}, {{1, 23, 45}}), "c.1.23.45");
  EXPECT_EQ(chunk_key({Kind::v2, '.'}, {{1, 23, 45}}), "1.23.45");
  EXPECT_EQ(chunk_key({Kind::v2, '/'}, {{1, 23, 45}}), "1/23/45");
  EXPECT_EQ(chunk_key({Kind::standard, '/'}, {{}}), "c");
  EXPECT_EQ(chunk_key({Kind::v2, '.'}, {{}}), "0");
}

}  // namespace
}  // namespace dunlin
