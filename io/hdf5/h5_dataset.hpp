#pragma once
// What the header of one dataset says, checked: shape, element type, fill value, layout and filters, or why it cannot
// be read.

#include <optional>
#include <string>
#include <vector>

#include "dunlin/io/stored_array.hpp"
#include "h5_array.hpp"
#include "h5_handle.hpp"

namespace dunlin {

/// An open dataset with the shape that its header gives.
struct H5Dataset {
  std::string path;  // in the file, without a leading slash
  H5Handle handle;
  haddr_t object = HADDR_UNDEF;  // address of its header: who it is, and what a reference to it holds
  Shape shape;
  std::vector<bool> unlimited;  // per axis
  std::string reason;           // why its shape cannot be carried; empty where it can
};

/// Opens a dataset and reads its shape. Throws H5CallFailed. Use: inside an H5Session.
H5Dataset open_dataset(hid_t file, const std::string& path);

/// The variable that a dataset is: its path, where netCDF-4 has not renamed it because a dimension without coordinate
/// has its name ("group/_nc4_non_coord_x" is "group/x").
std::string variable_name(const std::string& path);

/// The array of a dataset whose dimensions have these names and the array these lengths (at least the dataset's own),
/// or the reason why it is not read. Throws H5CallFailed where its header is corrupt. Use: inside an H5Session.
struct H5Outcome {
  std::shared_ptr<const H5Array> array;  // null where there is a reason
  std::string reason;
  bool numbers = false;  // with a reason: it holds real numbers, stored in a way that is not read
};
H5Outcome make_array(const H5Dataset& dataset, std::vector<std::string> dimensions, const Shape& lengths,
                     const std::shared_ptr<const H5File>& file);

}  // namespace dunlin
