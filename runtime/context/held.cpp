#include "held.hpp"

#include "context_parts.hpp"
#include "dunlin/graph/sink.hpp"
#include "dunlin/graph/source.hpp"

namespace dunlin {
namespace {

class KeepKernel final : public Kernel {
 public:
  KeepKernel(const ValueSpec& input, std::shared_ptr<HeldChunks> into) : grid_(input.grid), into_(std::move(into)) {}
  void run(const TaskRun& task) const override { into_->put(grid_.ordinal(task.chunk), std::move(*task.kept)); }
  Cost cost(const ChunkIndex&) const override { return {}; }
  bool keeps() const override { return true; }
  bool takes_strides() const override { return true; }

 private:
  ChunkGrid grid_;
  std::shared_ptr<HeldChunks> into_;
};

class HeldKernel final : public Kernel {
 public:
  HeldKernel(const Layer& like, std::shared_ptr<const HeldChunks> chunks)
      : grid_(like.output().grid), like_(like.kernel()), chunks_(std::move(chunks)) {}
  void run(const TaskRun& task) const override { *task.made = chunks_->get(grid_.ordinal(task.chunk)); }
  Cost cost(const ChunkIndex&) const override { return {}; }
  bool makes() const override { return true; }
  Lends lends() const override { return Lends::packed; }
  const ValueOps* ops(const ChunkIndex& chunk) const override { return like_->ops(chunk); }

 private:
  ChunkGrid grid_;
  std::shared_ptr<const Kernel> like_;
  std::shared_ptr<const HeldChunks> chunks_;
};

}  // namespace

HeldChunks::~HeldChunks() { count_->fetch_sub(bytes_); }

void HeldChunks::put(ChunkOrdinal chunk, Value value) {
  const std::lock_guard lock(mutex_);
  const auto bytes = static_cast<std::int64_t>(value.size());
  if (!chunks_.emplace(static_cast<std::int64_t>(chunk), std::move(value)).second) return;
  bytes_ += bytes;
  count_->fetch_add(bytes);
}

Value HeldChunks::get(ChunkOrdinal chunk) const {
  const std::lock_guard lock(mutex_);
  const auto found = chunks_.find(static_cast<std::int64_t>(chunk));
  require(found != chunks_.end(), "a held chunk is on the rank that its partition says");
  return found->second.share();
}

LayerPtr make_keep_sink(const LayerPtr& input, std::shared_ptr<HeldChunks> into, std::int64_t ordinal) {
  return SinkLayer::make("keep " + input->name(), input, std::make_shared<KeepKernel>(input->output(), std::move(into)),
                         "kept " + std::to_string(ordinal), {});
}

LayerPtr make_held_source(const Layer& like, std::shared_ptr<const HeldChunks> chunks,
                          std::shared_ptr<const Partition> place, std::int64_t ordinal) {
  return SourceLayer::make_fixed("held " + like.name(), like.output(),
                                 std::make_shared<HeldKernel>(like, std::move(chunks)),
                                 "held " + std::to_string(ordinal), std::move(place));
}

std::vector<LayerPtr> ContextState::persist(const std::vector<LayerPtr>& layers) {
  Parts& parts = *parts_;
  const CollectiveCall call(parts, "persist");
  std::vector<std::shared_ptr<HeldChunks>> chunks;
  std::vector<LayerPtr> sinks;
  for (const LayerPtr& layer : layers) {
    chunks.push_back(std::make_shared<HeldChunks>(parts.held_bytes));
    sinks.push_back(make_keep_sink(layer, chunks.back(), parts.next_ordinal++));
  }
  RunReport report;
  const Parts::Planned planned = parts.plan(sinks, report);
  parts.run(planned, report);
  std::vector<LayerPtr> held;
  for (std::size_t k = 0; k < layers.size(); ++k) {
    const auto place = std::make_shared<Partition>(planned.plan->partition(planned.plan->graph().sinks()[k]));
    held.push_back(make_held_source(*layers[k], chunks[k], place, parts.next_ordinal++));
  }
  return held;
}

}  // namespace dunlin
