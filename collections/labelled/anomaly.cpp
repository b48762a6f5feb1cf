#include "dunlin/labelled/anomaly.hpp"

#include <algorithm>
#include <cmath>

#include "anomaly_choice.hpp"
#include "carried.hpp"
#include "dunlin/array/elementwise.hpp"
#include "dunlin/array/reductions.hpp"
#include "dunlin/labelled/decode.hpp"

namespace dunlin {
namespace {

constexpr double kExact = 0x1p53;

// True where an attribute says that all values are whole numbers that a float64 holds.
bool is_bounded(const Attributes& attributes) {
  const auto within = [&](const char* name, std::size_t count) {
    const AttributeValue* value = attributes.find(name);
    if (value == nullptr || !value->is_number() || value->size() != count) return false;
    for (std::size_t k = 0; k < count; ++k)
      if (!(std::abs(value->real_at(k)) < kExact)) return false;
    return true;
  };
  return within("valid_range", 2) || within("actual_range", 2) || (within("valid_min", 1) && within("valid_max", 1));
}

// One line for each variable whose integers a float64 may not hold.
void warn_of_lost_digits(const Dataset& dataset, const std::vector<std::string>& names) {
  if (!dataset.context() || dataset.context()->rank() != 0) return;
  for (const std::string& name : names) {
    const Variable& variable = dataset.at(name);
    const DType stored = decoding_of(variable).integers;
    if (stored.is_integer() && stored.size() == 8 && !is_bounded(variable.attributes))
      dataset.context()->log().warning("the anomaly of '" + name + "' is taken in float64, in which its " +
                                       to_string(stored) +
                                       " values beyond 2^53 (9007199254740992), if there are any, lose last digits");
  }
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

Dataset anomaly(const Dataset& dataset, const AnomalyOptions& options) {
  const DimensionChoice dim = anomaly_dimension(dataset, options);
  const std::vector<std::string> names = chosen_variables(dataset, dim, options);
  warn_of_lost_digits(dataset, names);
  const Dataset source = options.variables.empty() ? dataset : select(dataset, names);
  if (dataset.context() && dataset.context()->rank() == 0)
    if (const std::string line = carried_line(source, names, dim); !line.empty()) dataset.context()->log().info(line);
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
