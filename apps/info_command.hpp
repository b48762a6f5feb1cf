#pragma once
// dunlin info [--json] PATH[:VARIABLE]: what a file or store holds.

#include "job.hpp"

namespace dunlin {

/// Throws UsageError, HelpAsked.
std::unique_ptr<Job> parse_info(const std::vector<std::string>& words);

}  // namespace dunlin
