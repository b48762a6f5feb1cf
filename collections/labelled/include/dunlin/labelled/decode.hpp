#pragma once
// From stored values to numbers: missing → NaN, then scale and offset.
//
// Types are xarray's, but for packed float64, which would lose stored digits in float32:
//
//   packed                 the float type that scale_factor and add_offset share; float64 if they differ, if only an
//                          offset is there, for integers over 16 bits with both, or for stored float64
//   missing marker only    float32 for integers of up to 16 bits and for float32, else float64
//   neither                as stored
//
// Missing are NaN, `_FillValue`, each value of `missing_value`, and a Zarr v2 fill_value; `valid_*` is not applied.
// Markers are compared in the stored type. `_Unsigned` ("true" on signed integers, "false" on unsigned ones) changes
// the sign before anything else. A float `_FillValue` may be the base64 text of a little-endian float64, as Zarr v3
// spells it; a marker that is a text is the number that it reads as. Variables with `flag_values` or `flag_masks`, and
// those of no real type, are never decoded.

#include <vector>

#include "dunlin/array/elementwise.hpp"
#include "dunlin/labelled/variable.hpp"

namespace dunlin {

/// scale_factor or add_offset is not one number.
struct BadPacking : InputError {
  BadPacking(const std::string& variable, const std::string& attribute);
  std::string variable, attribute;
};

/// How a variable decodes.
struct Decoding {
  /// Type of the integers after `_Unsigned`; else the stored type.
  DType integers;
  /// Markers of missing values in the type `integers`; NaN is never one.
  std::vector<Marker> missing;
  bool packed = false;
  double scale = 1, offset = 0;
  /// Type of the decoded values.
  DType type;
};

/// Throws BadPacking.
Decoding decoding_of(const std::string& name, DType stored, const Attributes& attributes,
                     const std::vector<std::byte>& fill_value, bool fill_is_missing);
Decoding decoding_of(const Variable& variable);
/// Type of the decoded values. Throws BadPacking.
DType decoded_type(const Variable& variable);
/// Elementwise layers on top of the stored values, or these themselves. Throws BadPacking.
Array decode(const Variable& variable);

/// Attributes that say how values are stored or which range they have, and are untrue of a result; removed.
Attributes without_encoding(Attributes attributes);
/// Markers of missing values that are texts and no numbers, and so mark nothing: names of attributes.
std::vector<std::string> unread_markers(const Variable& variable);
/// The attributes as people read them: a `_FillValue` in base64 is the number that it spells.
Attributes readable(Attributes attributes, DType stored);
/// The bytes of NaN in a float type: the fill value of computed variables.
std::vector<std::byte> missing_value(DType type);

}  // namespace dunlin
