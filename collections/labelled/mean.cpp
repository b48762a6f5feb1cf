// The mean of a labelled array: axes by name, labels that stay, cell_methods.

#include <algorithm>
#include <set>

#include "cell_methods.hpp"
#include "dunlin/labelled/data_array.hpp"
#include "dunlin/labelled/decode.hpp"

namespace dunlin {
namespace {

std::vector<Dimension> dimensions_of(const DataArray& array) {
  std::vector<Dimension> dimensions;
  for (const std::string& dim : array.dims())
    for (const Dimension& dimension : array.dimensions())
      if (dimension.name == dim) dimensions.push_back(dimension);
  return dimensions;
}

}  // namespace

DataArray DataArray::mean(const DimensionNames& dims, const ReduceOptions& options) const {
  if (!dtype().is_real()) throw NotReal(name(), dtype());
  const std::vector<Dimension> own = dimensions_of(*this);
  std::vector<std::string> removed;
  Coords axes;
  for (const std::string& typed : dims) {
    const int axis = choose_dimension(typed, own, related_).axis_of(variable_);
    if (axis < 0) throw NoSuchDimension(typed, this->dims());
    axes.push_back(axis);
    removed.push_back(this->dims()[static_cast<std::size_t>(axis)]);
  }
  const auto is_removed = [&](const std::string& dim) {
    return std::find(removed.begin(), removed.end(), dim) != removed.end();
  };
  Variable result{.name = name(), .data = dunlin::mean(data_, axes, options)};
  for (const std::string& dim : this->dims())
    if (!is_removed(dim)) result.dims.push_back(dim);
  result.attributes = with_cell_method(without_encoding(attributes()), removed, "mean");
  result.fill_value = missing_value(result.data.dtype());
  std::vector<Variable> labels;
  for (const Variable& label : related_)
    if (std::none_of(label.dims.begin(), label.dims.end(), is_removed)) labels.push_back(label);
  return {std::move(result), std::move(labels), dimensions_, inputs_};
}

}  // namespace dunlin
