#pragma once
// What is told of every layer of a plan, however it is told.

#include <cstdint>
#include <string>

#include "dunlin/plan/layer_plan.hpp"

namespace dunlin {

struct LayerFacts {
  std::int64_t made = 0;   // chunks that any sink needs
  std::int64_t bytes = 0;  // of their values; of a sink those that it takes
  std::string lies;        // "block 4 x 2"
  std::string chunks;      // "20 x (12, 37, 49) float32"
  /// Of a source that several stages or rounds need: "held" until the last of them, or "read again" for each. Of a sink
  /// in rounds: how many there are, and which of them this is.
  std::string fate;
};
LayerFacts layer_facts(const LayerPlan& plan, int layer);

}  // namespace dunlin
