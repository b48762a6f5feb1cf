#pragma once
// A selection right above a source: made by the source itself where that can be, else of as few of its chunks as can
// be.

#include "dunlin/graph/axis_selection.hpp"
#include "dunlin/graph/layer.hpp"

namespace dunlin {

/// What is selected from `source` in the chunks of `grid`. Nobody else needs the source.
LayerPtr selected_source(const std::string& name, const LayerPtr& source, std::vector<AxisSelection> selections,
                         const ChunkGrid& grid);

/// A selection of a layer that is made whole. Of a small part that is wanted in other chunks, first in those that it
/// has by itself, so that what it is taken from need not be kept until the last of the others is made.
LayerPtr take(const std::string& name, LayerPtr from, std::vector<AxisSelection> selections, const ChunkGrid& grid);

/// True where two selections take nothing from a common chunk of `grid`.
bool are_apart(const ChunkGrid& grid, const std::vector<AxisSelection>& a, const std::vector<AxisSelection>& b);

}  // namespace dunlin
