#pragma once
// A graph told in one line per layer, and what its sinks take: for tests of passes.

#include <string>
#include <vector>

#include "dunlin/graph/layer_graph.hpp"
#include "support/evaluation.hpp"

namespace dunlin::test {

using Lines = std::vector<std::string>;

/// One line per layer: kind, name, ordinals of inputs.
inline Lines lines(const LayerGraph& graph) {
  Lines text;
  for (int k = 0; k < graph.size(); ++k) {
    text.push_back(std::string(to_string(graph.layer(k).kind())) + " " + graph.layer(k).name());
    for (int input : graph.inputs(k)) text.back() += " " + std::to_string(input);
  }
  return text;
}

/// What the sinks of a graph take, one after the other.
inline std::vector<std::vector<std::byte>> taken(const LayerGraph& graph) {
  const Evaluation values = evaluate(graph);
  std::vector<std::vector<std::byte>> arrays;
  for (int sink : graph.sinks()) arrays.push_back(values.array(*graph.layer(sink).inputs()[0]));
  return arrays;
}

}  // namespace dunlin::test
