#pragma once
// In which order a rank walks through its share of a layer: which axes are outermost.
//
// What a reduction, or a rechunk to longer chunks, joins along an axis has to be kept until the axis has been walked.
// So axes that are joined later in the same stage are walked innermost, and one result is finished after the other:
//
//   mean over time of (time, level):    level by level, each through all times; walked time by time, the partial means
//                                       of all levels would be kept at once

#include <vector>

#include "dunlin/graph/layer_graph.hpp"

namespace dunlin {

/// Per layer the axes of its output, the outermost first; `stages` as stages_of gives them.
std::vector<Coords> walks_of(const LayerGraph& graph, const std::vector<int>& stages);

}  // namespace dunlin
