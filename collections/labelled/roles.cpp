#include "roles.hpp"

#include <algorithm>

#include "dunlin/labelled/references.hpp"

namespace dunlin {

namespace {

// The coefficients of a vertical coordinate: terms of its formula that have no dimension beside its own, ap(lev), p0.
// Others, such as the surface pressure ps(time, y, x), are data.
std::set<std::string> coefficients(const std::vector<Variable>& variables) {
  std::set<std::string> names;
  for (const Variable& variable : variables) {
    const std::vector<std::string> terms = formula_terms(variable.attributes);
    if (terms.empty()) continue;
    const auto known = [&](const std::string& dim) { return variable.has_axis(dim); };
    for (const Variable& term : variables)
      if (std::find(terms.begin(), terms.end(), term.name) != terms.end() &&
          std::all_of(term.dims.begin(), term.dims.end(), known))
        names.insert(term.name);
  }
  return names;
}

}  // namespace

std::vector<Role> roles_of(const std::vector<Variable>& variables, const Attributes& attributes) {
  std::set<std::string> auxiliary, supporting = coefficients(variables);
  for (const Variable& variable : variables) auxiliary.insert(variable.dims.begin(), variable.dims.end());
  const auto note = [&](const Attributes& of) {
    for (const std::string& name : coordinate_references(of)) auxiliary.insert(name);
    for (const std::string& name : subordinate_references(of)) supporting.insert(name);
  };
  note(attributes);
  for (const Variable& variable : variables) note(variable.attributes);
  std::vector<Role> roles;
  for (const Variable& variable : variables) {
    if (variable.is_coordinate())
      roles.push_back(Role::coordinate);
    else if (auxiliary.contains(variable.name))
      roles.push_back(Role::auxiliary);
    else
      roles.push_back(supporting.contains(variable.name) ? Role::supporting : Role::data);
  }
  return roles;
}

std::set<std::string> with_related(const Dataset& dataset, const std::vector<std::string>& names) {
  std::set<std::string> chosen, dims;
  std::vector<std::string> open = names;  // chosen, their references not yet followed
  for (const std::string& name : names) {
    const Variable& variable = dataset.at(name);
    dims.insert(variable.dims.begin(), variable.dims.end());
  }
  for (const Variable& variable : dataset.variables()) {
    const Role role = dataset.role(variable.name);
    const auto known = [&](const std::string& dim) { return dims.contains(dim); };
    if ((role == Role::coordinate || role == Role::auxiliary) &&
        std::all_of(variable.dims.begin(), variable.dims.end(), known))
      open.push_back(variable.name);
  }
  while (!open.empty()) {
    const std::string name = open.back();
    open.pop_back();
    const Variable* variable = dataset.find(name);
    if (variable == nullptr || !chosen.insert(name).second) continue;
    for (const std::string& other : coordinate_references(variable->attributes)) open.push_back(other);
    for (const std::string& other : supporting_references(variable->attributes)) open.push_back(other);
  }
  return chosen;
}

}  // namespace dunlin
