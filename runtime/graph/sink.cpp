#include "dunlin/graph/sink.hpp"

namespace dunlin {

SinkLayer::SinkLayer(std::string name, LayerPtr input, std::shared_ptr<const Kernel> kernel, std::string identity,
                     Finish finish)
    : Layer(LayerKind::sink, std::move(name), input->output(), {input}, std::move(kernel)),
      identity_(std::move(identity)),
      finish_(std::move(finish)) {}

std::shared_ptr<const SinkLayer> SinkLayer::make(std::string name, LayerPtr input, std::shared_ptr<const Kernel> kernel,
                                                 std::string identity, Finish finish) {
  return std::shared_ptr<const SinkLayer>(
      new SinkLayer(std::move(name), std::move(input), std::move(kernel), std::move(identity), std::move(finish)));
}

void SinkLayer::needs(int, const ChunkBox& outputs, std::vector<ChunkBox>& blocks) const { blocks.push_back(outputs); }
void SinkLayer::feeds(int, const ChunkBox& chunks, std::vector<ChunkBox>& blocks) const { blocks.push_back(chunks); }
void SinkLayer::describe(Description& description) const {
  description.structure("sink").structure(rank_0_ ? 1 : 0).identity(identity_);
}

std::shared_ptr<const SinkLayer> SinkLayer::make_on_rank_0(std::string name, LayerPtr input,
                                                           std::shared_ptr<const Kernel> kernel, std::string identity) {
  std::shared_ptr<SinkLayer> layer(
      new SinkLayer(std::move(name), std::move(input), std::move(kernel), std::move(identity), {}));
  layer->rank_0_ = true;
  return layer;
}

LayerPtr SinkLayer::with_inputs(std::vector<LayerPtr> inputs) const {
  std::shared_ptr<SinkLayer> layer(new SinkLayer(*this));
  layer->inputs_ = std::move(inputs);
  return layer;
}

Alignment SinkLayer::alignment() const {
  Alignment alignment;
  alignment.one_rank = rank_0_;
  alignment.input = 0;
  for (int a = 0; a < output_.grid.rank(); ++a) alignment.axis.push_back(a);
  return alignment;
}

void SinkLayer::finish(const Outcome& outcome) const {
  if (finish_) finish_(outcome);
}

}  // namespace dunlin
