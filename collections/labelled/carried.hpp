#pragma once
// What an operation along a dimension leaves as it was, though it lies along that dimension: to be told, since numbers
// that look like the others are none of its results.
//
//   carried unchanged along time: flags, cplx (complex64), lat_bnds and 4 more

#include <string>
#include <vector>

#include "dunlin/labelled/dataset.hpp"

namespace dunlin {

/// The line; empty where there is nothing to tell. `computed` are the names of the variables that change. What labels
/// the dimension itself is not told: its coordinates of one dimension, and their bounds.
std::string carried_line(const Dataset& dataset, const std::vector<std::string>& computed, const DimensionChoice& dim);

}  // namespace dunlin
