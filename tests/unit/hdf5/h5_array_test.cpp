// Arrays of HDF5 files read as the library reads them: every layout, filter, type, edge and hole.

#include <gtest/gtest.h>

#include "h5_fixture.hpp"

namespace dunlin::test {
namespace {

class H5Arrays : public ::testing::Test {
 protected:
  TemporaryFolder folder_;
  std::string path_ = folder_ / "made.h5";
};

struct Case {
  const char* why;
  H5Made made;
};

TEST_F(H5Arrays, ReadAsTheLibraryReadsThem) {
  const Case cases[] = {
      {"contiguous", {.shape = {5, 7, 3}}},
      {"contiguous, rows long enough to be read by themselves", {.shape = {3, 5000}}},
      {"0-d", {.shape = {}}},
      {"0-d and compact", {.shape = {}, .compact = true}},
      {"compact", {.shape = {5, 7}, .compact = true}},
      {"compact, big-endian", {.type = H5T_IEEE_F64BE, .shape = {5, 7}, .compact = true}},
      {"an empty axis", {.shape = {0, 3}}},
      {"an empty axis, chunked", {.shape = {0, 3}, .chunk = {2, 2}, .most = {-1, 3}, .deflate = 1}},
      {"chunks that divide exactly", {.shape = {6, 4}, .chunk = {2, 2}}},
      {"ragged edges", {.shape = {5, 7}, .chunk = {2, 3}}},
      {"one chunk larger than the array", {.shape = {5, 7}, .chunk = {8, 8}, .most = {-1, -1}, .deflate = 1}},
      {"chunks of single elements", {.shape = {4, 3}, .chunk = {1, 1}, .deflate = 1}},
      {"whole rows, which decode in place", {.shape = {6, 8}, .chunk = {2, 8}, .shuffle = true}},
      {"contiguous, big-endian", {.type = H5T_STD_I16BE, .shape = {5, 7}}},
      {"chunked, big-endian, decoded in place",
       {.type = H5T_IEEE_F32BE, .shape = {6, 8}, .chunk = {2, 8}, .deflate = 1}},
      {"chunked, big-endian, with edges", {.type = H5T_STD_U64BE, .shape = {5, 7}, .chunk = {2, 3}, .shuffle = true}},
      {"big-endian without filters", {.type = H5T_STD_U32BE, .shape = {5, 7}, .chunk = {2, 3}}},
      {"edges stored without filters",
       {.shape = {5, 7}, .chunk = {2, 3}, .deflate = 6, .shuffle = true, .plain_edges = true}},
      {"fill value, nothing written, contiguous", {.shape = {3, 4}, .fill = 2.0, .written = Box{{0, 0}, {0, 0}}}},
      {"fill value, nothing written, big-endian",
       {.type = H5T_IEEE_F64BE, .shape = {3, 4}, .fill = 2.5, .written = Box{{0, 0}, {0, 0}}}},
      {"fill value, nothing written, chunked",
       {.shape = {5, 7}, .chunk = {2, 3}, .deflate = 1, .fill = 9.0, .written = Box{{0, 0}, {0, 0}}}},
      {"fill value, some chunks written",
       {.type = H5T_STD_I16BE,
        .shape = {9, 9},
        .chunk = {2, 3},
        .fletcher32 = true,
        .fill = -7.0,
        .written = Box{{3, 4}, {5, 8}}}},
      {"seven axes", {.shape = {2, 1, 3, 1, 2, 2, 3}, .chunk = {1, 1, 2, 1, 2, 2, 2}, .deflate = 1}},
  };
  {
    H5Maker file(path_);
    int number = 0;
    for (const Case& one : cases) file.dataset("d" + std::to_string(number++), one.made);
  }
  const StoredGroup group = open_hdf5(path_);
  ASSERT_EQ(group.arrays.size(), std::size(cases));
  for (std::size_t k = 0; k < std::size(cases); ++k) {
    SCOPED_TRACE(cases[k].why);
    const StoredArray* array = group.find("d" + std::to_string(k));
    ASSERT_NE(array, nullptr);
    const ArrayDescription& description = array->description();
    EXPECT_EQ(description.grid.shape(), cases[k].made.shape);
    EXPECT_EQ(description.contiguous, cases[k].made.chunk.empty());
    EXPECT_EQ(array->needs_index(), !cases[k].made.chunk.empty());
    expect_reads_like(*array, library_values(path_, description.name, description.dtype));
  }
}

TEST_F(H5Arrays, EveryCombinationOfFiltersIsDecoded) {
  {
    H5Maker file(path_);
    for (int mask = 0; mask < 8; ++mask)
      file.dataset("f" + std::to_string(mask), {.type = H5T_IEEE_F64LE,
                                                .shape = {11, 9},
                                                .chunk = {4, 5},
                                                .deflate = mask & 1 ? 4 : -1,
                                                .shuffle = (mask & 2) != 0,
                                                .fletcher32 = (mask & 4) != 0});
  }
  const StoredGroup group = expect_like_library(path_);
  ASSERT_EQ(group.arrays.size(), 8U);
  EXPECT_EQ(group.find("f0")->description().encoding, "raw");
  EXPECT_EQ(group.find("f7")->description().encoding, "fletcher32, shuffle, deflate 4");
}

TEST_F(H5Arrays, EveryElementTypeKeepsItsValues) {
  const H5Handle text(H5Tcopy(H5T_C_S1));
  H5Tset_size(text.id(), 5);
  const H5Handle truth(H5Tenum_create(H5T_NATIVE_INT8));
  for (std::int8_t value : {0, 1}) H5Tenum_insert(truth.id(), value ? "TRUE" : "FALSE", &value);
  struct Typed {
    const char* name;
    hid_t type;
    DType dtype;
  };
  const Typed types[] = {
      {"i1", H5T_STD_I8LE, DType::int8},      {"i1b", H5T_STD_I8BE, DType::int8},
      {"i2", H5T_STD_I16LE, DType::int16},    {"i2b", H5T_STD_I16BE, DType::int16},
      {"i4", H5T_STD_I32LE, DType::int32},    {"i4b", H5T_STD_I32BE, DType::int32},
      {"i8", H5T_STD_I64LE, DType::int64},    {"i8b", H5T_STD_I64BE, DType::int64},
      {"u1", H5T_STD_U8LE, DType::uint8},     {"u2b", H5T_STD_U16BE, DType::uint16},
      {"u4", H5T_STD_U32LE, DType::uint32},   {"u8b", H5T_STD_U64BE, DType::uint64},
      {"f4", H5T_IEEE_F32LE, DType::float32}, {"f4b", H5T_IEEE_F32BE, DType::float32},
      {"f8", H5T_IEEE_F64LE, DType::float64}, {"f8b", H5T_IEEE_F64BE, DType::float64},
      {"text", text.id(), DType::bytes(5)},   {"truth", truth.id(), DType::int8},
  };
  {
    H5Maker file(path_);
    for (const Typed& one : types) {
      file.dataset(one.name, {.type = one.type, .shape = {5, 3}});
      file.dataset(std::string(one.name) + "_chunked",
                   {.type = one.type, .shape = {5, 3}, .chunk = {2, 2}, .deflate = 1, .shuffle = true});
    }
  }
  const StoredGroup group = expect_like_library(path_);
  for (const Typed& one : types) {
    ASSERT_NE(group.find(one.name), nullptr) << one.name;
    EXPECT_EQ(group.find(one.name)->description().dtype, one.dtype) << one.name;
  }
}

TEST_F(H5Arrays, WhatOnlyTheLibraryDecodesIsReadByItOnOneThread) {
  const H5Handle odd(H5Tcopy(H5T_STD_I32BE));
  H5Tset_precision(odd.id(), 17);
  H5Tset_offset(odd.id(), 3);
  struct Packed {
    const char* name;
    hid_t type;
    void (*filter)(hid_t list);
    const char* encoding;
  };
  const Packed all[] = {
      {"so_int", H5T_STD_I32LE, [](hid_t list) { H5Pset_scaleoffset(list, H5Z_SO_INT, H5Z_SO_INT_MINBITS_DEFAULT); },
       "scale-offset, read by the HDF5 library"},
      {"so_real", H5T_IEEE_F64BE, [](hid_t list) { H5Pset_scaleoffset(list, H5Z_SO_FLOAT_DSCALE, 2); },
       "scale-offset, read by the HDF5 library"},
      {"nbit", odd.id(), [](hid_t list) { H5Pset_nbit(list), H5Pset_shuffle(list), H5Pset_deflate(list, 1); },
       "n-bit, shuffle, deflate, read by the HDF5 library"},
      {"odd", odd.id(), [](hid_t) {}, "read by the HDF5 library"},
  };
  {
    H5Maker file(path_);
    for (const Packed& one : all) {
      const H5Handle list(H5Pcreate(H5P_DATASET_CREATE));
      const hsize_t lengths[] = {7, 5}, chunk[] = {3, 2}, start[] = {0, 0}, count[] = {6, 5};
      H5Pset_chunk(list.id(), 2, chunk);
      const int fill = 9;
      H5Pset_fill_value(list.id(), H5T_NATIVE_INT, &fill);
      one.filter(list.id());
      const H5Handle space(H5Screate_simple(2, lengths, nullptr)), memory(H5Screate_simple(2, count, nullptr));
      const H5Handle data(H5Dcreate2(file.id(), one.name, one.type, space.id(), H5P_DEFAULT, list.id(), H5P_DEFAULT));
      H5Sselect_hyperslab(space.id(), H5S_SELECT_SET, start, nullptr, count,
                          nullptr);  // the last row's chunks stay away
      std::vector<int> values;
      for (int k = 0; k < 30; ++k) values.push_back(k * k - 7 * k);
      ASSERT_GE(H5Dwrite(data.id(), H5T_NATIVE_INT, memory.id(), space.id(), H5P_DEFAULT, values.data()), 0);
    }
    file.dataset("plain", {.shape = {7, 5}, .chunk = {3, 2}, .deflate = 1});
  }
  const StoredGroup group = expect_like_library(path_);
  ASSERT_EQ(group.arrays.size(), 5U);
  for (const Packed& one : all) {
    const StoredArray& array = *group.find(one.name);
    EXPECT_EQ(array.reading_library(), "HDF5") << one.name;
    EXPECT_FALSE(array.needs_index()) << one.name;
    EXPECT_EQ(array.description().encoding, one.encoding);
    EXPECT_EQ(array.description().grid, ChunkGrid::regular({7, 5}, {3, 2})) << one.name;
    BufferPool pool;
    std::int64_t bytes = 0;
    std::vector<std::byte> out(35 * array.description().dtype.size());
    array.read(Box::whole({7, 5}), {.pool = &pool, .index = {}, .bytes_read = &bytes}, out);
    EXPECT_GT(bytes, 0) << one.name;
  }
  EXPECT_EQ(group.find("plain")->reading_library(), "");
}

TEST_F(H5Arrays, AUserBlockShiftsEveryAddress) {
  {
    H5Maker file(path_, {.user_block = 2048});
    file.dataset("contiguous", {.shape = {5, 7}});
    file.dataset("chunked", {.shape = {5, 7}, .chunk = {2, 3}, .deflate = 1});
    file.dataset("never", {.shape = {5, 7}, .fill = 3.0, .written = Box{{0, 0}, {0, 0}}});
  }
  EXPECT_EQ(expect_like_library(path_).arrays.size(), 3U);
}

TEST_F(H5Arrays, AChunkWhoseFiltersWereLeftOutIsReadAsItsMaskSays) {
  {
    H5Maker file(path_);
    file.dataset("x", {.shape = {4, 4}, .chunk = {2, 4}, .deflate = 1, .shuffle = true});
    const H5Handle dataset = file.open("x");
    const std::int32_t plain[] = {1, -2, 3, -4, 5, -6, 7, 1 << 20};
    const hsize_t offset[] = {2, 0};
    ASSERT_GE(H5Dwrite_chunk(dataset.id(), H5P_DEFAULT, 3, offset, sizeof plain, plain), 0);  // both filters left out
  }
  expect_like_library(path_);
}

TEST_F(H5Arrays, ReadingCountsTheBytesThatTheFileGave) {
  {
    H5Maker file(path_);
    file.dataset("wide", {.type = H5T_NATIVE_INT8, .shape = {4, 100'000}});
    file.dataset("near", {.type = H5T_NATIVE_INT8, .shape = {4, 100}});
  }
  const StoredGroup group = open_hdf5(path_);
  BufferPool pool;
  std::int64_t bytes = 0;
  std::vector<std::byte> out(4);
  group.find("wide")->read({{0, 7}, {4, 8}}, {.pool = &pool, .index = {}, .bytes_read = &bytes}, out);
  EXPECT_EQ(bytes, 4) << "far runs cost their own bytes only";
  bytes = 0;
  group.find("near")->read({{0, 7}, {4, 8}}, {.pool = &pool, .index = {}, .bytes_read = &bytes}, out);
  EXPECT_EQ(bytes, 301) << "near runs are read in one piece, and what lies between is counted";
}

TEST_F(H5Arrays, IdentityTellsFilesAndArraysApart) {
  {
    H5Maker file(path_);
    file.dataset("x", {.shape = {4}});
    file.dataset("y", {.shape = {4}});
  }
  const StoredGroup first = open_hdf5(path_), again = open_hdf5(path_);
  EXPECT_EQ(first.find("x")->identity(), again.find("x")->identity());
  EXPECT_NE(first.find("x")->identity(), first.find("y")->identity());
  H5Maker(path_).dataset("x", {.shape = {5}});
  EXPECT_NE(open_hdf5(path_).find("x")->identity(), first.find("x")->identity());
}

}  // namespace
}  // namespace dunlin::test
