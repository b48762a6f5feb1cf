#pragma once
// A plan told to people, to programs and as a drawing.

#include <string>
#include <vector>

#include "dunlin/plan/schedule.hpp"

namespace dunlin {

/// A table of layers (stage, kind, chunks, bytes, which ranks they lie on, what becomes of a source) and one line per
/// rank: predicted peak memory, bytes read, moved and written. Above 16 ranks only the first, middle and last are told,
/// and the text says so.
std::string explain_text(const LayerPlan& plan, const std::vector<Schedule>& schedules);
/// The same as a JSON document.
std::string explain_json(const LayerPlan& plan, const std::vector<Schedule>& schedules);

/// Most tasks of a plan that is drawn chunk by chunk.
inline constexpr std::int64_t kDrawnTasks = 200;
/// A drawing in the DOT language (graphviz.org/doc/info/lang.html): chunk by chunk, one box per rank, where all ranks'
/// schedules are given and have up to `kDrawnTasks` tasks together, else layer by layer.
std::string explain_dot(const LayerPlan& plan, const std::vector<Schedule>& schedules);
/// Layer by layer, one box per stage.
std::string explain_dot(const LayerPlan& plan);

/// The ranks that the above tell of.
std::vector<int> ranks_to_explain(int ranks);

}  // namespace dunlin
