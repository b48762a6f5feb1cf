#include "dunlin/labelled/dataset.hpp"

#include <algorithm>

#include "roles.hpp"

namespace dunlin {
namespace {

// The given dimensions, and those that only the variables know; lengths are those of the variables.
std::vector<Dimension> all_dimensions(std::vector<Dimension> dimensions, const std::vector<Variable>& variables) {
  for (const Variable& variable : variables)
    for (std::size_t k = 0; k < variable.dims.size(); ++k) {
      const std::int64_t length = variable.data.grid().length(static_cast<int>(k));
      const auto known = std::find_if(dimensions.begin(), dimensions.end(),
                                      [&](const Dimension& d) { return d.name == variable.dims[k]; });
      if (known == dimensions.end())
        dimensions.push_back({.name = variable.dims[k], .length = length});
      else if (known->length != length)
        throw DimensionConflict(known->name, variable.name, length, known->length);
    }
  return dimensions;
}

// Auxiliary coordinates that no variable names any more stay coordinates: the dataset's own `coordinates` attribute
// names them, as xarray writes it.
Dataset naming_coordinates(Dataset dataset, const std::vector<std::string>& candidates) {
  std::string text = dataset.attributes().text_or("coordinates", "");
  const std::size_t before = text.size();
  for (const std::string& name : candidates)
    if (dataset.find(name) != nullptr && dataset.role(name) == Role::data) text += (text.empty() ? "" : " ") + name;
  if (text.size() == before) return dataset;
  Attributes attributes = dataset.attributes();
  attributes.set("coordinates", AttributeValue::text(text));
  return dataset.with_attributes(std::move(attributes));
}

}  // namespace

const char* to_string(Role role) {
  constexpr const char* names[] = {"coordinate", "auxiliary coordinate", "supporting", "data"};
  return names[static_cast<int>(role)];
}

NoSuchVariable::NoSuchVariable(const std::string& typed, const std::vector<std::string>& known,
                               const std::string& where)
    : InputError("no variable '" + typed + "'" + (where.empty() ? "" : " in " + where) + nearest_hint(typed, known)),
      typed(typed) {}

DimensionConflict::DimensionConflict(const std::string& dimension, const std::string& variable, std::int64_t length,
                                     std::int64_t expected)
    : InputError("'" + variable + "' gives dimension '" + dimension + "' the length " + std::to_string(length) +
                 ", but it is " + std::to_string(expected) + " elsewhere: one name has one length in a dataset"),
      dimension(dimension),
      variable(variable) {}

Dataset::Dataset(std::shared_ptr<ContextState> context, Attributes attributes, std::vector<Dimension> dimensions,
                 std::vector<Variable> variables)
    : context_(std::move(context)),
      attributes_(std::move(attributes)),
      dimensions_(all_dimensions(std::move(dimensions), variables)),
      variables_(std::move(variables)),
      roles_(roles_of(variables_, attributes_)) {}

const Variable* Dataset::find(const std::string& name) const {
  const auto found =
      std::find_if(variables_.begin(), variables_.end(), [&](const Variable& v) { return v.name == name; });
  return found == variables_.end() ? nullptr : &*found;
}

const Variable& Dataset::at(const std::string& name) const {
  if (const Variable* variable = find(name)) return *variable;
  std::vector<std::string> known;
  for (const Variable& variable : variables_) known.push_back(variable.name);
  throw NoSuchVariable(name, known, inputs.empty() ? "" : inputs[0]);
}

Role Dataset::role(const std::string& name) const {
  return roles_[static_cast<std::size_t>(&at(name) - variables_.data())];
}

std::vector<std::string> Dataset::data_variables() const {
  std::vector<std::string> names;
  for (std::size_t k = 0; k < variables_.size(); ++k)
    if (roles_[k] == Role::data) names.push_back(variables_[k].name);
  return names;
}

DataArray Dataset::operator[](const std::string& name) const {
  const Variable& variable = at(name);
  const std::set<std::string> chosen = with_related(*this, {name});
  std::vector<Variable> related;
  for (const Variable& other : variables_)
    if (other.name != name && chosen.contains(other.name)) related.push_back(other);
  return {variable, std::move(related), dimensions_, inputs};
}

Dataset Dataset::with_attributes(Attributes attributes) const {
  Dataset result = *this;
  result.attributes_ = std::move(attributes);
  result.roles_ = roles_of(result.variables_, result.attributes_);
  return result;
}

Dataset Dataset::with_variables(std::vector<Variable> variables) const {
  std::set<std::string> used;
  for (const Variable& variable : variables) used.insert(variable.dims.begin(), variable.dims.end());
  std::vector<Dimension> dimensions;
  for (const Dimension& dimension : dimensions_)
    if (used.contains(dimension.name)) dimensions.push_back(dimension);
  Dataset result(context_, attributes_, std::move(dimensions), std::move(variables));
  result.inputs = inputs;
  result.skipped = skipped;
  result.format = format;
  return result;
}

Dataset to_dataset(const DataArray& array) {
  if (array.name().empty())
    throw UsageError("an array without a name cannot be a variable of a dataset: give it one with rename(\"…\")");
  Variable variable = array.variable();
  std::set<std::string> used(variable.dims.begin(), variable.dims.end());
  std::vector<Variable> variables = {std::move(variable)};
  std::vector<std::string> labels;
  for (const Variable& related : array.related()) {
    used.insert(related.dims.begin(), related.dims.end());
    variables.push_back(related);
    labels.push_back(related.name);
  }
  std::vector<Dimension> dimensions;
  for (const Dimension& dimension : array.dimensions())
    if (used.contains(dimension.name)) dimensions.push_back(dimension);
  Dataset result(array.data().context(), {}, std::move(dimensions), std::move(variables));
  result.inputs = array.inputs();
  return naming_coordinates(std::move(result), labels);
}

Dataset select(const Dataset& dataset, const std::vector<std::string>& names) {
  const std::set<std::string> chosen = with_related(dataset, names);
  std::vector<Variable> variables;
  std::vector<std::string> auxiliary;
  for (const Variable& variable : dataset.variables()) {
    if (!chosen.contains(variable.name)) continue;
    variables.push_back(variable);
    const bool asked_for = std::find(names.begin(), names.end(), variable.name) != names.end();
    if (dataset.role(variable.name) == Role::auxiliary && !asked_for) auxiliary.push_back(variable.name);
  }
  return naming_coordinates(dataset.with_variables(std::move(variables)), auxiliary);
}

}  // namespace dunlin
