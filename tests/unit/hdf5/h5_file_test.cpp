// A file that changed since it was opened is refused, whoever opens it: by address its bytes would mean something else.

#include "hdf5/h5_file.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "h5_fixture.hpp"

namespace dunlin::test {
namespace {

class H5Files : public ::testing::Test {
 protected:
  H5Files() { H5Maker(path_).dataset("x", {.shape = {6}, .chunk = {2}, .deflate = 1}); }
  TemporaryFolder folder_;
  std::string path_ = folder_ / "made.h5";
};

TEST_F(H5Files, AChangedFileIsRefusedByReadersAndByTheIndex) {
  const StoredGroup group = open_hdf5(path_);
  const StoredArray& array = *group.find("x");
  std::filesystem::last_write_time(path_, std::filesystem::last_write_time(path_) + std::chrono::seconds(5));
  std::vector<ChunkExtent> extents(3);
  EXPECT_EQ(message_of<InputChanged>([&] { array.load_index(array.description().grid.all(), extents); }),
            path_ + " changed while it was being read: start again once it is complete");
  for (ChunkExtent& extent : extents) extent = {.address = 100, .size = 8};
  const IndexPage page{array.description().grid.all(), extents};
  BufferPool pool;
  std::vector<std::byte> out(24);
  EXPECT_THROW(array.read(Box::whole({6}), {.pool = &pool, .index = {&page, 1}}, out), InputChanged);
}

TEST_F(H5Files, AMissingFileIsAnInputErrorThatNamesIt) {
  EXPECT_EQ(message_of<InputError>([&] { open_hdf5(folder_ / "none.h5"); }), "no such file: " + (folder_ / "none.h5"));
}

TEST_F(H5Files, OneOpenFileServesTheArraysThatWereUnpackedTogether) {
  H5Maker(path_).dataset("x", {.shape = {6}});
  const auto open_files = [] {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return std::distance(begin(all), end(all));
  };
  const StoredGroup group = open_hdf5(path_);
  std::vector<std::shared_ptr<const StoredArray>> arrays;
  for (int k = 0; k < 5; ++k) {
    Packer packed;
    group.arrays[0]->pack(packed);
    Unpacker in(packed.bytes());
    arrays.push_back(unpack_hdf5_array(in, arrays.empty() ? nullptr : arrays[0].get()));
  }
  const auto before = open_files();
  for (const auto& array : arrays) read_box(*array, Box::whole({6}));
  EXPECT_EQ(open_files(), before + 1);
}

TEST_F(H5Files, ClosingLeavesNoDescriptorAndNoIdentifier) {
  const auto ids = [] { return H5Fget_obj_count(H5F_OBJ_ALL, H5F_OBJ_ALL); };
  const auto before = ids();
  { expect_like_library(path_); }
  EXPECT_EQ(ids(), before);
}

}  // namespace
}  // namespace dunlin::test
