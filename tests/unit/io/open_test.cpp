// open_stored tells a missing path, a folder, an HDF5 file and everything else apart, in one sentence each.

#include <gtest/gtest.h>

#include <filesystem>

#include "support/temporary_folder.hpp"
#include "zarr_fixture.hpp"

namespace dunlin {
namespace {

std::string message_of(const std::string& path) {
  try {
    open_stored(path);
  } catch (const InputError& error) {
    return error.what();
  }
  return "opened";
}

TEST(OpenStored, AMissingPathIsAnsweredWithTheNearestName) {
  test::TemporaryFolder folder;
  const auto store = make_filesystem_store(folder.path());
  test::put(*store, "temperature.nc", "x");
  test::put(*store, "salinity.nc", "x");
  EXPECT_EQ(message_of(folder / "temprature.nc"),
            "no such file or store: " + (folder / "temprature.nc") + "; did you mean 'temperature.nc'?");
  EXPECT_EQ(message_of(folder / "zzz"), "no such file or store: " + (folder / "zzz"));
  EXPECT_EQ(message_of(folder / "no/such/folder"), "no such file or store: " + (folder / "no/such/folder"));
}

TEST(OpenStored, SaysWhatAFileIsInstead) {
  test::TemporaryFolder folder;
  const auto store = make_filesystem_store(folder.path());
  const auto message = [&](const std::string& content) {
    test::put(*store, "f", content);
    const std::string text = message_of(folder / "f");
    const std::string start = folder / "f" + " cannot be read: expected HDF5, netCDF-4 or a Zarr folder, but ";
    return text.starts_with(start) ? text.substr(start.size()) : text;
  };
  EXPECT_EQ(message(""), "it is empty");
  EXPECT_EQ(message("CDF\1"), "it is a classic netCDF file: convert it with 'nccopy -k nc4'");
  EXPECT_EQ(message("GRIB...."), "it is a GRIB file");
  EXPECT_EQ(message("PK\3\4"), "it is a zip archive: unpack it first");
  EXPECT_EQ(message("\x93NUMPY\1"), "it is a NumPy file");
  EXPECT_EQ(message("hello"), "it begins with neither an HDF5 signature nor one of another known format");
}

TEST(OpenStored, OpensAZarrFolderWithOrWithoutATrailingSlash) {
  test::TemporaryFolder folder;
  test::put(*make_filesystem_store(folder / "a.zarr"), "zarr.json", test::group_node().dump());
  EXPECT_EQ(open_stored(folder / "a.zarr").format, "Zarr v3");
  EXPECT_EQ(open_stored(folder / "a.zarr//").path, folder / "a.zarr");
  EXPECT_EQ(message_of("/dev/null"),
            "/dev/null is neither a file nor a folder: expected HDF5, netCDF-4 or a Zarr folder");
}

}  // namespace
}  // namespace dunlin
