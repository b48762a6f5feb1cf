// Opening a file shows every dataset once, in the file's order, and says why it leaves out what it cannot read.

#include "hdf5/h5_group.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "h5_fixture.hpp"

namespace dunlin::test {
namespace {

class H5Groups : public ::testing::Test {
 protected:
  std::vector<std::string> names() {
    std::vector<std::string> result;
    for (const auto& array : open_hdf5(path_).arrays) result.push_back(array->description().name);
    return result;
  }
  /// Makes an empty dataset from a creation list.
  void make(const H5Maker& file, const char* name, hid_t type, hid_t list = H5P_DEFAULT) {
    const hsize_t length = 8;
    const H5Handle space(H5Screate_simple(1, &length, nullptr));
    const H5Handle dataset(H5Dcreate2(file.id(), name, type, space.id(), H5P_DEFAULT, list, H5P_DEFAULT));
    ASSERT_TRUE(dataset.is_open()) << name;
  }
  using Names = std::vector<std::string>;
  TemporaryFolder folder_;
  std::string path_ = folder_ / "made.h5";
};

TEST_F(H5Groups, ArraysComeByNameOrInCreationOrderGroupByGroup) {
  for (const bool tracked : {false, true}) {
    {
      H5Maker file(path_, {.track_order = tracked});
      file.group("deep", tracked);
      for (const char* name : {"z", "deep/y", "a", "deep/b"}) file.dataset(name, {.shape = {2}});
    }
    EXPECT_EQ(names(), tracked ? (Names{"z", "a", "deep/y", "deep/b"}) : (Names{"a", "z", "deep/b", "deep/y"}));
  }
}

TEST_F(H5Groups, GroupsThatHoldThemselvesEnd) {
  {
    H5Maker file(path_);
    file.dataset("g/x", {.shape = {2}});
    ASSERT_GE(H5Lcreate_hard(file.id(), "/", file.id(), "g/up", H5P_DEFAULT, H5P_DEFAULT), 0);
    ASSERT_GE(H5Lcreate_hard(file.id(), "g/x", file.id(), "also_x", H5P_DEFAULT, H5P_DEFAULT), 0);
  }
  EXPECT_EQ(names(), (Names{"also_x", "g/x"})) << "a second hard link is a second name";
}

TEST_F(H5Groups, WhatIsNotReadIsSkippedWithAReason) {
  const std::string other = folder_ / "other";
  {
    H5Maker file(path_);
    file.dataset("x", {.shape = {8}});
    H5Handle text(H5Tcopy(H5T_C_S1));
    H5Tset_size(text.id(), H5T_VARIABLE);
    make(file, "strings", text.id());
    make(file, "long", H5T_NATIVE_LDOUBLE);
    make(file, "bits", H5T_STD_B8LE);
    const H5Handle pair(H5Tcreate(H5T_COMPOUND, 8));
    H5Tinsert(pair.id(), "a", 0, H5T_NATIVE_INT);
    make(file, "pairs", pair.id());
    const H5Handle packed(H5Pcreate(H5P_DATASET_CREATE));
    const hsize_t chunk = 4;
    H5Pset_chunk(packed.id(), 1, &chunk);
    H5Pset_scaleoffset(packed.id(), H5Z_SO_INT, 3);
    make(file, "packed", H5T_NATIVE_INT, packed.id());
    const H5Handle foreign(H5Pcreate(H5P_DATASET_CREATE));
    H5Pset_chunk(foreign.id(), 1, &chunk);
    H5Pset_filter(foreign.id(), 32015, H5Z_FLAG_OPTIONAL, 0, nullptr);
    make(file, "foreign", H5T_NATIVE_INT, foreign.id());
    const H5Handle outside(H5Pcreate(H5P_DATASET_CREATE));
    H5Pset_external(outside.id(), other.c_str(), 0, H5F_UNLIMITED);
    make(file, "outside", H5T_NATIVE_INT, outside.id());
    const H5Handle joined(H5Pcreate(H5P_DATASET_CREATE));
    const hsize_t length = 8;
    const H5Handle space(H5Screate_simple(1, &length, nullptr));
    H5Pset_virtual(joined.id(), space.id(), other.c_str(), "x", space.id());
    make(file, "virtual", H5T_NATIVE_INT, joined.id());
    const H5Handle null(H5Screate(H5S_NULL));
    const H5Handle nothing(
        H5Dcreate2(file.id(), "null", H5T_NATIVE_INT, null.id(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Lcreate_soft("/x", file.id(), "soft", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_external(other.c_str(), "/x", file.id(), "elsewhere", H5P_DEFAULT, H5P_DEFAULT);
    const H5Handle type(H5Tcopy(H5T_NATIVE_INT));
    H5Tcommit2(file.id(), "a_type", type.id(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    std::vector<hsize_t> many(17, 1);
    const H5Handle large(H5Screate_simple(17, many.data(), nullptr));
    const H5Handle axes(
        H5Dcreate2(file.id(), "axes", H5T_NATIVE_INT, large.id(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  }
  EXPECT_EQ(names(), (Names{"packed", "x"}));
  std::map<std::string, std::string> reasons;
  for (const SkippedVariable& skipped : open_hdf5(path_).skipped) reasons[skipped.name] = skipped.reason;
  const std::map<std::string, std::string> expected = {
      {"strings", "its type is variable-length text, which is not read"},
      {"long", "its type is a floating-point format of 16 bytes other than IEEE 4 and 8, which is not read"},
      {"bits", "its type is bit fields, which is not read"},
      {"pairs", "its type is compound values, which is not read"},
      {"foreign", "it is encoded with zstd (HDF5 filter 32015), which is not decoded"},
      {"outside", "its values lie in other files (external storage), which is not read"},
      {"virtual", "it is put together from other datasets (virtual), which is not read"},
      {"null", "it holds no value (a null dataspace)"},
      {"soft", "it is a soft link: use the name that it points to"},
      {"elsewhere", "it is a link into another file, which is not read"},
      {"axes", "it has 17 axes, of which at most 16 can be handled"},
  };
  EXPECT_EQ(reasons, expected);
  using Kind = SkippedVariable::Kind;
  for (const SkippedVariable& skipped : open_hdf5(path_).skipped) {
    const std::string& name = skipped.name;
    const bool storage = name == "foreign" || name == "outside" || name == "virtual";
    EXPECT_EQ(skipped.kind, storage                                 ? Kind::storage
                            : name == "elsewhere" || name == "soft" ? Kind::place
                                                                    : Kind::type)
        << name;
    EXPECT_EQ(skipped.dimensions.size(), storage ? 1U : 0U) << "one axis each: " << name;
  }
}

TEST_F(H5Groups, EveryGroupHasItsOwnAttributes) {
  {
    H5Maker file(path_);
    add_text(file.open("/").id(), "title", "a title");
    add_text(file.open("/").id(), "_NCProperties", "version=2");
    file.group("sea", false);
    add_text(file.open("sea").id(), "title", "the sea's");
  }
  const StoredGroup group = open_hdf5(path_);
  EXPECT_EQ(group.attributes_of("sea").text_or("title", ""), "the sea's");
  EXPECT_EQ(group.attributes.text_or("title", ""), "a title");
  EXPECT_EQ(group.attributes.entries().size(), 1U);
  EXPECT_EQ(group.format, "netCDF-4");
  EXPECT_EQ(group.path, path_);
}

TEST_F(H5Groups, AGroupTravelsWithoutItsFile) {
  {
    H5Maker file(path_);
    file.dataset("lat", {.shape = {5}, .chunk = {2}, .deflate = 1});
    make_scale(file, "lat");
    add_text(file.open("lat").id(), "units", "degrees");
  }
  const StoredGroup group = open_hdf5(path_);
  Packer packed;
  group.pack(packed);
  ASSERT_EQ(std::rename(path_.c_str(), (path_ + ".moved").c_str()), 0);
  Unpacker in(packed.bytes());
  const StoredGroup copy = unpack_stored(in);
  EXPECT_TRUE(in.done());
  const ArrayDescription &before = group.find("lat")->description(), &after = copy.find("lat")->description();
  EXPECT_EQ(copy.format, group.format);
  EXPECT_EQ(after.dtype, before.dtype);
  EXPECT_EQ(after.grid, before.grid);
  EXPECT_EQ(after.dimensions, before.dimensions);
  EXPECT_EQ(after.attributes, before.attributes);
  EXPECT_EQ(after.fill_value, before.fill_value);
  EXPECT_EQ(after.encoding, before.encoding);
}

TEST_F(H5Groups, SignaturesAreFoundBehindUserBlocksOnly) {
  for (const std::uint64_t block : {0, 512, 1024, 4096}) {
    H5Maker(path_, {.user_block = block}).dataset("x", {.shape = {2}});
    EXPECT_TRUE(is_hdf5(path_)) << block;
  }
  std::ofstream(path_) << "CDF\1 and so on, which is no HDF5";
  EXPECT_FALSE(is_hdf5(path_));
  std::ofstream(path_) << "";
  EXPECT_FALSE(is_hdf5(path_)) << "an empty file";
}

}  // namespace
}  // namespace dunlin::test
