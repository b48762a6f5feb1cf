#pragma once
// A layer that passes its input on and says itself where its chunks lie.

#include "dunlin/graph/layer.hpp"

namespace dunlin::test {

class PlacedLayer final : public Layer {
 public:
  PlacedLayer(LayerPtr input, Alignment alignment)
      : Layer(LayerKind::explicit_tasks, "placed", input->output(), {input}, std::make_shared<Nothing>()),
        alignment_(std::move(alignment)) {}
  void needs(int, const ChunkBox& outputs, std::vector<ChunkBox>& blocks) const override { blocks.push_back(outputs); }
  void feeds(int, const ChunkBox& chunks, std::vector<ChunkBox>& blocks) const override { blocks.push_back(chunks); }
  void describe(Description& description) const override { description.structure("placed"); }
  LayerPtr with_inputs(std::vector<LayerPtr> inputs) const override {
    return std::make_shared<PlacedLayer>(inputs.at(0), alignment_);
  }
  Alignment alignment() const override { return alignment_; }

 private:
  struct Nothing final : Kernel {
    void run(const TaskRun&) const override {}
    Cost cost(const ChunkIndex&) const override { return {}; }
  };
  Alignment alignment_;
};

}  // namespace dunlin::test
