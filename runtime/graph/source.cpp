#include "dunlin/graph/source.hpp"

#include <algorithm>

#include "dunlin/graph/partition.hpp"

namespace dunlin {

std::shared_ptr<const SourceLayer> SourceLayer::make(std::string name, ValueSpec output,
                                                     std::shared_ptr<const Kernel> kernel, std::string identity) {
  return std::shared_ptr<const SourceLayer>(
      new SourceLayer(std::move(name), std::move(output), std::move(kernel), std::move(identity), {}));
}

std::shared_ptr<const SourceLayer> SourceLayer::make(std::string name, ValueSpec output,
                                                     std::shared_ptr<const Kernel> kernel, std::string identity,
                                                     LayerPtr aid, Coords pages) {
  std::shared_ptr<SourceLayer> layer(
      new SourceLayer(std::move(name), std::move(output), std::move(kernel), std::move(identity), {std::move(aid)}));
  layer->pages_ = std::move(pages);
  return layer;
}

std::shared_ptr<const SourceLayer> SourceLayer::make_on_one_rank(std::string name, ValueSpec output,
                                                                 std::shared_ptr<const Kernel> kernel,
                                                                 std::string identity, std::uint64_t key) {
  std::shared_ptr<SourceLayer> layer(
      new SourceLayer(std::move(name), std::move(output), std::move(kernel), std::move(identity), {}));
  layer->one_rank_ = true;
  layer->key_ = key;
  return layer;
}

std::shared_ptr<const SourceLayer> SourceLayer::make_fixed(std::string name, ValueSpec output,
                                                           std::shared_ptr<const Kernel> kernel, std::string identity,
                                                           std::shared_ptr<const Partition> place) {
  std::shared_ptr<SourceLayer> layer(
      new SourceLayer(std::move(name), std::move(output), std::move(kernel), std::move(identity), {}));
  layer->place_ = std::move(place);
  return layer;
}

LayerPtr SourceLayer::again(int reading) const {
  std::shared_ptr<SourceLayer> layer(new SourceLayer(*this));
  layer->reading_ = reading;
  layer->name_ += " again";
  return layer;
}

void SourceLayer::needs(int, const ChunkBox& outputs, std::vector<ChunkBox>& blocks) const {
  ChunkBox block;
  for (int a = 0; a < outputs.rank(); ++a) {
    block.begin.push_back(outputs.begin[a] / pages_[a]);
    block.end.push_back((outputs.end[a] - 1) / pages_[a] + 1);
  }
  blocks.push_back(block);
}

void SourceLayer::feeds(int, const ChunkBox& chunks, std::vector<ChunkBox>& blocks) const {
  ChunkBox block;
  for (int a = 0; a < chunks.rank(); ++a) {
    block.begin.push_back(chunks.begin[a] * pages_[a]);
    block.end.push_back(std::min(chunks.end[a] * pages_[a], output_.grid.count(a)));
  }
  blocks.push_back(block);
}

void SourceLayer::describe(Description& description) const {
  description.structure("source").structure(pages_).structure(reading_);
  description.structure(one_rank_ ? 1 : 0).structure(static_cast<std::int64_t>(key_));
  description.structure(place_ ? 1 : 0);
  if (place_) place_->describe(description);
  description.identity(identity_);
}

LayerPtr SourceLayer::with_inputs(std::vector<LayerPtr> inputs) const {
  std::shared_ptr<SourceLayer> layer(new SourceLayer(*this));
  layer->inputs_ = std::move(inputs);
  return layer;
}

Alignment SourceLayer::alignment() const {
  Alignment alignment;
  alignment.one_rank = one_rank_;
  alignment.key = key_;
  alignment.fixed = place_;
  return alignment;
}

}  // namespace dunlin
