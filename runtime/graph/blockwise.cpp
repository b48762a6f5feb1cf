#include "dunlin/graph/blockwise.hpp"

#include "program_kernel.hpp"

namespace dunlin {

int largest_operand(const std::vector<LayerPtr>& inputs) {
  int largest = 0;
  for (int i = 1; i < static_cast<int>(inputs.size()); ++i)
    if (inputs[i]->output().total_bytes() > inputs[largest]->output().total_bytes()) largest = i;
  return largest;
}

Alignment align_with_operand(const std::vector<LayerPtr>& inputs, const std::vector<OperandMap>& maps,
                             const ChunkGrid& domain) {
  if (inputs.empty()) return {};
  Alignment alignment;
  alignment.input = largest_operand(inputs);
  alignment.axis = Coords(static_cast<std::size_t>(domain.rank()), -1);
  const OperandMap& map = maps[alignment.input];
  std::int64_t covered = 1;
  for (int k = 0; k < static_cast<int>(map.axis.size()); ++k) {
    if (map.axis[k] < 0) continue;
    alignment.axis[map.axis[k]] = k;
    covered *= inputs[alignment.input]->output().grid.count(k);
  }
  // What is repeated to something larger would keep all of that on the few ranks that own it.
  if (covered < domain.count()) return {};
  return alignment;
}

BlockwiseLayer::BlockwiseLayer(std::string name, Program program, ChunkGrid domain, std::vector<LayerPtr> inputs,
                               std::vector<OperandMap> maps)
    : Layer(LayerKind::blockwise, std::move(name), ValueSpec{program.result_type(), domain}, std::move(inputs),
            nullptr),
      program_(std::move(program)),
      maps_(std::move(maps)) {
  std::vector<ChunkGrid> grids;
  for (const LayerPtr& input : inputs_) grids.push_back(input->output().grid);
  kernel_ = std::make_shared<ProgramKernel>(program_, std::move(domain), std::move(grids), maps_);
}

std::shared_ptr<const BlockwiseLayer> BlockwiseLayer::make(std::string name, Program program, ChunkGrid domain,
                                                           std::vector<LayerPtr> inputs, std::vector<OperandMap> maps) {
  require(inputs.size() == maps.size() && inputs.size() == program.inputs().size(),
          "a blockwise layer has one map and one program input per input");
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    check_operand(maps[i], inputs[i]->output().grid, domain);
    require(inputs[i]->output().dtype == program.inputs()[i] && inputs[i]->output().planes == 1,
            "a blockwise layer's inputs have the program's types");
  }
  return std::shared_ptr<const BlockwiseLayer>(
      new BlockwiseLayer(std::move(name), std::move(program), std::move(domain), std::move(inputs), std::move(maps)));
}

void BlockwiseLayer::needs(int input, const ChunkBox& outputs, std::vector<ChunkBox>& blocks) const {
  blocks.push_back(operand_block(maps_[input], inputs_[input]->output().grid, output_.grid, outputs));
}

void BlockwiseLayer::feeds(int input, const ChunkBox& chunks, std::vector<ChunkBox>& blocks) const {
  blocks.push_back(domain_block(maps_[input], inputs_[input]->output().grid, output_.grid, chunks));
}

void BlockwiseLayer::describe(Description& description) const {
  program_.describe(description);
  for (const OperandMap& map : maps_) description.structure(map.axis);
}

LayerPtr BlockwiseLayer::with_inputs(std::vector<LayerPtr> inputs) const {
  return make(name_, program_, output_.grid, std::move(inputs), maps_);
}

Alignment BlockwiseLayer::alignment() const { return align_with_operand(inputs_, maps_, output_.grid); }

}  // namespace dunlin
