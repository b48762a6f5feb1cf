#pragma once
// Graphs that between them hold every kind of layer in every shape that matters: what the conformance suite of layers
// runs over.

#include <string>
#include <vector>

#include "support/graph_layers.hpp"

namespace dunlin::test {

struct LayerCase {
  std::string why;
  std::vector<LayerPtr> sinks;
};

std::vector<LayerCase> layer_cases();

}  // namespace dunlin::test
