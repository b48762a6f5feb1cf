#include "dunlin/graph/rechunk.hpp"

#include "gather.hpp"

namespace dunlin {
namespace {

class RechunkKernel final : public Kernel {
 public:
  explicit RechunkKernel(ValueSpec to) : to_(std::move(to)) {}
  bool takes_strides() const override { return true; }
  void run(const TaskRun& task) const override {
    const Box to = to_.grid.box(task.chunk);
    std::vector<Pieces> axes;
    for (int a = 0; a < to.rank(); ++a) axes.push_back({{0, to.length(a), to.begin[a], 1}});
    gather(task, axes, to.shape(), to_.dtype.size());
  }
  Cost cost(const ChunkIndex& chunk) const override {
    return {.operations = static_cast<double>(to_.grid.box(chunk).count())};
  }

 private:
  ValueSpec to_;
};

}  // namespace

RechunkLayer::RechunkLayer(std::string name, LayerPtr input, ChunkGrid grid)
    : Layer(LayerKind::rechunk, std::move(name), ValueSpec{input->output().dtype, grid}, {input},
            std::make_shared<RechunkKernel>(ValueSpec{input->output().dtype, grid})) {}

std::shared_ptr<const RechunkLayer> RechunkLayer::make(std::string name, LayerPtr input, ChunkGrid grid) {
  if (input->output().grid.shape() != grid.shape())
    throw UsageError("chunks for shape " + to_string(grid.shape()) + " were given to an array of shape " +
                     to_string(input->output().grid.shape()));
  require(input->output().planes == 1, "only plain arrays are rechunked");
  return std::shared_ptr<const RechunkLayer>(new RechunkLayer(std::move(name), std::move(input), std::move(grid)));
}

void RechunkLayer::needs(int, const ChunkBox& outputs, std::vector<ChunkBox>& blocks) const {
  blocks.push_back(inputs_[0]->output().grid.chunks_of(output_.grid.box(outputs)));
}
void RechunkLayer::feeds(int, const ChunkBox& chunks, std::vector<ChunkBox>& blocks) const {
  blocks.push_back(output_.grid.chunks_of(inputs_[0]->output().grid.box(chunks)));
}
Box RechunkLayer::part(int, const ChunkIndex& output, const ChunkIndex& chunk) const {
  return intersection(output_.grid.box(output), inputs_[0]->output().grid.box(chunk));
}
void RechunkLayer::describe(Description& description) const { description.structure("rechunk"); }
LayerPtr RechunkLayer::with_inputs(std::vector<LayerPtr> inputs) const {
  return make(name_, std::move(inputs.at(0)), output_.grid);
}
Alignment RechunkLayer::alignment() const { return {}; }

}  // namespace dunlin
