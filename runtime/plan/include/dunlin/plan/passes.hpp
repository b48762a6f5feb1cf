#pragma once
// Rewritings of a graph, each a pure function: the same values with less work. None of them changes a reduction's grid,
// so none changes a bit of a result.
//
//   simplify   equal layers become one; rechunks to the same grid go, chains of rechunks become one
//   push_selections
//              selections move towards the sources: through elementwise layers, joined arrays, rechunks and one
//              another, and into sources that can make parts of their chunks
//   fuse       elementwise programs move into the programs and reductions that consume them
//   in_rounds  what keeps more than the budget of a whole array, as a rechunk from rows to columns does, is done in
//   rounds choose     a source that several stages need is held where that fits the budget, else read again in each
//   stage
//
// `choose` comes after `fuse`, since only then is it known which values exist at all.
//
// `push_selections`, before and after (x is a source that makes parts, chunks of 10):
//
//   x[0:100] → decode → transpose + y → rechunk → [::2, 5]          x[5, ::2] → decode → + y[::2, 5] → rechunk
//
// A selection passes through an operation where making the part from parts of the inputs costs less than making the
// whole and taking the part of it (a table in push_selections.cpp); nothing dear is computed twice, and nothing read
// twice: a source that others need whole, or of whose chunks several parts are needed, is read once, and selections
// stand right above it. So they do where a source cannot make parts; chunks that nobody needs are not made then either.
// Selections stop at reductions, overlaps and user code.
//
// `in_rounds`: a *round* writes a run of a sink's chunks and takes only what those need: a selection of the run is
// pushed towards the sources, which are read again in each round. The next round begins when the last has ended.
//
//   x in rows → rechunk → sink in 8 columns, 2 rounds:      x[:, 0:4] → rechunk → sink, columns 0 … 3
//                                                           x[:, 4:8] → rechunk → sink, columns 4 … 7
//
// Rounds are as few as fit the budget, along the axis of the sink along which they read the least. Small values, and
// what is persisted, are not made in rounds.
//
// A *stage* is what runs before the next can begin: what consumes a value that a reduction over many chunks has made
// together with larger ones lies a stage later than that value. *Parts* of a graph that share no large value (the
// variables of a file, say) are worked on one after another, in the order of their sinks, so that a hundred variables
// need the memory of one: the stages of a part come before those of the next.

#include <vector>

#include "dunlin/graph/layer_graph.hpp"
#include "dunlin/plan/cluster.hpp"

namespace dunlin {

LayerGraph simplify(const LayerGraph& graph);
/// Of a simplified graph; ends with `simplify`.
LayerGraph push_selections(const LayerGraph& graph);
LayerGraph fuse(const LayerGraph& graph);
/// Of a fused graph. Cuts the sinks of parts that do not fit the budget into rounds; first rounds stand where the whole
/// sinks stood, the others follow.
LayerGraph in_rounds(const LayerGraph& graph, const Cluster& cluster);
LayerGraph choose(const LayerGraph& graph, const Cluster& cluster);

/// Part of every layer, from 0, never larger than that of what consumes it.
std::vector<int> parts_of(const LayerGraph& graph);
/// Stage of every layer, from 0: parts in order, and within a part as late as the consumers allow.
std::vector<int> stages_of(const LayerGraph& graph);
/// True for values that tie nothing together: two variables with a common weight are still worked on one by one, and
/// rounds share it.
bool is_small(const Layer& layer);
/// True where a layer only serves sources (an index of a file).
bool is_aid(const LayerGraph& graph, int layer);

}  // namespace dunlin
