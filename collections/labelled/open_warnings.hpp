#pragma once
// What a user is told of a file that was opened: what was left out, and what is suspiciously empty. Only of what the
// selection touches.

#include <map>
#include <memory>
#include <string>

#include "dunlin/labelled/dataset.hpp"

namespace dunlin {

/// Collective, since rank 0 looks into the storage of `stored`, arrays by the names of their variables.
void warn_of_what_was_opened(const Dataset& dataset, const OpenOptions& options,
                             const std::map<std::string, std::shared_ptr<const StoredArray>>& stored);

/// Attributes that say nothing to us: texts that mark missing values and are no numbers, each; units or calendars that
/// give no dates, the first.
std::vector<std::string> odd_lines(const Dataset& dataset, const OpenOptions& options);

/// The lines of what was left out: one per variable that cannot be read, one per group that lies below the opened one.
/// With variables selected, only of what they name or have as dimensions.
std::vector<std::string> left_out_lines(const Dataset& dataset, const OpenOptions& options);

}  // namespace dunlin
