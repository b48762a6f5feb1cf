// What a written hierarchy looks like on disk, and what is refused before anything is written.

#include <gtest/gtest.h>

#include "zarr_fixture.hpp"

namespace dunlin {
namespace {

using test::bytes_of;
using test::TestJson;

ArrayDescription describe(const std::string& name, const Shape& shape, const Shape& chunk, DType dtype = DType::uint8) {
  ArrayDescription description;
  description.name = name;
  description.dtype = dtype;
  description.grid = ChunkGrid::regular(shape, chunk);
  return description;
}

TestJson node_of(const Store& store, const std::string& key) {
  const auto bytes = store.read_all(key, 1 << 20);
  return bytes ? TestJson::parse(bytes->begin(), bytes->end(), nullptr, false) : TestJson();
}

TEST(ZarrWriter, EdgeChunksAreStoredWholePaddedWithTheFillValue) {
  const auto store = make_memory_store();
  ArrayDescription description = describe("x", {3, 3}, {2, 2});
  description.fill_value = {std::byte{'.'}};
  const auto writer = make_zarr3_writer(store, {.arrays = {{description}}}, parse_codec("none"));
  BufferPool pool;
  const auto stored = [&](const ChunkIndex& chunk, const std::string& raw) {
    const Buffer encoded = writer->arrays()[0]->encode(chunk, bytes_of(raw), pool);
    return std::string(reinterpret_cast<const char*>(encoded.data()), encoded.size());
  };
  EXPECT_EQ(stored({{0, 0}}, "abcd"), "abcd");
  EXPECT_EQ(stored({{0, 1}}, "ab"), "a.b.");
  EXPECT_EQ(stored({{1, 0}}, "ab"), "ab..");
  EXPECT_EQ(stored({{1, 1}}, "a"), "a...");
  EXPECT_THROW(stored({{1, 1}}, "abcd"), InternalError) << "objects are given clipped to the shape";
}

TEST(ZarrWriter, WritesTheRootTwiceAndItsConsolidatedMetadataLast) {
  const auto store = make_memory_store();
  NewGroup group;
  group.attributes.set("title", AttributeValue::text("sea ice"));
  ArrayDescription named = describe("ice/day/sic", {4, 2}, {2, 2});
  named.dimensions = {"time", ""};
  group.arrays = {{named}, {describe("ice/lat", {2}, {2})}};
  const auto writer = make_zarr3_writer(store, group, {});
  EXPECT_TRUE(store->list("").empty()) << "making a writer writes nothing";
  writer->create();
  const TestJson before = node_of(*store, "zarr.json");
  EXPECT_EQ(before["attributes"]["title"], "sea ice");
  EXPECT_FALSE(before.contains("consolidated_metadata"));
  for (const char* key : {"ice/zarr.json", "ice/day/zarr.json"}) EXPECT_EQ(node_of(*store, key)["node_type"], "group");
  EXPECT_EQ(node_of(*store, "ice/day/sic/zarr.json")["dimension_names"], TestJson::parse(R"(["time", null])"));
  EXPECT_FALSE(node_of(*store, "ice/lat/zarr.json").contains("dimension_names")) << "no axis has a name";
  writer->finish();
  const TestJson after = node_of(*store, "zarr.json");
  const TestJson& inner = after["consolidated_metadata"];
  EXPECT_EQ(inner["kind"], "inline");
  EXPECT_EQ(inner["must_understand"], false);
  EXPECT_EQ(inner["metadata"].size(), 4u);
  for (const auto& [path, node] : inner["metadata"].items()) EXPECT_EQ(node, node_of(*store, path + "/zarr.json"));
}

TEST(ZarrWriter, TheReaderFindsWhatTheWriterWasGiven) {
  const auto store = make_memory_store();
  ArrayDescription description = describe("x", {3, 3}, {2, 2}, DType::int16);
  description.dimensions = {"y", "x"};
  description.attributes.set("units", AttributeValue::text("K"));
  description.attributes.set("_FillValue", AttributeValue::integers(DType::int64, {-1}, true));
  description.fill_value = {std::byte{0xff}, std::byte{0xff}};
  const auto writer = make_zarr3_writer(store, {.arrays = {{description}}}, parse_codec("zstd:5"));
  writer->create();
  const auto expect_equal = [&](const StoredGroup& group) {
    const ArrayDescription& back = group.arrays.at(0)->description();
    EXPECT_EQ(back.name, "x");
    EXPECT_EQ(back.dtype, description.dtype);
    EXPECT_EQ(back.grid, description.grid);
    EXPECT_EQ(back.dimensions, description.dimensions);
    EXPECT_EQ(back.attributes, description.attributes);
    EXPECT_EQ(back.fill_value, description.fill_value);
    EXPECT_EQ(back.encoding, "zstd 5");
    EXPECT_EQ(writer->arrays()[0]->description().encoding, "zstd 5");
  };
  expect_equal(open_zarr(store, "memory", ""));
  writer->finish();
  expect_equal(open_zarr(store, "memory", ""));
}

TEST(ZarrWriter, TheDefaultIsBloscLz4ShuffledForNumbersOfSeveralBytes) {
  const auto encoding = [](DType dtype, const CodecChoice& codec) {
    return make_zarr3_writer(make_memory_store(), {.arrays = {{describe("x", {2}, {2}, dtype)}}}, codec)
        ->arrays()[0]
        ->description()
        .encoding;
  };
  EXPECT_EQ(encoding(DType::float32, {}), "blosc(lz4, 5, shuffle)");
  EXPECT_EQ(encoding(DType::uint8, {}), "blosc(lz4, 5, noshuffle)");
  EXPECT_EQ(encoding(DType::bytes(12), {}), "blosc(lz4, 5, noshuffle)");
  EXPECT_EQ(encoding(DType::float64, parse_codec("blosc-zstd:3")), "blosc(zstd, 3, shuffle)");
  EXPECT_EQ(encoding(DType::float64, parse_codec("gzip")), "gzip 1");
  EXPECT_EQ(encoding(DType::float64, parse_codec("none")), "raw");
}

TEST(ZarrWriter, RefusesWhatItCannotWrite) {
  struct Case {
    const char* why;
    std::vector<ArrayDescription> arrays;
    std::string sentence;
  };
  ArrayDescription ragged = describe("x", {4}, {2});
  ragged.grid = ChunkGrid::ragged({{1, 3}});
  ArrayDescription unknown = describe("x", {4}, {2});
  unknown.grid = unknown.grid.with_unknown(0, 2);
  ArrayDescription names = describe("x", {4, 4}, {2, 2});
  names.dimensions = {"y"};
  ArrayDescription fill = describe("x", {4}, {2}, DType::float32);
  fill.fill_value.resize(8);
  const std::string start = "array 'x' cannot be written as Zarr v3: ";
  const Case cases[] = {
      {"ragged chunks", {ragged}, start + "its chunks differ in length; rechunk it to equal ones"},
      {"unknown length", {unknown}, start + "its shape is known by a run only; compute or persist it first"},
      {"too few names", {names}, start + "it has 2 axes and 1 dimension names"},
      {"fill of another type", {fill}, start + "its fill value has 8 bytes, an element 4"},
      {"the same name twice",
       {describe("x", {1}, {1}), describe("x", {1}, {1})},
       start + "another array has the same name"},
      {"an array inside an array",
       {describe("x", {1}, {1}), describe("x/y", {1}, {1})},
       start + "other arrays lie below its name, as in a group"},
      {"an array above arrays",
       {describe("x/y", {1}, {1}), describe("x", {1}, {1})},
       start + "other arrays lie below its name, as in a group"},
      {"a name that leads out",
       {describe("../x", {1}, {1})},
       "array '../x' cannot be written as Zarr v3: its name is expected to be words separated by single slashes: "
       "rename it, or "
       "leave it out (--var takes the names of the others)"},
      {"a reserved name",
       {describe("a/zarr.json", {1}, {1})},
       "array 'a/zarr.json' cannot be written as Zarr v3: 'zarr.json' is reserved: rename it, or leave it out "
       "(--var takes the names of the others)"},
      {"no name",
       {describe("", {1}, {1})},
       "array '' cannot be written as Zarr v3: its name is expected to be words separated by single slashes: rename "
       "it, or "
       "leave it out (--var takes the names of the others)"},
      {"more than blosc holds",
       {describe("x", {1 << 30, 4}, {1 << 30, 4})},
       start + "a chunk has 4294967296 bytes, blosc holds at most 2147483631; choose smaller chunks or another codec"},
  };
  for (const auto& [why, arrays, sentence] : cases) {
    NewGroup group;
    for (const ArrayDescription& array : arrays) group.arrays.push_back({array});
    const auto store = make_memory_store();
    try {
      make_zarr3_writer(store, group, {});
      ADD_FAILURE() << why << ": was accepted";
    } catch (const UsageError& error) {
      EXPECT_EQ(error.what(), sentence) << why;
    }
  }
}

}  // namespace
}  // namespace dunlin
