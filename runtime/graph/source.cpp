#include "dunlin/graph/source.hpp"

#include <algorithm>

#include "chunk_spans.hpp"
#include "dunlin/graph/partition.hpp"
#include "dunlin/graph/selection.hpp"

namespace dunlin {
namespace {

/// Some chunks of another kernel's.
class SomeChunksKernel final : public Kernel {
 public:
  SomeChunksKernel(std::shared_ptr<const Kernel> all, std::vector<AxisSelection> chunks)
      : all_(std::move(all)), chunks_(std::move(chunks)) {}
  void run(const TaskRun& task) const override {
    TaskRun of_all = task;
    of_all.chunk = origin(task.chunk);
    all_->run(of_all);
  }
  Cost cost(const ChunkIndex& chunk) const override { return all_->cost(origin(chunk)); }
  bool serial() const override { return all_->serial(); }
  bool makes() const override { return all_->makes(); }
  Lends lends() const override { return all_->lends(); }
  const ValueOps* ops(const ChunkIndex& chunk) const override { return all_->ops(origin(chunk)); }
  bool takes_strides() const override { return all_->takes_strides(); }

 private:
  ChunkIndex origin(ChunkIndex chunk) const {
    for (std::size_t a = 0; a < chunks_.size(); ++a) chunk.at[a] = chunks_[a].at(chunk.at[a]);
    return chunk;
  }
  std::shared_ptr<const Kernel> all_;
  std::vector<AxisSelection> chunks_;
};

}  // namespace

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
  if (reading_ == 0) layer->name_ += " again";
  return layer;
}

std::shared_ptr<SourceLayer> SourceLayer::part(ChunkGrid grid, std::shared_ptr<const Kernel> kernel,
                                               const std::vector<AxisSelection>& origins) const {
  std::shared_ptr<SourceLayer> layer(new SourceLayer(*this));
  const ChunkGrid& whole = output_.grid;
  layer->output_.grid = std::move(grid);
  layer->kernel_ = std::move(kernel);
  if (inputs_.empty()) return layer;
  layer->page_relations_.resize(static_cast<std::size_t>(whole.rank()));
  for (int a = 0; a < whole.rank(); ++a) {
    if (origins[a].is_all(whole.count(a))) {
      if (!page_relations_.empty()) layer->page_relations_[a] = page_relations_[a];
      continue;
    }
    std::vector<std::pair<std::int64_t, std::int64_t>> pairs;
    for (std::int64_t chunk = 0; chunk < origins[a].count(); ++chunk) {
      const std::int64_t origin = origins[a].at(chunk);
      if (page_relations_.empty() || !page_relations_[a]) {
        pairs.emplace_back(chunk, origin / pages_[a]);
      } else {
        for (std::int64_t page : page_relations_[a]->inputs_of(origin)) pairs.emplace_back(chunk, page);
      }
    }
    layer->page_relations_[a] =
        std::make_shared<ChunkRelation>(std::move(pairs), origins[a].count(), inputs_[0]->output().grid.count(a));
  }
  return layer;
}

LayerPtr SourceLayer::select(const std::vector<AxisSelection>& selections) const {
  if (place_ || !kernel_ || !output_.is_exact() || output_.grid.has_unknown()) return nullptr;
  for (const AxisSelection& selection : selections)
    if (selection.is_list()) return nullptr;
  const ChunkGrid grid = SelectionLayer::grid_of(output_.grid, selections);
  std::shared_ptr<const Kernel> kernel = kernel_->select(selections, grid);
  if (!kernel) return nullptr;
  std::vector<AxisSelection> origins;
  for (int a = 0; a < grid.rank(); ++a) {
    if (selections[a].is_all(output_.grid.length(a)) || inputs_.empty()) {
      origins.push_back(AxisSelection::all(output_.grid.count(a)));
      continue;
    }
    std::vector<std::int64_t> of_axis;
    for (std::int64_t chunk = 0; chunk < grid.count(a); ++chunk)
      of_axis.push_back(output_.grid.chunk_of(a, selections[a].at(grid.begin(a, chunk))));
    origins.push_back(AxisSelection::of(std::move(of_axis)));
  }
  std::shared_ptr<SourceLayer> layer = part(grid, std::move(kernel), origins);
  layer->parts_.push_back({false, selections});
  return layer;
}

LayerPtr SourceLayer::only(const std::vector<AxisSelection>& chunks) const {
  if (place_ || !kernel_ || !output_.is_exact() || output_.grid.has_unknown()) return nullptr;
  ChunkGrid grid = output_.grid;
  for (int a = 0; a < grid.rank(); ++a) {
    if (chunks[a].is_all(grid.count(a))) continue;
    std::vector<std::int64_t> lengths;
    for (std::int64_t k = 0; k < chunks[a].count(); ++k) {
      require(chunks[a].at(k) >= 0 && chunks[a].at(k) < grid.count(a), "a source has the chunks that are asked of it");
      lengths.push_back(output_.grid.begin(a, chunks[a].at(k) + 1) - output_.grid.begin(a, chunks[a].at(k)));
    }
    grid = grid.with_axis_of(a, ChunkGrid::of_spans(lengths), 0);
  }
  std::shared_ptr<SourceLayer> layer =
      part(std::move(grid), std::make_shared<SomeChunksKernel>(kernel_, chunks), chunks);
  layer->parts_.push_back({true, chunks});
  return layer;
}

void SourceLayer::needs(int, const ChunkBox& outputs, std::vector<ChunkBox>& blocks) const {
  std::vector<std::vector<Span>> axes;
  for (int a = 0; a < outputs.rank(); ++a) {
    if (!page_relations_.empty() && page_relations_[a]) {
      axes.push_back(page_relations_[a]->inputs_of(Span{outputs.begin[a], outputs.end[a]}));
    } else {
      axes.push_back({{outputs.begin[a] / pages_[a], (outputs.end[a] - 1) / pages_[a] + 1}});
    }
  }
  append_blocks(axes, blocks);
}

void SourceLayer::feeds(int, const ChunkBox& chunks, std::vector<ChunkBox>& blocks) const {
  std::vector<std::vector<Span>> axes;
  for (int a = 0; a < chunks.rank(); ++a) {
    if (!page_relations_.empty() && page_relations_[a]) {
      axes.push_back(page_relations_[a]->outputs_of(Span{chunks.begin[a], chunks.end[a]}));
    } else {
      axes.push_back({{chunks.begin[a] * pages_[a], std::min(chunks.end[a] * pages_[a], output_.grid.count(a))}});
    }
  }
  append_blocks(axes, blocks);
}

void SourceLayer::describe(Description& description) const {
  description.structure("source").structure(pages_).structure(reading_);
  description.structure(one_rank_ ? 1 : 0).structure(static_cast<std::int64_t>(key_));
  description.structure(place_ ? 1 : 0);
  if (place_) place_->describe(description);
  description.structure(static_cast<std::int64_t>(parts_.size()));
  for (const Part& part : parts_) {
    description.structure(part.of_chunks ? 1 : 0);
    dunlin::describe(part.selections, description);
  }
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
