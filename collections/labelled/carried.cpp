#include "carried.hpp"

#include <algorithm>
#include <set>

#include "dunlin/labelled/references.hpp"

namespace dunlin {
namespace {

constexpr std::size_t kMostNames = 6;

// Coordinates that lie along the dimension alone, and what they name: bounds, climatology.
std::set<std::string> labels_of(const Dataset& dataset, const DimensionChoice& dim) {
  std::set<std::string> names;
  for (const Variable& variable : dataset.variables()) {
    const Role role = dataset.role(variable.name);
    if (variable.dims.size() != 1 || dim.axis_of(variable) < 0) continue;
    if (role != Role::coordinate && role != Role::auxiliary) continue;
    names.insert(variable.name);
    for (const std::string& name : subordinate_references(variable.attributes)) names.insert(name);
  }
  return names;
}

std::string described(const Variable& variable) {
  const DType type = variable.data.dtype();
  return variable.name + (type.is_real() ? "" : " (" + to_string(type) + ")");
}

}  // namespace

std::string carried_line(const Dataset& dataset, const std::vector<std::string>& computed, const DimensionChoice& dim) {
  const std::set<std::string> labels = labels_of(dataset, dim);
  const std::set<std::string> changed(computed.begin(), computed.end());
  std::string text;
  std::size_t count = 0;
  for (const Variable& variable : dataset.variables()) {
    if (dim.axis_of(variable) < 0 || labels.contains(variable.name) || changed.contains(variable.name)) continue;
    if (++count <= kMostNames) text += (text.empty() ? "" : ", ") + described(variable);
  }
  if (count == 0) return "";
  if (count > kMostNames) text += " and " + std::to_string(count - kMostNames) + " more";
  return "carried unchanged along " + dim.text() + ": " + text;
}

}  // namespace dunlin
