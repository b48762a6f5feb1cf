#pragma once
// Several arrays joined along one axis: their chunks one after the other. Every output chunk is exactly one input
// chunk.
//
//   a (3 chunks along time), b (2)      output chunks  0 1 2 | 3 4        a's 0 1 2, then b's 0 1
//
// Along the other axes the arrays have equal chunks. Lengths along the axis may be such that only a run tells.

#include <vector>

#include "dunlin/graph/layer.hpp"

namespace dunlin {

class ConcatenateLayer final : public Layer {
 public:
  /// Throws UsageError where types or the chunks of other axes differ. Precondition: at least one input, each with one
  /// plane.
  static std::shared_ptr<const ConcatenateLayer> make(std::string name, std::vector<LayerPtr> inputs, int axis);
  /// The chunks of the result.
  static ChunkGrid grid_of(const std::vector<LayerPtr>& inputs, int axis);

  int axis() const { return axis_; }
  /// First output chunk along the axis of every input, and their end: one more than there are inputs.
  const std::vector<std::int64_t>& offsets() const { return offsets_; }
  /// The input that an output chunk is, and which of its chunks.
  int input_of(const ChunkIndex& output) const;
  ChunkIndex chunk_within(const ChunkIndex& output) const;

  void needs(int input, const ChunkBox& outputs, std::vector<ChunkBox>& blocks) const override;
  void feeds(int input, const ChunkBox& chunks, std::vector<ChunkBox>& blocks) const override;
  void describe(Description& description) const override;
  LayerPtr with_inputs(std::vector<LayerPtr> inputs) const override;
  Alignment alignment() const override;

 private:
  ConcatenateLayer(std::string name, ValueSpec output, std::vector<LayerPtr> inputs, int axis,
                   std::vector<std::int64_t> offsets);
  int axis_;
  std::vector<std::int64_t> offsets_;
};

}  // namespace dunlin
