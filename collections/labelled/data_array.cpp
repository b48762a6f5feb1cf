#include "dunlin/labelled/data_array.hpp"

#include <algorithm>

#include "dunlin/labelled/decode.hpp"
#include "dunlin/labelled/match.hpp"

namespace dunlin {
namespace {

void need_real(const DataArray& array) {
  if (!array.dtype().is_real()) throw NotReal(array.name(), array.dtype());
}

Variable decoded(const DataArray& array) {
  Variable variable = array.variable();
  variable.data = array.data();
  return variable;
}

std::vector<std::string> joined(std::vector<std::string> a, const std::vector<std::string>& b) {
  for (const std::string& text : b)
    if (std::find(a.begin(), a.end(), text) == a.end()) a.push_back(text);
  return a;
}

std::vector<Dimension> joined(std::vector<Dimension> a, const std::vector<Dimension>& b) {
  for (const Dimension& dimension : b) {
    const auto same = [&](const Dimension& other) { return other.name == dimension.name; };
    if (std::none_of(a.begin(), a.end(), same)) a.push_back(dimension);
  }
  return a;
}

// Labels may have axes that the operands have not (bounds); those must agree as well.
void check_lengths(const Variable& variable, const std::vector<Variable>& labels) {
  for (const Variable& label : labels)
    for (const std::string& dim : label.dims) {
      const int axis = variable.axis(dim);
      if (axis < 0) continue;
      const std::int64_t expected = variable.data.shape()[axis], found = label.data.shape()[label.axis(dim)];
      if (expected != found) throw LengthsDiffer(dim, variable.name, expected, label.name, found);
    }
}

}  // namespace

NotReal::NotReal(const std::string& variable, DType type)
    : UsageError("'" + variable + "' holds " + to_string(type) +
                 ", which cannot be computed with: choose a variable of real numbers"),
      variable(variable) {}

DataArray::DataArray(Variable variable, std::vector<Variable> related, std::vector<Dimension> dimensions,
                     std::vector<std::string> inputs)
    : variable_(std::move(variable)),
      data_(decode(variable_)),
      related_(std::move(related)),
      dimensions_(std::move(dimensions)),
      inputs_(std::move(inputs)) {}

const Variable* DataArray::coordinate(const std::string& name) const {
  const auto found = std::find_if(related_.begin(), related_.end(), [&](const Variable& v) { return v.name == name; });
  return found == related_.end() ? nullptr : &*found;
}

DataArray DataArray::rename(std::string name) const {
  DataArray result = *this;
  result.variable_.name = std::move(name);
  return result;
}

DataArray operator-(const DataArray& a, const DataArray& b) {
  need_real(a);
  need_real(b);
  const Variable left = decoded(a), right = decoded(b);
  const Match matched = match(left, right);
  const bool single = a.dtype() == DType(DType::float32) && b.dtype() == DType(DType::float32);
  const DType type = single ? DType::float32 : DType::float64;
  Variable result{.name = a.name() == b.name() ? a.name() : "",
                  .data = subtract(a.data(), matched.a, b.data(), matched.b, matched.domain, type),
                  .dims = matched.dims};
  result.attributes = common_attributes(without_encoding(a.attributes()), without_encoding(b.attributes()));
  result.fill_value = missing_value(type);
  std::vector<Variable> labels = common_labels(a.related(), b.related(), matched.dims);
  check_lengths(result, labels);
  return {std::move(result), std::move(labels), joined(a.dimensions(), b.dimensions()), joined(a.inputs(), b.inputs())};
}

}  // namespace dunlin
