#pragma once
// Which variables are coordinates, which only support others, and which go with which.

#include <set>
#include <string>
#include <vector>

#include "dunlin/labelled/dataset.hpp"

namespace dunlin {

/// One role per variable, in order. `attributes` are the dataset's own.
std::vector<Role> roles_of(const std::vector<Variable>& variables, const Attributes& attributes);
/// The named variables, the coordinates that lie along their dimensions, and what all of these refer to, again and
/// again.
std::set<std::string> with_related(const Dataset& dataset, const std::vector<std::string>& names);

}  // namespace dunlin
