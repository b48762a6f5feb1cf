// Which variables the anomaly takes, and why not others.

#include <algorithm>

#include "anomaly_choice.hpp"
#include "dunlin/labelled/cf_time.hpp"

namespace dunlin {
namespace {

bool holds_flags(const Variable& variable) {
  return variable.attributes.find("flag_values") != nullptr || variable.attributes.find("flag_masks") != nullptr;
}

// netCDF has no truth values: xarray writes integers and says so.
bool holds_truths(const Variable& variable) {
  return variable.data.dtype().is_integer() && variable.attributes.text_or("dtype", "") == "bool";
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

// "a, b and 7 more"
std::string first_of(std::vector<std::string> names) {
  constexpr std::size_t most = 6;
  const std::size_t more = names.size() - std::min(names.size(), most);
  names.resize(names.size() - more);
  return listed(names) + (more == 0 ? "" : " and " + std::to_string(more) + " more");
}

// "'a' (its type is …), 'b' (…) and 3 more": those first whose values are numbers.
std::string reasons(std::vector<SkippedVariable> skipped) {
  constexpr std::size_t most = 3;
  std::stable_partition(skipped.begin(), skipped.end(),
                        [](const SkippedVariable& one) { return one.kind == SkippedVariable::Kind::storage; });
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
  if (holds_truths(variable)) return "it holds bool";
  if (holds_flags(variable)) return "it holds flags";
  if (CfTime::is_time(variable.attributes)) return "it holds times";
  return "";
}

void refuse_repeated(const Variable& variable, const DimensionChoice& dim) {
  if (dim.position < 0 && std::count(variable.dims.begin(), variable.dims.end(), dim.name) > 1)
    throw UnfitVariable(variable.name, dim.name,
                        "it has this dimension twice: rename one of its axes, or name other variables");
}

std::string file_of(const Dataset& dataset) { return dataset.inputs.empty() ? "" : dataset.inputs[0]; }

bool lies_along(const Dataset& dataset, const SkippedVariable& skipped, const DimensionChoice& dim) {
  if (dim.position >= 0) return dim.position < static_cast<int>(skipped.dimensions.size());
  std::string name = dim.name;  // axes without a name have none here, and one of ours in the dataset
  for (const Dimension& dimension : dataset.dimensions())
    if (dimension.nameless && dimension.name == name) name.clear();
  return std::find(skipped.dimensions.begin(), skipped.dimensions.end(), name) != skipped.dimensions.end();
}

}  // namespace

std::vector<std::string> chosen_variables(const Dataset& dataset, const DimensionChoice& dim,
                                          const AnomalyOptions& options) {
  std::vector<std::string> names;
  for (const std::string& name : options.variables) {
    const Variable& variable = dataset.at(name);
    std::string reason = unfit(variable, dim);
    if (reason.empty() && dataset.role(name) == Role::coordinate) reason = "it is a coordinate";
    if (!reason.empty()) throw UnfitVariable(name, dim.text(), reason);
    refuse_repeated(variable, dim);
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  if (!names.empty()) return names;
  const std::vector<std::string> data = dataset.data_variables();
  for (const std::string& name : data)
    if (unfit(dataset.at(name), dim).empty()) {
      refuse_repeated(dataset.at(name), dim);
      names.push_back(name);
    }
  if (!names.empty()) return names;
  std::vector<SkippedVariable> unread;
  std::string elsewhere;
  for (const SkippedVariable& skipped : dataset.skipped)
    if (skipped.kind != SkippedVariable::Kind::place)
      unread.push_back(skipped);
    else if (elsewhere.empty())
      elsewhere = skipped.name.substr(0, skipped.name.rfind('/') + 1);
  if (!unread.empty()) throw NothingLeft(dim.text(), unread);
  throw NothingToDo(dim.text(), data, elsewhere);
}

UnfitVariable::UnfitVariable(const std::string& variable, const std::string& dim, const std::string& reason)
    : UsageError("cannot take the anomaly of '" + variable + "' over '" + dim + "': " + reason),
      variable(variable),
      reason(reason) {}

NothingToDo::NothingToDo(const std::string& dim, const std::vector<std::string>& data_variables,
                         const std::string& elsewhere)
    : UsageError("no data variable has a mean over '" + dim + "': " +
                 (data_variables.empty() ? "there is none" : "the data variables are " + first_of(data_variables)) +
                 (elsewhere.empty() ? "" : "; others lie in groups, which are named as PATH:" + elsewhere)) {}

NothingLeft::NothingLeft(const std::string& dim, const std::vector<SkippedVariable>& skipped)
    : InputError("no data variable that can be taken has a mean over '" + dim + "'; left out: " + reasons(skipped)) {}

UnreadVariable::UnreadVariable(const SkippedVariable& skipped, const std::string& dim, const std::string& where)
    : InputError("cannot take the anomaly of '" + skipped.name + "'" + (where.empty() ? "" : " of " + where) +
                 " over '" + dim + "': " + skipped.reason),
      variable(skipped.name),
      reason(skipped.reason) {}

DimensionChoice anomaly_dimension(const Dataset& dataset, const AnomalyOptions& options) {
  try {
    return choose_dimension(options.dim, dataset.dimensions(), dataset.variables());
  } catch (const NoSuchDimension&) {
    const bool nothing = dataset.data_variables().empty();
    for (const SkippedVariable& skipped : dataset.skipped)
      if (nothing
              ? skipped.kind != SkippedVariable::Kind::place
              : skipped.kind == SkippedVariable::Kind::storage && lies_along(dataset, skipped, {.name = options.dim}))
        throw UnreadVariable(skipped, options.dim, file_of(dataset));
    throw;
  }
}

std::vector<std::string> anomaly_variables(const Dataset& dataset, const AnomalyOptions& options) {
  return chosen_variables(dataset, anomaly_dimension(dataset, options), options);
}

}  // namespace dunlin
