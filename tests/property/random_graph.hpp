#pragma once
// Random graphs of all layer kinds, for properties that any graph must have.

#include <random>
#include <vector>

#include "support/graph_layers.hpp"

namespace dunlin::test {

struct GraphLimits {
  int layers = 12;           // drawn; reductions count as one and bring several
  std::int64_t unit = 1;     // elements that the shortest span has: large ones make chunks outweigh scratch
  std::int64_t chunks = 60;  // most per layer
  bool cuts = true;          // overlaps and selections
  bool uneven = true;        // joined arrays and groups: some of their chunks may wait for nothing
  bool unknown = true;       // values whose size only a run tells, objects, lists of tasks
  bool selections = false;   // twice as many selections, and reductions and halos, which stop them, more seldom
};

/// The sinks of a random graph, the same for the same state of `random`. Every layer reaches a sink.
std::vector<LayerPtr> random_sinks(std::mt19937_64& random, const GraphLimits& limits);

/// A random grid of up to three axes.
ChunkGrid random_grid(std::mt19937_64& random, const GraphLimits& limits);

/// In [0, count).
inline std::int64_t below(std::mt19937_64& random, std::int64_t count) {
  return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(count));
}

}  // namespace dunlin::test
