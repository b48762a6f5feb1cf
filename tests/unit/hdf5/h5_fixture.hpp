#pragma once
// Makes HDF5 files with the library, and reads them back with it: what our reader is compared with.
//
//   H5Maker file(folder / "a.h5");
//   file.dataset("x", {.type = H5T_STD_I32BE, .shape = {5, 7}, .chunk = {2, 3}, .deflate = 1});   // written
//   file.close();
//   expect_like_library(folder / "a.h5");          every array that our reader shows

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "conformance/io/stored_array_conformance.hpp"
#include "hdf5/h5_group.hpp"
#include "hdf5/h5_handle.hpp"
#include "support/temporary_folder.hpp"

namespace dunlin::test {

/// How a dataset is to be made. Numbers get values that differ from element to element.
struct H5Made {
  hid_t type = H5I_INVALID_HID;  // int32 of this machine unless said
  Shape shape;
  Shape chunk = {};  // empty: not chunked
  Shape most = {};   // H5S_UNLIMITED as -1; empty: the shape
  int deflate = -1;  // level, -1: none
  bool shuffle = false;
  bool fletcher32 = false;
  bool compact = false;
  bool plain_edges = false;
  std::optional<double> fill = {};
  std::optional<Box> written = {};  // nothing: all; empty box: nothing at all
};

class H5Maker {
 public:
  struct Options {
    H5F_libver_t low = H5F_LIBVER_EARLIEST, high = H5F_LIBVER_LATEST;
    std::uint64_t user_block = 0;
    bool track_order = false;
  };
  explicit H5Maker(std::string path) : H5Maker(std::move(path), Options{}) {}
  H5Maker(std::string path, const Options& options);

  hid_t id() const { return file_.id(); }
  /// Makes and writes a dataset; groups on the way are made.
  void dataset(const std::string& name, const H5Made& made);
  void group(const std::string& name, bool track_order);
  /// Opens any object of the file.
  H5Handle open(const std::string& name) const;
  void close() { file_ = H5Handle(); }

 private:
  H5Handle file_;
};

/// Attributes, on an open object.
void add_text(hid_t object, const std::string& name, const std::string& text);
void add_number(hid_t object, const std::string& name, hid_t type, double value);
/// A list of one reference per name under DIMENSION_LIST; an empty name leaves the list of its axis empty.
void add_dimension_list(const H5Maker& file, const std::string& dataset, const std::vector<std::string>& scales);
void make_scale(const H5Maker& file, const std::string& dataset, const std::string& name = "");

/// All values of a dataset in this machine's byte order, by H5Dread.
std::vector<std::byte> library_values(const std::string& path, const std::string& dataset, DType dtype);

/// Every array of the file reads as the library reads it, also after a journey through pack. Returns the group.
StoredGroup expect_like_library(const std::string& path);

/// The message of the E that `call` throws; a failed test where it throws none.
template <class E>
std::string message_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const E& error) {
    return error.what();
  } catch (const std::exception& other) {
    ADD_FAILURE() << "another error: " << other.what();
    return "";
  }
  ADD_FAILURE() << "no error";
  return "";
}

}  // namespace dunlin::test
