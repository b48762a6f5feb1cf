// Chunk indices come from the library without reading a byte of data: every kind of index that HDF5 has, holes, parts,
// and many chunks.

#include <gtest/gtest.h>

#include <thread>

#include "h5_fixture.hpp"

namespace dunlin::test {
namespace {

class H5Index : public ::testing::Test {
 protected:
  TemporaryFolder folder_;
  std::string path_ = folder_ / "made.h5";
};

TEST_F(H5Index, EveryKindOfIndexIsRead) {
  struct Kind {
    const char* name;
    H5Made made;
  };
  const Kind kinds[] = {
      {"one_chunk", {.shape = {7, 9}, .chunk = {7, 9}}},
      {"one_chunk_filtered", {.shape = {7, 9}, .chunk = {7, 9}, .deflate = 1}},
      {"fixed_array", {.shape = {7, 9}, .chunk = {2, 2}}},
      {"fixed_array_filtered", {.shape = {7, 9}, .chunk = {2, 2}, .deflate = 1, .shuffle = true}},
      {"extensible_array", {.shape = {40, 9}, .chunk = {2, 2}, .most = {-1, 9}}},
      {"extensible_array_filtered", {.shape = {40, 9}, .chunk = {2, 2}, .most = {-1, 9}, .deflate = 1}},
      {"b_tree_2", {.shape = {40, 9}, .chunk = {2, 2}, .most = {-1, -1}}},
      {"b_tree_2_filtered", {.shape = {40, 9}, .chunk = {2, 2}, .most = {-1, -1}, .fletcher32 = true}},
      {"holes", {.shape = {40, 9}, .chunk = {2, 2}, .deflate = 1, .fill = 4.0, .written = Box{{10, 3}, {20, 6}}}},
      {"nothing", {.shape = {40, 9}, .chunk = {2, 2}, .deflate = 1, .fill = 4.0, .written = Box{{0, 0}, {0, 0}}}},
  };
  const std::pair<H5F_libver_t, const char*> versions[] = {{H5F_LIBVER_EARLIEST, "B-trees of version 1"},
                                                           {H5F_LIBVER_LATEST, "the indices of HDF5 1.10"}};
  for (const auto& [version, why] : versions) {
    SCOPED_TRACE(why);
    {
      H5Maker file(path_, {.low = version});
      for (const Kind& kind : kinds) file.dataset(kind.name, kind.made);
    }
    EXPECT_EQ(expect_like_library(path_).arrays.size(), std::size(kinds));
  }
}

TEST_F(H5Index, ChunksThatWereAllocatedBeforehandWithoutAnIndexAreFound) {
  {
    H5Maker file(path_, {.low = H5F_LIBVER_LATEST});
    const H5Handle list(H5Pcreate(H5P_DATASET_CREATE));
    const hsize_t shape[] = {5, 7}, chunk[] = {2, 3};
    H5Pset_chunk(list.id(), 2, chunk);
    H5Pset_alloc_time(list.id(), H5D_ALLOC_TIME_EARLY);
    const H5Handle space(H5Screate_simple(2, shape, nullptr));
    const H5Handle dataset(
        H5Dcreate2(file.id(), "x", H5T_NATIVE_INT32, space.id(), H5P_DEFAULT, list.id(), H5P_DEFAULT));
    std::vector<int> values(35, 11);
    ASSERT_GE(H5Dwrite(dataset.id(), H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), 0);
  }
  expect_like_library(path_);
}

TEST_F(H5Index, PagesOfPartsAgreeWithTheWhole) {
  H5Maker(path_).dataset("x",
                         {.shape = {9, 9}, .chunk = {2, 4}, .deflate = 1, .fill = 1.0, .written = Box{{0, 0}, {6, 9}}});
  const StoredGroup group = open_hdf5(path_);
  const StoredArray& array = *group.find("x");
  const ChunkGrid& grid = array.description().grid;
  std::vector<ChunkExtent> all(static_cast<std::size_t>(grid.count()));
  array.load_index(grid.all(), all);
  std::size_t next = 0;
  grid.all().for_each([&](const ChunkIndex& chunk) {
    ChunkExtent one;
    array.load_index(ChunkBox::single(chunk), {&one, 1});
    EXPECT_EQ(one.address, all[next].address);
    EXPECT_EQ(one.size, all[next].size);
    EXPECT_EQ(one.address == ChunkExtent::kAbsent, chunk.at[0] >= 3) << "rows from 6 on were never written";
    ++next;
  });
  // Two pages, each of some rows of chunks.
  const ChunkBox upper{{0, 0}, {2, 3}}, lower{{2, 0}, {5, 3}};
  const IndexPage pages[] = {{upper, std::span(all).first(6)}, {lower, std::span(all).subspan(6)}};
  std::vector<std::byte> out(static_cast<std::size_t>(array.description().bytes()));
  BufferPool pool;
  array.read(Box::whole({9, 9}), {.pool = &pool, .index = pages}, out);
  EXPECT_EQ(out, library_values(path_, "x", DType::int32));
}

TEST_F(H5Index, AChunkWithoutAPageIsABugOfTheCaller) {
  H5Maker(path_).dataset("x", {.shape = {9, 9}, .chunk = {2, 4}});
  const StoredGroup group = open_hdf5(path_);
  std::vector<std::byte> out(9 * 9 * 4);
  BufferPool pool;
  EXPECT_THROW(group.find("x")->read(Box::whole({9, 9}), {.pool = &pool, .index = {}}, out), InternalError);
  std::vector<ChunkExtent> too_few(2);
  EXPECT_THROW(group.find("x")->load_index({{0, 0}, {5, 3}}, too_few), InternalError);
}

TEST_F(H5Index, AHundredThousandChunksAreFoundAndReadBack) {
  constexpr std::int64_t kChunks = 100'000;
  for (const H5F_libver_t version : {H5F_LIBVER_EARLIEST, H5F_LIBVER_LATEST}) {
    H5Maker(path_, {.low = version})
        .dataset("x", {.type = H5T_NATIVE_INT8,
                       .shape = {kChunks * 2},
                       .chunk = {2},
                       .most = {-1},
                       .deflate = 1,
                       .fill = 3.0,
                       .written = Box{{kChunks / 2}, {kChunks}}});  // a quarter; the others are missing
    const StoredGroup group = open_hdf5(path_);
    const StoredArray& array = *group.find("x");
    std::vector<ChunkExtent> extents(kChunks);
    array.load_index(array.description().grid.all(), extents);
    const IndexPage page{array.description().grid.all(), extents};
    std::vector<std::byte> out(kChunks * 2);
    BufferPool pool;
    std::int64_t bytes = 0;
    array.read(Box::whole({kChunks * 2}), {.pool = &pool, .index = {&page, 1}, .bytes_read = &bytes}, out);
    EXPECT_EQ(out, library_values(path_, "x", DType::int8));
    std::int64_t stored = 0;
    for (const ChunkExtent& extent : extents) stored += extent.size;
    EXPECT_EQ(bytes, stored);
  }
}

TEST_F(H5Index, ThreadsOfOneProcessMayOpenIndexAndReadAtOnce) {
  H5Maker(path_).dataset("x", {.shape = {60, 40}, .chunk = {7, 9}, .deflate = 1, .shuffle = true});
  const auto expected = library_values(path_, "x", DType::int32);
  std::vector<std::vector<std::byte>> results(4);
  std::vector<std::thread> ranks;
  for (auto& result : results)
    ranks.emplace_back([&] {
      const StoredGroup group = open_hdf5(path_);
      result = read_box(*group.find("x"), Box::whole({60, 40}));
    });
  for (std::thread& rank : ranks) rank.join();
  for (const auto& result : results) EXPECT_EQ(result, expected);
}

}  // namespace
}  // namespace dunlin::test
