#pragma once
// The attribute `cell_methods`: what the values are of their cells, oldest first ("time: mean lat: lon: maximum").
// CF conventions 1.11, section 7.3.

#include <string>
#include <vector>

#include "dunlin/io/attributes.hpp"

namespace dunlin {

/// With "dim: … method" behind; unchanged where no dimension is named.
Attributes with_cell_method(Attributes attributes, const std::vector<std::string>& dims, const std::string& method);

}  // namespace dunlin
