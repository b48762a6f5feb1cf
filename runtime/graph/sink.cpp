#include "dunlin/graph/sink.hpp"

namespace dunlin {
namespace {

/// Shows a sink's kernel a block of its chunks as the chunks that they are of the whole.
class BlockKernel final : public Kernel {
 public:
  BlockKernel(std::shared_ptr<const Kernel> kernel, ChunkGrid whole, Coords first)
      : kernel_(std::move(kernel)), whole_(std::move(whole)), first_(std::move(first)) {}
  void run(const TaskRun& task) const override {
    const ChunkIndex chunk = of_whole(task.chunk);
    const ChunkView& part = task.inputs.front();
    const ChunkOrdinal ordinal = whole_.ordinal(chunk);
    const ChunkView view =
        part.value() ? ChunkView(whole_, ordinal, *part.value()) : ChunkView(whole_, ordinal, part.bytes());
    TaskRun of_whole = task;
    of_whole.chunk = chunk;
    of_whole.inputs = {&view, 1};
    kernel_->run(of_whole);
  }
  Cost cost(const ChunkIndex& chunk) const override { return kernel_->cost(of_whole(chunk)); }
  bool serial() const override { return kernel_->serial(); }
  const ValueOps* ops(const ChunkIndex& chunk) const override { return kernel_->ops(of_whole(chunk)); }
  bool keeps() const override { return kernel_->keeps(); }
  bool takes_strides() const override { return kernel_->takes_strides(); }

 private:
  ChunkIndex of_whole(ChunkIndex chunk) const {
    for (std::size_t a = 0; a < first_.size(); ++a) chunk.at[a] += first_[a];
    return chunk;
  }
  std::shared_ptr<const Kernel> kernel_;
  ChunkGrid whole_;
  Coords first_;
};

}  // namespace

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
  description.structure(round_).structure(rounds_).structure(first_);
}

std::shared_ptr<const SinkLayer> SinkLayer::make_on_rank_0(std::string name, LayerPtr input,
                                                           std::shared_ptr<const Kernel> kernel, std::string identity) {
  std::shared_ptr<SinkLayer> layer(
      new SinkLayer(std::move(name), std::move(input), std::move(kernel), std::move(identity), {}));
  layer->rank_0_ = true;
  return layer;
}

LayerPtr SinkLayer::in_round(LayerPtr input, const ChunkBox& block, int round, int rounds) const {
  std::shared_ptr<SinkLayer> layer(new SinkLayer(*this));
  layer->kernel_ = std::make_shared<BlockKernel>(kernel_, output_.grid, block.begin);
  layer->output_ = input->output();
  layer->inputs_ = {std::move(input)};
  layer->first_ = block.begin;
  layer->round_ = round;
  layer->rounds_ = rounds;
  layer->finish_ = {};
  return layer;
}

ChunkIndex SinkLayer::chunk_of_whole(const ChunkIndex& chunk) const {
  ChunkIndex of_whole = chunk;
  for (std::size_t a = 0; a < first_.size(); ++a) of_whole.at[a] += first_[a];
  return of_whole;
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
