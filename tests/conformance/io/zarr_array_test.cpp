// Zarr arrays against the promises of StoredArray: types × codecs × shapes, byte orders, transposed chunks, missing
// chunks, key encodings; in memory and in a folder; written by us and by zarr-python.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <numeric>

#include "stored_array_conformance.hpp"
#include "support/temporary_folder.hpp"
#include "unit/io/zarr_fixture.hpp"

namespace dunlin {
namespace {

using test::bytes_of;
using test::TestJson;
using Bytes = std::vector<std::byte>;

// Bytes that no two elements share where it can be avoided; truths are 0 and 1.
Bytes some_values(std::int64_t count, DType dtype) {
  Bytes bytes(static_cast<std::size_t>(count) * dtype.size());
  for (std::size_t k = 0; k < bytes.size(); ++k)
    bytes[k] = dtype.kind() == DType::boolean ? std::byte(k * 5 / 3 % 2) : std::byte(k * 31 + (k >> 8) + 1);
  return bytes;
}

void write_all(GroupWriter& writer, const std::vector<Bytes>& contents) {
  BufferPool pool;
  writer.create();
  for (std::size_t k = 0; k < contents.size(); ++k) {
    ArrayWriter& array = *writer.arrays()[k];
    const ArrayDescription& description = array.description();
    array.object_grid().all().for_each([&](const ChunkIndex& object) {
      const Bytes raw =
          test::cut_out(contents[k], description.grid.shape(), description.dtype.size(), description.grid.box(object));
      BufferPool scratch;
      const Buffer encoded = array.encode(object, raw, scratch);
      EXPECT_LE(encoded.size(), array.encoded_bound(object));
      EXPECT_LE(scratch.peak_lent_bytes(), array.encoded_bound(object) + array.encode_scratch(object));
      Extent extent;
      const EncodedObject placed{object, encoded.size()};
      array.place({&placed, 1}, {&extent, 1});
      array.put(object, extent, encoded.bytes());
    });
    array.finish_array();
  }
  writer.finish();
}

struct ShapeCase {
  const char* why;
  Shape shape, chunk;
};

const ShapeCase kShapes[] = {
    {"no axes", {}, {}},
    {"one element", {1}, {1}},
    {"an empty axis", {0, 3}, {2, 2}},
    {"one chunk, exact", {4, 6}, {4, 6}},
    {"chunks that fit", {6, 4}, {3, 2}},
    {"ragged on both axes", {7, 5}, {3, 2}},
    {"a chunk larger than the array", {3, 2}, {10, 10}},
    {"rows as chunks", {5, 6}, {1, 6}},
    {"columns as chunks", {5, 6}, {5, 1}},
    {"single elements", {3, 3}, {1, 1}},
    {"three axes, time first", {9, 3, 4}, {1, 3, 4}},
    {"four axes", {2, 3, 4, 5}, {2, 2, 3, 2}},
};

const DType kTypes[] = {DType::boolean, DType::int8,      DType::int16,      DType::int32,    DType::int64,
                        DType::uint8,   DType::uint16,    DType::uint32,     DType::uint64,   DType::float32,
                        DType::float64, DType::complex64, DType::complex128, DType::bytes(1), DType::bytes(5)};

const char* const kCodecs[] = {"none", "blosc-lz4", "blosc-zstd:3", "zstd:3", "gzip:1"};

NewArray new_array(const std::string& name, DType dtype, const Shape& shape, const Shape& chunk) {
  ArrayDescription description;
  description.name = name;
  description.dtype = dtype;
  description.grid = ChunkGrid::regular(shape, chunk);
  return {std::move(description)};
}

TEST(ZarrArray, ReadsWhatWasWrittenForAllTypesCodecsAndShapes) {
  for (const char* codec : kCodecs) {
    const auto store = make_memory_store();
    NewGroup group;
    std::vector<Bytes> contents;
    for (DType dtype : kTypes)
      for (const ShapeCase& shape : kShapes) {
        group.arrays.push_back(new_array(to_string(dtype) + ", " + shape.why, dtype, shape.shape, shape.chunk));
        contents.push_back(some_values(product(shape.shape), dtype));
      }
    write_all(*make_zarr3_writer(store, group, parse_codec(codec)), contents);
    const StoredGroup opened = open_zarr(store, "memory", "");
    ASSERT_EQ(opened.arrays.size(), contents.size());
    EXPECT_TRUE(opened.skipped.empty());
    for (std::size_t k = 0; k < contents.size(); ++k) {
      SCOPED_TRACE(std::string(codec) + ": " + opened.arrays[k]->description().name);
      test::expect_reads_like(*opened.arrays[k], contents[k]);
    }
  }
}

TEST(ZarrArray, ReadsTheSameFromAFolderAndAfterPacking) {
  test::TemporaryFolder folder;
  NewGroup group;
  std::vector<Bytes> contents;
  for (const ShapeCase& shape : kShapes) {
    group.arrays.push_back(new_array(std::string("deep/group/") + shape.why, DType::int16, shape.shape, shape.chunk));
    contents.push_back(some_values(product(shape.shape), DType::int16));
  }
  write_all(*make_zarr3_writer(folder / "out.zarr", group, {}), contents);
  const StoredGroup opened = open_stored(folder / "out.zarr");
  Packer out;
  opened.pack(out);
  Unpacker in(out.bytes());
  const StoredGroup unpacked = unpack_stored(in);
  EXPECT_TRUE(in.done());
  ASSERT_EQ(unpacked.arrays.size(), contents.size());
  for (std::size_t k = 0; k < contents.size(); ++k) {
    test::expect_reads_like(*opened.arrays[k], contents[k]);
    test::expect_reads_like(*unpacked.arrays[k], contents[k]);
    EXPECT_EQ(unpacked.arrays[k]->identity(), opened.arrays[k]->identity());
  }
}

struct HandCase {
  const char* why;
  TestJson change;  // members that replace those of array_node()
  std::vector<std::pair<const char*, std::string>> chunks;
  std::string expected;  // the whole array
};

std::string text_of(const Bytes& bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

TEST(ZarrArray, ReadsChunksWrittenByHand) {
  const HandCase cases[] = {
      {"edge chunks are stored whole, what is outside is ignored",
       {{"shape", {3}}, {"data_type", "uint8"}, {"fill_value", 0}},
       {{"c/0", "ab"}, {"c/1", "c#"}},
       "abc"},
      {"a missing chunk is the fill value",
       {{"shape", {5}}, {"data_type", "uint8"}, {"fill_value", 120}},
       {{"c/1", "cd"}},
       "xxcdx"},
      {"big-endian numbers",
       {{"shape", {2}},
        {"data_type", "uint16"},
        {"fill_value", 0},
        {"codecs", {{{"name", "bytes"}, {"configuration", {{"endian", "big"}}}}}}},
       {{"c/0", "abcd"}},
       "badc"},
      {"any byte but 0 is true",
       {{"shape", {4}}, {"data_type", "bool"}, {"fill_value", false}, {"codecs", {"bytes"}}},
       {{"c/0", std::string("\1\0", 2)}, {"c/1", "\2\xff"}},
       std::string("\1\0\1\1", 4)},
      {"keys of version 2",
       {{"shape", {3}}, {"data_type", "uint8"}, {"fill_value", 0}, {"chunk_key_encoding", "v2"}},
       {{"0", "ab"}, {"1", "c#"}},
       "abc"},
      {"keys with dots",
       {{"shape", {3}},
        {"data_type", "uint8"},
        {"fill_value", 0},
        {"chunk_key_encoding", {{"name", "default"}, {"configuration", {{"separator", "."}}}}}},
       {{"c.0", "ab"}, {"c.1", "c#"}},
       "abc"},
  };
  for (const auto& [why, change, chunks, expected] : cases) {
    SCOPED_TRACE(why);
    TestJson node = test::array_node();
    node["chunk_grid"]["configuration"]["chunk_shape"] = {2};
    node.erase("dimension_names");
    node.update(change);
    const auto store = make_memory_store();
    for (const auto& [key, content] : chunks) test::put(*store, std::string("x/") + key, content);
    const StoredGroup group = test::open_with(store, node);
    ASSERT_EQ(group.arrays.size(), 1u) << (group.skipped.empty() ? "" : group.skipped[0].reason);
    const StoredArray& array = *group.arrays[0];
    EXPECT_EQ(text_of(test::read_box(array, Box::whole(array.description().grid.shape()))), expected);
    test::expect_reads_like(array, bytes_of(expected));
  }
}

TEST(ZarrArray, UndoesTranspositions) {
  // Array (2, 3): abc def. One transposition stores columns: ad be cf. Two of the same undo each other.
  const TestJson swap = {{"name", "transpose"}, {"configuration", {{"order", {1, 0}}}}};
  for (const auto& [times, stored] : {std::pair{1, "adbecf"}, {2, "abcdef"}}) {
    TestJson node = test::array_node();
    node["shape"] = {2, 3};
    node["chunk_grid"]["configuration"]["chunk_shape"] = {2, 3};
    node["data_type"] = "uint8";
    node["fill_value"] = 0;
    node["codecs"] = TestJson::array({"bytes"});
    for (int k = 0; k < times; ++k) node["codecs"].insert(node["codecs"].begin(), swap);
    const auto store = make_memory_store();
    test::put(*store, "x/c/0/0", stored);
    test::expect_reads_like(*test::open_with(store, node).arrays.at(0), bytes_of(std::string("abcdef")));
  }
}

TEST(ZarrArray, CountsTheBytesItReadsAndTheScratchItNeeds) {
  const auto store = make_memory_store();
  test::put(*store, "x/c/0/0", std::string(16, 'a'));
  const StoredGroup group = test::open_with(store, test::array_node());  // (5, 3) in raw chunks of (2, 2)
  const StoredArray& array = *group.arrays[0];
  BufferPool pool;
  std::int64_t read = 0;
  Bytes out(5 * 3 * 4);
  array.read(Box::whole({5, 3}), {.pool = &pool, .bytes_read = &read}, out);
  EXPECT_EQ(read, 16) << "missing chunks cost no bytes";
  EXPECT_EQ(array.read_scratch({{0, 0}, {2, 2}}), 0u) << "a whole raw chunk needs no scratch";
  EXPECT_EQ(array.read_scratch({{0, 0}, {4, 2}}), 0u) << "chunks above one another lie in one piece";
  EXPECT_EQ(array.read_scratch({{0, 0}, {2, 3}}), 16u) << "a ragged chunk passes through one of its size";
  EXPECT_EQ(array.read_scratch({{1, 0}, {2, 1}}), 16u);
  EXPECT_EQ(array.read_scratch({{1, 0}, {1, 1}}), 0u) << "nothing is read for an empty box";
}

TEST(ZarrArray, AStoreThatVanishesIsNoArrayOfFillValues) {
  test::TemporaryFolder folder;
  write_all(*make_zarr3_writer(folder / "a.zarr", {.arrays = {new_array("x", DType::int8, {4}, {2})}}, {}), {Bytes(4)});
  const StoredGroup group = open_stored(folder / "a.zarr");
  std::filesystem::rename(folder / "a.zarr", folder / "b.zarr");
  try {
    test::read_box(*group.arrays[0], Box::whole({4}));
    FAIL() << "fill values were read from nowhere";
  } catch (const InputError& error) {
    EXPECT_EQ(std::string(error.what()), folder / "a.zarr/x/zarr.json" +
                                             " has vanished: chunk (0,) of array 'x' cannot "
                                             "be read");
  }
}

TEST(ZarrArray, ItsIdentityChangesWithItsMetadata) {
  test::TemporaryFolder folder;
  const auto write = [&](const char* name, DType dtype) {
    write_all(*make_zarr3_writer(folder / name, {.arrays = {new_array("x", dtype, {1}, {1})}}, {}),
              {Bytes(dtype.size())});
    return open_stored(folder / name).arrays.at(0)->identity();
  };
  const std::string first = write("a.zarr", DType::int32);
  EXPECT_EQ(open_stored(folder / "a.zarr").arrays.at(0)->identity(), first);
  EXPECT_NE(write("b.zarr", DType::int32), first) << "another folder";
  EXPECT_NE(write("a.zarr", DType::float32), first) << "written again as another type";
}

RC_GTEST_PROP(ZarrArray, AnyBoxOfAnyGridIsThatPartOfTheArray, ()) {
  const auto rank = *rc::gen::inRange<std::size_t>(0, 4);
  Shape shape, chunk;
  for (std::size_t a = 0; a < rank; ++a) {
    shape.push_back(*rc::gen::inRange<std::int64_t>(0, 9));
    chunk.push_back(*rc::gen::inRange<std::int64_t>(1, 6));
  }
  const DType dtype = *rc::gen::elementOf(std::vector<DType>(std::begin(kTypes), std::end(kTypes)));
  const char* codec = *rc::gen::elementOf(std::vector<const char*>(std::begin(kCodecs), std::end(kCodecs)));
  const Bytes whole = some_values(product(shape), dtype);
  const auto store = make_memory_store();
  write_all(*make_zarr3_writer(store, {.arrays = {new_array("x", dtype, shape, chunk)}}, parse_codec(codec)), {whole});
  const StoredGroup group = open_zarr(store, "memory", "");
  std::mt19937 random(*rc::gen::arbitrary<unsigned>());
  for (int k = 0; k < 5; ++k) {
    const Box box = test::random_box(shape, random);
    RC_ASSERT(test::read_box(*group.arrays[0], box) == test::cut_out(whole, shape, dtype.size(), box));
  }
}

}  // namespace
}  // namespace dunlin
