#pragma once
// One variable of a dataset as it lies on disk: stored values, named axes, attributes.
//
// A variable is *stored values + encoding*: packing and missing markers stay in its attributes until something computes
// (decode.hpp). Variables that a computation made have neither, so decoding them changes nothing.
//
//   int16 tos(time, y, x)   attributes scale_factor 0.01f, _FillValue −32768     stored: int16, decoded: float32 with
//   NaN
//
// A coordinate variable (one axis, of its own name) also holds its values on every rank, since matching and selection
// need them; all others are lazy. Variables are immutable values in use: copy, then change the copy.

#include <memory>
#include <string>
#include <vector>

#include "dunlin/array/array.hpp"
#include "dunlin/io/attributes.hpp"

namespace dunlin {

struct Variable {
  std::string name;
  /// Stored values.
  Array data;
  /// One name per axis of `data`.
  std::vector<std::string> dims;
  Attributes attributes;
  /// Value of elements that were never written, of data.dtype(); empty: zeros.
  std::vector<std::byte> fill_value;
  /// Zarr v2: `fill_value` marks missing values.
  bool fill_is_missing = false;
  /// How it lies on disk, for people: "shuffle, deflate 1"; empty for computed ones.
  std::string encoding;
  /// The stored values, row-major, where every rank holds them; else null.
  std::shared_ptr<const std::vector<std::byte>> values;

  /// The axis of this name, or −1.
  int axis(const std::string& dim) const;
  bool has_axis(const std::string& dim) const { return axis(dim) >= 0; }
  /// True for one axis of the variable's own name.
  bool is_coordinate() const { return dims.size() == 1 && dims[0] == name; }
  /// Stored value k as a double. Preconditions: `values` is there, the type is real, k is inside.
  double real_at(std::int64_t k) const;
};

/// Text for a number in messages: "12.5", "1e+20", as short as reads back to the same.
std::string number_text(double value);

}  // namespace dunlin
