#pragma once
// Which variables the anomaly takes.

#include <string>
#include <vector>

#include "dunlin/labelled/anomaly.hpp"

namespace dunlin {

/// In the dataset's order, or in the options'. Throws what `anomaly` does.
std::vector<std::string> chosen_variables(const Dataset& dataset, const DimensionChoice& dim,
                                          const AnomalyOptions& options);

}  // namespace dunlin
