#pragma once
// An array with names and labels: xarray's DataArray, lazy, on all ranks.
//
// A `DataArray` is a variable together with the coordinates that label it (and what they refer to: bounds, grid
// mappings). Computing takes decoded values: NaN where missing, scaled. Operands meet by dimension name, in order of
// first appearance, however their axes are ordered; where both have the coordinate of a shared dimension, it must
// agree.
//
//   DataArray t = ds["air_temperature"];       // (time, latitude, longitude) float32, coordinates time, height, …
//   DataArray m = t.mean("time");              // (latitude, longitude), cell_methods gains "time: mean"
//   DataArray a = t - m;                       // (time, latitude, longitude), name and attributes of t
//
// A result loses the packing and range attributes of its inputs (scale_factor, add_offset, _FillValue, missing_value,
// valid_*, actual_range, _Unsigned). Attributes of a difference: what both sides agree on or only one has;
// `cell_methods` is the left side's. Immutable, cheap to copy.

#include <string>
#include <vector>

#include "dunlin/array/reductions.hpp"
#include "dunlin/labelled/dimension.hpp"
#include "dunlin/labelled/variable.hpp"

namespace dunlin {

class DataArray {
 public:
  /// `related`: coordinates of the variable and what these and it refer to, in any order. `dimensions` covers the axes
  /// of all of them. `inputs`: files that are read. Throws InputError where the variable's packing attributes make no
  /// sense.
  DataArray(Variable variable, std::vector<Variable> related, std::vector<Dimension> dimensions,
            std::vector<std::string> inputs);

  const std::string& name() const { return variable_.name; }
  const std::vector<std::string>& dims() const { return variable_.dims; }
  Shape shape() const { return data_.shape(); }
  /// Type of the decoded values.
  DType dtype() const { return data_.dtype(); }
  /// Attributes as stored (packing included).
  const Attributes& attributes() const { return variable_.attributes; }
  const std::vector<Variable>& related() const { return related_; }
  const std::vector<Dimension>& dimensions() const { return dimensions_; }
  const std::vector<std::string>& inputs() const { return inputs_; }
  /// Null where there is none of this name.
  const Variable* coordinate(const std::string& name) const;

  /// Decoded values.
  const Array& data() const { return data_; }
  /// Stored values and encoding.
  const Variable& variable() const { return variable_; }
  DataArray rename(std::string name) const;

  /// Mean over named dimensions, missing values skipped unless `options` says otherwise; accumulated in double.
  /// Dimensions are resolved as choose_dimension does. Throws NoSuchDimension, NotReal.
  DataArray mean(const DimensionNames& dims, const ReduceOptions& options = {}) const;

  /// Collective, as Array::compute, of the decoded values.
  template <class T>
  std::vector<T> compute() const {
    return data_.compute<T>();
  }

 private:
  Variable variable_;
  Array data_;
  std::vector<Variable> related_;
  std::vector<Dimension> dimensions_;
  std::vector<std::string> inputs_;
};

/// Matched by name. Throws LengthsDiffer, CoordinatesDiffer (match.hpp), NotReal.
DataArray operator-(const DataArray& a, const DataArray& b);

/// A variable that cannot be computed with: text, bool, complex.
struct NotReal : UsageError {
  NotReal(const std::string& variable, DType type);
  std::string variable;
};

}  // namespace dunlin
