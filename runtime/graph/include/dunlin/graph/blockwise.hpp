#pragma once
// Elementwise operations: one register program over operands that lie in the output's index space.
//
//   out[t, y, x] = program(x[t, y, x], mean[y, x])
//
// The output's grid is the domain; each operand names the domain's axes it lies along (OperandMap). Layers whose
// programs can be joined are fused by the plan.

#include "dunlin/graph/layer.hpp"
#include "dunlin/graph/operand_map.hpp"
#include "dunlin/graph/program.hpp"

namespace dunlin {

class BlockwiseLayer final : public Layer {
 public:
  /// `domain`: the output's grid. One map per input and program input. Throws UsageError where a grid does not fit.
  static std::shared_ptr<const BlockwiseLayer> make(std::string name, Program program, ChunkGrid domain,
                                                    std::vector<LayerPtr> inputs, std::vector<OperandMap> maps);
  const Program& program() const { return program_; }
  const std::vector<OperandMap>& maps() const { return maps_; }

  void needs(int input, const ChunkBox& outputs, std::vector<ChunkBox>& blocks) const override;
  void feeds(int input, const ChunkBox& chunks, std::vector<ChunkBox>& blocks) const override;
  void describe(Description& description) const override;
  LayerPtr with_inputs(std::vector<LayerPtr> inputs) const override;
  Alignment alignment() const override;

 private:
  BlockwiseLayer(std::string name, Program program, ChunkGrid domain, std::vector<LayerPtr> inputs,
                 std::vector<OperandMap> maps);
  Program program_;
  std::vector<OperandMap> maps_;
};

/// The input that a layer over these operands stays close to: the one with the most bytes, the first of equals.
int largest_operand(const std::vector<LayerPtr>& inputs);
/// Alignment along that operand, for an output whose axes are the domain's; none where it is repeated along chunks of
/// the domain.
Alignment align_with_operand(const std::vector<LayerPtr>& inputs, const std::vector<OperandMap>& maps,
                             const ChunkGrid& domain);

}  // namespace dunlin
