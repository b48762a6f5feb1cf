#pragma once
// Attributes in which one variable names others (CF and UGRID).
//
//   coordinates, ancillary_variables, bounds, climatology, …    "lat lon height"
//   cell_measures, formula_terms                                 "area: cell_area"   "a: a b: b ps: PS"
//   grid_mapping                                                 "crs"   or   "crs: x y other: lat lon"

#include <set>
#include <string>
#include <vector>

#include "dunlin/io/attributes.hpp"

namespace dunlin {

/// Names in the attribute `coordinates`; names in all other attributes that refer to variables. In order, once each.
std::vector<std::string> coordinate_references(const Attributes& attributes);
std::vector<std::string> supporting_references(const Attributes& attributes);
/// Those among the latter that name what is no data by itself: bounds, grid mappings, cell measures and the like, but
/// neither ancillary variables nor the terms of formulas, which `formula_terms` names.
std::vector<std::string> subordinate_references(const Attributes& attributes);
std::vector<std::string> formula_terms(const Attributes& attributes);
/// The attributes with references to names that are not in `present` taken out; an attribute that names nothing more
/// goes.
Attributes keep_references(Attributes attributes, const std::set<std::string>& present);

}  // namespace dunlin
