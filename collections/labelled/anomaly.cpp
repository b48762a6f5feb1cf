#include "dunlin/labelled/anomaly.hpp"

#include <algorithm>

#include "dunlin/array/elementwise.hpp"
#include "dunlin/array/reductions.hpp"
#include "dunlin/labelled/cf_time.hpp"
#include "dunlin/labelled/decode.hpp"

namespace dunlin {
namespace {

bool holds_flags(const Variable& variable) {
  return variable.attributes.find("flag_values") != nullptr || variable.attributes.find("flag_masks") != nullptr;
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

// Why the anomaly of a variable makes no sense; empty where it does.
std::string unfit(const Variable& variable, const DimensionChoice& dim) {
  if (dim.axis_of(variable) < 0)
    return variable.dims.empty() ? "it is a single value" : "it has dimensions (" + listed(variable.dims) + ")";
  if (!variable.data.dtype().is_real()) return "it holds " + to_string(variable.data.dtype());
  if (holds_flags(variable)) return "it holds flags";
  if (CfTime::is_time(variable.attributes)) return "it holds times";
  return "";
}

std::string text_of(const DimensionChoice& dim) {
  return dim.position < 0 ? dim.name : "axis " + std::to_string(dim.position);
}

std::vector<std::string> chosen_variables(const Dataset& dataset, const DimensionChoice& dim,
                                          const AnomalyOptions& options) {
  for (const std::string& name : options.variables) {
    const std::string reason = unfit(dataset.at(name), dim);
    if (!reason.empty()) throw UnfitVariable(name, text_of(dim), reason);
  }
  if (!options.variables.empty()) return options.variables;
  std::vector<std::string> names;
  const std::vector<std::string> data = dataset.data_variables();
  for (const std::string& name : data)
    if (unfit(dataset.at(name), dim).empty()) names.push_back(name);
  if (names.empty()) throw NothingToDo(text_of(dim), data);
  return names;
}

// x − mean(x), both in double, rounded once to the decoded type.
Array difference_from_mean(const Array& x, int axis, std::int64_t min_count) {
  const Array wide = astype(x, DType::float64);
  if (x.shape()[axis] == 0) return x.dtype() == DType(DType::float32) ? x : wide;  // no values, and none to come
  const Array average = mean(wide, {axis}, {.min_count = min_count});
  OperandMap map;
  for (int a = 0; a < x.rank(); ++a)
    if (a != axis) map.axis.push_back(a);
  const Array difference = subtract(wide, straight(x.rank()), average, map, x.grid(), DType::float64);
  return x.dtype() == DType(DType::float32) ? astype(difference, DType::float32) : difference;
}

}  // namespace

UnfitVariable::UnfitVariable(const std::string& variable, const std::string& dim, const std::string& reason)
    : UsageError("cannot take the anomaly of '" + variable + "' over '" + dim + "': " + reason),
      variable(variable),
      reason(reason) {}

NothingToDo::NothingToDo(const std::string& dim, const std::vector<std::string>& data_variables)
    : UsageError("no data variable has a mean over '" + dim + "': the data variables are " +
                 (data_variables.empty() ? "none" : listed(data_variables))) {}

std::vector<std::string> anomaly_variables(const Dataset& dataset, const AnomalyOptions& options) {
  return chosen_variables(dataset, choose_dimension(options.dim, dataset.dimensions(), dataset.variables()), options);
}

Dataset anomaly(const Dataset& dataset, const AnomalyOptions& options) {
  const DimensionChoice dim = choose_dimension(options.dim, dataset.dimensions(), dataset.variables());
  const std::vector<std::string> names = chosen_variables(dataset, dim, options);
  const Dataset source = options.variables.empty() ? dataset : select(dataset, names);
  std::vector<Variable> variables;
  for (const Variable& variable : source.variables()) {
    variables.push_back(variable);
    if (std::find(names.begin(), names.end(), variable.name) == names.end()) continue;
    Variable& result = variables.back();
    result.data = difference_from_mean(decode(variable), dim.axis_of(variable), options.min_count);
    result.attributes = without_encoding(variable.attributes);
    result.fill_value = missing_value(result.data.dtype());
    result.fill_is_missing = false;
    result.encoding.clear();
    result.values = nullptr;
  }
  return source.with_variables(std::move(variables));
}

}  // namespace dunlin
