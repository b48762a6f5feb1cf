#pragma once
// The layers that some sinks need, each after its inputs: what a plan is made of.
//
//   LayerGraph graph = LayerGraph::of({sink});     graph.layers().back() == sink
//
// The order is fixed by the order of the sinks and of each layer's inputs, so that it is the same on all ranks. Passes
// make new graphs; the layers are shared.

#include <vector>

#include "dunlin/graph/layer.hpp"

namespace dunlin {

class LayerGraph {
 public:
  static LayerGraph of(const std::vector<LayerPtr>& sinks);

  int size() const { return static_cast<int>(layers_.size()); }
  const Layer& layer(int ordinal) const { return *layers_[ordinal]; }
  const LayerPtr& pointer(int ordinal) const { return layers_[ordinal]; }
  const std::vector<LayerPtr>& layers() const { return layers_; }
  /// Ordinals of a layer's inputs, in its own order.
  const std::vector<int>& inputs(int ordinal) const { return inputs_[ordinal]; }
  /// One consumer: layer `layer` through its input number `input`.
  struct Consumer {
    int layer, input;
  };
  const std::vector<Consumer>& consumers(int ordinal) const { return consumers_[ordinal]; }
  /// The layers that the graph was made for, in their order.
  const std::vector<int>& sinks() const { return sinks_; }

  /// hash_until(k): of layers 0 … k−1 with their connections, structure and identity. hash_until(size()) is the
  /// graph's.
  Hash128 hash_until(int count) const { return hashes_[count]; }
  Hash128 hash() const { return hashes_.back(); }
  /// Of structure and connections alone: graphs with equal ones have equal plans.
  Hash128 structure_hash() const { return structure_; }

 private:
  std::vector<LayerPtr> layers_;
  std::vector<std::vector<int>> inputs_;
  std::vector<std::vector<Consumer>> consumers_;
  std::vector<int> sinks_;
  std::vector<Hash128> hashes_{Hash128{}};  // of an empty graph
  Hash128 structure_{};
};

}  // namespace dunlin
