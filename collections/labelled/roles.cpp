#include "roles.hpp"

#include <algorithm>

#include "dunlin/labelled/references.hpp"

namespace dunlin {

std::vector<Role> roles_of(const std::vector<Variable>& variables, const Attributes& attributes) {
  std::set<std::string> auxiliary, supporting;
  for (const Variable& variable : variables) auxiliary.insert(variable.dims.begin(), variable.dims.end());
  const auto note = [&](const Attributes& of) {
    for (const std::string& name : coordinate_references(of)) auxiliary.insert(name);
    for (const std::string& name : supporting_references(of)) supporting.insert(name);
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
