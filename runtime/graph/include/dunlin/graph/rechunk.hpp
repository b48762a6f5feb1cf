#pragma once
// The same values in other chunks: an output chunk is assembled from the input chunks that it meets.

#include "dunlin/graph/layer.hpp"

namespace dunlin {

class RechunkLayer final : public Layer {
 public:
  /// Precondition: `grid` has the input's shape. Throws UsageError where it has not.
  static std::shared_ptr<const RechunkLayer> make(std::string name, LayerPtr input, ChunkGrid grid);
  void needs(int input, const ChunkBox& outputs, std::vector<ChunkBox>& blocks) const override;
  void feeds(int input, const ChunkBox& chunks, std::vector<ChunkBox>& blocks) const override;
  bool cuts(int) const override { return true; }
  Box part(int input, const ChunkIndex& output, const ChunkIndex& chunk) const override;
  void describe(Description& description) const override;
  LayerPtr with_inputs(std::vector<LayerPtr> inputs) const override;
  Alignment alignment() const override;

 private:
  RechunkLayer(std::string name, LayerPtr input, ChunkGrid grid);
};

}  // namespace dunlin
