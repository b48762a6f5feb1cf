// Names and lengths of dimensions as netCDF-4 sees them: scales, dimensions without coordinate, unlimited ones that
// some variables lag behind, groups.

#include <gtest/gtest.h>

#include "h5_fixture.hpp"

namespace dunlin::test {
namespace {

constexpr const char* kPure = "This is a netCDF dimension but not a netCDF variable         5";

class H5DimensionsTest : public ::testing::Test {
 protected:
  const ArrayDescription& description(const StoredGroup& group, const std::string& name) {
    const StoredArray* array = group.find(name);
    if (!array) throw std::runtime_error("no array " + name);
    return array->description();
  }
  using Names = std::vector<std::string>;
  TemporaryFolder folder_;
  std::string path_ = folder_ / "made.nc";
};

TEST_F(H5DimensionsTest, ScalesNameTheAxesOfOthersAndTheirOwn) {
  {
    H5Maker file(path_);
    file.dataset("lat", {.shape = {5}});
    file.dataset("bnds", {.shape = {2}});
    file.dataset("t", {.shape = {5, 2, 3}});
    make_scale(file, "lat", "lat");
    make_scale(file, "bnds", kPure);
    add_dimension_list(file, "t", {"lat", "bnds", ""});
  }
  const StoredGroup group = open_hdf5(path_);
  EXPECT_EQ(group.format, "netCDF-4");
  EXPECT_EQ(description(group, "t").dimensions, (Names{"lat", "bnds", ""}));
  EXPECT_EQ(description(group, "lat").dimensions, Names{"lat"});
  EXPECT_EQ(group.find("bnds"), nullptr) << "a dimension without coordinate is no variable";
  ASSERT_EQ(group.dimensions.size(), 2U);
  EXPECT_EQ(group.dimensions[0].name, "bnds");
  EXPECT_EQ(group.dimensions[0].length, 2);
  EXPECT_FALSE(group.dimensions[0].unlimited);
  EXPECT_TRUE(description(group, "lat").attributes.empty()) << "CLASS and NAME are bookkeeping";
}

TEST_F(H5DimensionsTest, WithoutScalesNoAxisHasAName) {
  H5Maker(path_).dataset("x", {.shape = {5, 2}});
  const StoredGroup group = open_hdf5(path_);
  EXPECT_EQ(group.format, "HDF5");
  EXPECT_EQ(description(group, "x").dimensions, (Names{"", ""}));
  EXPECT_TRUE(group.dimensions.empty());
}

TEST_F(H5DimensionsTest, AVariableThatLagsBehindAnUnlimitedDimensionReadsAsFillBeyondItsEnd) {
  {
    H5Maker file(path_);
    file.dataset("time", {.shape = {3}, .chunk = {2}, .most = {-1}});
    file.dataset("long", {.shape = {9, 4}, .chunk = {2, 4}, .most = {-1, 4}, .deflate = 1});
    file.dataset("short", {.shape = {3, 4}, .chunk = {2, 4}, .most = {-1, 4}, .deflate = 1, .fill = 77.0});
    make_scale(file, "time");
    add_dimension_list(file, "long", {"time", ""});
    add_dimension_list(file, "short", {"time", ""});
  }
  const StoredGroup group = open_hdf5(path_);
  ASSERT_EQ(group.dimensions.size(), 1U);
  EXPECT_EQ(group.dimensions[0].length, 9);
  EXPECT_TRUE(group.dimensions[0].unlimited);
  EXPECT_EQ(description(group, "time").grid.shape(), Shape{9});
  EXPECT_EQ(description(group, "short").grid.shape(), (Shape{9, 4}));
  std::vector<std::byte> expected = library_values(path_, "short", DType::int32);
  const std::int32_t fill = 77;
  while (expected.size() < 9 * 4 * sizeof fill)
    expected.insert(expected.end(), reinterpret_cast<const std::byte*>(&fill),
                    reinterpret_cast<const std::byte*>(&fill + 1));
  expect_reads_like(*group.find("short"), expected);
}

TEST_F(H5DimensionsTest, ANameIsNotUsedWhereTheLengthsDisagree) {
  {
    H5Maker file(path_);
    file.dataset("lat", {.shape = {5}});
    file.dataset("t", {.shape = {4, 5}});
    make_scale(file, "lat");
    add_dimension_list(file, "t", {"lat", "lat"});
  }
  EXPECT_EQ(description(open_hdf5(path_), "t").dimensions, (Names{"", "lat"}));
}

TEST_F(H5DimensionsTest, AReferenceToNoScaleLeavesTheAxisWithoutName) {
  {
    H5Maker file(path_);
    file.dataset("plain", {.shape = {5}});
    file.dataset("t", {.shape = {5}});
    add_dimension_list(file, "t", {"plain"});
  }
  EXPECT_EQ(description(open_hdf5(path_), "t").dimensions, Names{""});
}

TEST_F(H5DimensionsTest, NetcdfIdsOrderDimensionsAndNameTheAxesOfTextCoordinates) {
  {
    H5Maker file(path_);
    file.dataset("a_length", {.shape = {8}});
    file.dataset("label", {.shape = {3, 8}});  // a coordinate of two axes: its own scale, ids say the second axis
    make_scale(file, "a_length", kPure);
    make_scale(file, "label");
    add_number(file.open("a_length").id(), "_Netcdf4Dimid", H5T_STD_I32LE, 1);
    add_number(file.open("label").id(), "_Netcdf4Dimid", H5T_STD_I32LE, 0);
    const hsize_t two = 2;
    const int ids[] = {0, 1};
    const H5Handle space(H5Screate_simple(1, &two, nullptr));
    const H5Handle label = file.open("label");
    const H5Handle list(
        H5Acreate2(label.id(), "_Netcdf4Coordinates", H5T_STD_I32LE, space.id(), H5P_DEFAULT, H5P_DEFAULT));
    ASSERT_GE(H5Awrite(list.id(), H5T_NATIVE_INT, ids), 0);
  }
  const StoredGroup group = open_hdf5(path_);
  EXPECT_EQ(description(group, "label").dimensions, (Names{"label", "a_length"}));
  ASSERT_EQ(group.dimensions.size(), 2U);
  EXPECT_EQ(group.dimensions[0].name, "label") << "by netCDF's ids, not by name";
  EXPECT_EQ(group.dimensions[0].length, 3);
}

TEST_F(H5DimensionsTest, AVariableThatNetcdfRenamedGetsItsNameBack) {
  {
    H5Maker file(path_);
    file.dataset("x", {.shape = {5}});
    file.dataset("y", {.shape = {2}});
    file.dataset("_nc4_non_coord_x", {.shape = {2}, .chunk = {1}, .deflate = 1});
    make_scale(file, "x", kPure);
    make_scale(file, "y", kPure);
    add_dimension_list(file, "_nc4_non_coord_x", {"y"});
  }
  const StoredGroup group = open_hdf5(path_);
  EXPECT_EQ(description(group, "x").dimensions, Names{"y"});
  expect_reads_like(*group.find("x"), library_values(path_, "_nc4_non_coord_x", DType::int32));
}

TEST_F(H5DimensionsTest, DimensionsOfGroupsHaveTheirPath) {
  {
    H5Maker file(path_);
    file.dataset("x", {.shape = {5}});
    file.dataset("g/x", {.shape = {3}});
    file.dataset("g/v", {.shape = {3, 5}});
    make_scale(file, "x", kPure);
    make_scale(file, "g/x");
    add_dimension_list(file, "g/v", {"g/x", "x"});
  }
  const StoredGroup group = open_hdf5(path_);
  EXPECT_EQ(description(group, "g/v").dimensions, (Names{"g/x", "x"}));
  EXPECT_EQ(description(group, "g/x").dimensions, Names{"g/x"});
}

}  // namespace
}  // namespace dunlin::test
