#pragma once
// Which of our element types a type of the file is.
//
//   file                                        DType            swapped
//   integers of 1, 2, 4, 8 bytes, either order  int8 … uint64    where big-endian
//   IEEE floats of 4, 8 bytes, either order     float32/64       where big-endian
//   enumerations (h5py's booleans too)          their base type  as the base; see h5_enum.hpp
//   integers of other bits, up to 8 bytes       that of their  by the library
//                                               size
//   text of a fixed length n                    bytes n          never
//
// All else (variable length, compound, half floats, odd bit widths, references …) is not read: the reason says why.

#include <optional>
#include <string>

#include "dunlin/base/dtype.hpp"
#include "h5_handle.hpp"

namespace dunlin {

struct H5ElementType {
  std::optional<DType> dtype;  // nothing where it is not read
  bool swapped = false;        // stored in the other byte order
  bool by_library = false;     // only the library converts it to dtype, in this machine's byte order
  std::string reason;          // why not: "variable-length text", completes "its type is …"
};

/// Throws H5CallFailed where the type cannot be asked. Use: inside an H5Session.
H5ElementType h5_element_type(hid_t type);

}  // namespace dunlin
