#include "dunlin/graph/map.hpp"

#include "dunlin/graph/blockwise.hpp"

namespace dunlin {
namespace {

void check(int input, const OperandMap& map, const ChunkGrid& operand, const ChunkGrid& output) {
  require(static_cast<int>(map.axis.size()) == operand.rank(), "an operand map names every axis of its operand");
  std::uint32_t named = 0;
  for (int k = 0; k < operand.rank(); ++k) {
    const auto a = static_cast<int>(map.axis[k]);
    if (a < 0) {
      if (operand.count(k) > 0 || output.count() == 0) continue;
      throw UsageError("input " + std::to_string(input) + " of a map has no chunks along its axis " +
                       std::to_string(k) + ": every output chunk needs at least one");
    }
    require(a < output.rank() && !(named >> a & 1), "an operand map names each axis of the output at most once");
    named |= 1u << a;
    if (operand.count(k) != output.count(a) && operand.count(k) != 1)
      throw UsageError("input " + std::to_string(input) + " of a map has " + std::to_string(operand.count(k)) +
                       " chunks along its axis " + std::to_string(k) + ", the output has " +
                       std::to_string(output.count(a)) + " along axis " + std::to_string(a) +
                       ": there must be equally many, or one; rechunk the input first");
  }
}

}  // namespace

std::shared_ptr<const MapLayer> MapLayer::make(std::string name, std::shared_ptr<const Kernel> kernel, ValueSpec output,
                                               std::vector<LayerPtr> inputs, std::vector<OperandMap> maps,
                                               std::string code, std::string key) {
  require(inputs.size() == maps.size(), "a map layer has one operand map per input");
  require(output.is_exact() || kernel->makes(), "where only a run tells the size of a value, the kernel makes it");
  for (int i = 0; i < static_cast<int>(inputs.size()); ++i) check(i, maps[i], inputs[i]->output().grid, output.grid);
  return std::shared_ptr<const MapLayer>(new MapLayer(std::move(name), std::move(kernel), std::move(output),
                                                      std::move(inputs), std::move(maps), std::move(code),
                                                      std::move(key)));
}

bool MapLayer::runs_along(int input, int k) const {
  const auto a = static_cast<int>(maps_[input].axis[k]);
  return a >= 0 && inputs_[input]->output().grid.count(k) == output_.grid.count(a);
}

void MapLayer::needs(int input, const ChunkBox& outputs, std::vector<ChunkBox>& blocks) const {
  ChunkBox block = inputs_[input]->output().grid.all();
  for (int k = 0; k < block.rank(); ++k) {
    if (!runs_along(input, k)) continue;
    block.begin[k] = outputs.begin[maps_[input].axis[k]];
    block.end[k] = outputs.end[maps_[input].axis[k]];
  }
  blocks.push_back(block);
}

void MapLayer::feeds(int input, const ChunkBox& chunks, std::vector<ChunkBox>& blocks) const {
  ChunkBox block = output_.grid.all();
  for (int k = 0; k < chunks.rank(); ++k) {
    if (!runs_along(input, k)) continue;
    block.begin[maps_[input].axis[k]] = chunks.begin[k];
    block.end[maps_[input].axis[k]] = chunks.end[k];
  }
  if (block.count() > 0) blocks.push_back(block);
}

void MapLayer::describe(Description& description) const {
  description.structure("map").structure(code_).structure(kernel_->makes() ? 1 : 0);
  for (const OperandMap& map : maps_) description.structure(map.axis);
  description.identity(key_);
}

LayerPtr MapLayer::with_inputs(std::vector<LayerPtr> inputs) const {
  return make(name_, kernel_, output_, std::move(inputs), maps_, code_, key_);
}

Alignment MapLayer::alignment() const {
  Alignment alignment = align_with_operand(inputs_, maps_, output_.grid);
  if (alignment.input < 0) return alignment;
  for (int k = 0; k < static_cast<int>(maps_[alignment.input].axis.size()); ++k) {
    const std::int64_t a = maps_[alignment.input].axis[k];
    if (runs_along(alignment.input, k)) continue;
    // All chunks along an axis are needed, which lie on several ranks: following some would leave the others idle.
    if (a < 0 && inputs_[alignment.input]->output().grid.count(k) > 1) return {};
    if (a >= 0) alignment.axis[a] = -1;
  }
  return alignment;
}

}  // namespace dunlin
