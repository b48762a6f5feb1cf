#pragma once
// dunlin anomaly [options] IN OUT: the data minus its mean over a dimension, as a Zarr hierarchy.

#include "job.hpp"

namespace dunlin {

/// Throws UsageError, HelpAsked.
std::unique_ptr<Job> parse_anomaly(const std::vector<std::string>& words);

}  // namespace dunlin
