#include "dunlin/labelled/anomaly.hpp"

#include <algorithm>
#include <cmath>

#include "dunlin/array/elementwise.hpp"
#include "dunlin/array/reductions.hpp"
#include "dunlin/labelled/cf_time.hpp"
#include "dunlin/labelled/decode.hpp"
#include "dunlin/labelled/references.hpp"

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

// "'a' (its type is …), 'b' (…) and 3 more"
std::string reasons(const std::vector<SkippedVariable>& skipped) {
  constexpr std::size_t most = 3;
  std::string text;
  for (std::size_t k = 0; k < std::min(skipped.size(), most); ++k)
    text += (k ? ", '" : "'") + skipped[k].name + "' (" + skipped[k].reason + ")";
  if (skipped.size() > most) text += " and " + std::to_string(skipped.size() - most) + " more";
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

// Why a variable is no data, though it was asked for; empty where it is. One that only shares its name with a dimension
// of others is.
std::string not_data(const Dataset& dataset, const std::string& name) {
  const Role role = dataset.role(name);
  if (role == Role::coordinate) return "it is a coordinate";
  if (role == Role::supporting) return "it belongs to other variables (bounds, grid mapping, measures or the like)";
  const auto names_it = [&](const Attributes& attributes) {
    const std::vector<std::string> names = coordinate_references(attributes);
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  const std::vector<Variable>& all = dataset.variables();
  const bool named = names_it(dataset.attributes()) ||
                     std::any_of(all.begin(), all.end(), [&](const Variable& v) { return names_it(v.attributes); });
  return role == Role::auxiliary && named ? "it is a coordinate of other variables" : "";
}

void refuse_repeated(const Variable& variable, const DimensionChoice& dim) {
  if (dim.position < 0 && std::count(variable.dims.begin(), variable.dims.end(), dim.name) > 1)
    throw UnfitVariable(variable.name, dim.name,
                        "it has this dimension twice: rename one of its axes, or name other variables");
}

std::string file_of(const Dataset& dataset) { return dataset.inputs.empty() ? "" : dataset.inputs[0]; }

// True where other variables, or its own name, say that it is no data.
bool labels_others(const Dataset& dataset, const SkippedVariable& skipped) {
  if (skipped.dimensions == std::vector<std::string>{skipped.name}) return true;
  const auto names_it = [&](const Attributes& attributes) {
    const std::vector<std::string> a = coordinate_references(attributes), b = supporting_references(attributes);
    return std::find(a.begin(), a.end(), skipped.name) != a.end() ||
           std::find(b.begin(), b.end(), skipped.name) != b.end();
  };
  const std::vector<Variable>& all = dataset.variables();
  return names_it(dataset.attributes()) ||
         std::any_of(all.begin(), all.end(), [&](const Variable& variable) { return names_it(variable.attributes); });
}

bool lies_along(const Dataset& dataset, const SkippedVariable& skipped, const DimensionChoice& dim) {
  if (dim.position >= 0) return dim.position < static_cast<int>(skipped.dimensions.size());
  std::string name = dim.name;  // axes without a name have none here, and one of ours in the dataset
  for (const Dimension& dimension : dataset.dimensions())
    if (dimension.nameless && dimension.name == name) name.clear();
  return std::find(skipped.dimensions.begin(), skipped.dimensions.end(), name) != skipped.dimensions.end();
}

// Throws where a variable that would be computed cannot be read.
void refuse_unread(const Dataset& dataset, const DimensionChoice& dim) {
  for (const SkippedVariable& skipped : dataset.skipped)
    if (skipped.kind == SkippedVariable::Kind::storage && lies_along(dataset, skipped, dim) &&
        !labels_others(dataset, skipped))
      throw UnreadVariable(skipped, dim.text(), file_of(dataset));
}

std::vector<std::string> chosen_variables(const Dataset& dataset, const DimensionChoice& dim,
                                          const AnomalyOptions& options) {
  std::vector<std::string> names;
  for (const std::string& name : options.variables) {
    const Variable& variable = dataset.at(name);
    std::string reason = unfit(variable, dim);
    if (reason.empty()) reason = not_data(dataset, name);
    if (!reason.empty()) throw UnfitVariable(name, dim.text(), reason);
    refuse_repeated(variable, dim);
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  if (!names.empty()) return names;
  refuse_unread(dataset, dim);
  const std::vector<std::string> data = dataset.data_variables();
  for (const std::string& name : data)
    if (unfit(dataset.at(name), dim).empty()) {
      refuse_repeated(dataset.at(name), dim);
      names.push_back(name);
    }
  if (names.empty() && !dataset.skipped.empty()) throw NothingLeft(dim.text(), dataset.skipped);
  if (names.empty()) throw NothingToDo(dim.text(), data);
  return names;
}

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

UnfitVariable::UnfitVariable(const std::string& variable, const std::string& dim, const std::string& reason)
    : UsageError("cannot take the anomaly of '" + variable + "' over '" + dim + "': " + reason),
      variable(variable),
      reason(reason) {}

NothingToDo::NothingToDo(const std::string& dim, const std::vector<std::string>& data_variables)
    : UsageError("no data variable has a mean over '" + dim + "': the data variables are " +
                 (data_variables.empty() ? "none" : listed(data_variables))) {}

NothingLeft::NothingLeft(const std::string& dim, const std::vector<SkippedVariable>& skipped)
    : InputError("no data variable that can be taken has a mean over '" + dim + "'; left out: " + reasons(skipped)) {}

UnreadVariable::UnreadVariable(const SkippedVariable& skipped, const std::string& dim, const std::string& where)
    : InputError("cannot take the anomaly of '" + skipped.name + "'" + (where.empty() ? "" : " of " + where) +
                 " over '" + dim + "': " + skipped.reason + "; to do without it, name the wanted variables with --var"),
      variable(skipped.name),
      reason(skipped.reason) {}

DimensionChoice anomaly_dimension(const Dataset& dataset, const AnomalyOptions& options) {
  try {
    return choose_dimension(options.dim, dataset.dimensions(), dataset.variables());
  } catch (const NoSuchDimension&) {
    const bool nothing = dataset.data_variables().empty();
    for (const SkippedVariable& skipped : dataset.skipped)
      if (skipped.kind == SkippedVariable::Kind::storage &&
          (nothing || lies_along(dataset, skipped, {.name = options.dim})))
        throw UnreadVariable(skipped, options.dim, file_of(dataset));
    throw;
  }
}

std::vector<std::string> anomaly_variables(const Dataset& dataset, const AnomalyOptions& options) {
  return chosen_variables(dataset, anomaly_dimension(dataset, options), options);
}

Dataset anomaly(const Dataset& dataset, const AnomalyOptions& options) {
  const DimensionChoice dim = anomaly_dimension(dataset, options);
  const std::vector<std::string> names = chosen_variables(dataset, dim, options);
  warn_of_lost_digits(dataset, names);
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
