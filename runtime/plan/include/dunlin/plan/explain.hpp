#pragma once
// A plan told to people and to programs.

#include <string>
#include <vector>

#include "dunlin/plan/schedule.hpp"

namespace dunlin {

/// A table of layers (stage, kind, chunks, ranks) and one line per rank: predicted peak memory, bytes read, moved and
/// written. Above 16 ranks only the first, middle and last are told, and the text says so.
std::string explain_text(const LayerPlan& plan, const std::vector<Schedule>& schedules);
/// The same as a JSON document.
std::string explain_json(const LayerPlan& plan, const std::vector<Schedule>& schedules);
/// The ranks that the above tell of.
std::vector<int> ranks_to_explain(int ranks);

}  // namespace dunlin
