// A small result on every rank: collected by rank 0, then broadcast.

#include <fmt/format.h>

#include <map>

#include "context_parts.hpp"
#include "dunlin/base/byte_size.hpp"
#include "dunlin/graph/sink.hpp"

namespace dunlin {
namespace {

/// What rank 0 collects, by chunk ordinal; tasks of several threads put into it.
struct Collection {
  std::mutex mutex;
  std::map<std::int64_t, std::vector<std::byte>> chunks;
};

class CollectKernel final : public Kernel {
 public:
  CollectKernel(const ChunkGrid& grid, std::shared_ptr<Collection> into) : grid_(grid), into_(std::move(into)) {}
  void run(const TaskRun& task) const override {
    const ChunkView& input = task.inputs.front();
    std::vector<std::byte> bytes(input.bytes().begin(), input.bytes().end());
    if (const Value* value = input.value(); value && value->is_object()) {
      bytes.resize(value->size());
      value->ops().write(value->get(), bytes);
    }
    const std::lock_guard lock(into_->mutex);
    into_->chunks[static_cast<std::int64_t>(grid_.ordinal(task.chunk))] = std::move(bytes);
  }
  Cost cost(const ChunkIndex&) const override { return {}; }

 private:
  ChunkGrid grid_;
  std::shared_ptr<Collection> into_;
};

}  // namespace

ResultTooLarge::ResultTooLarge(const std::string& layer, std::int64_t bytes, std::int64_t limit)
    : UsageError(fmt::format("'{}' has {}, more than the {} that may be put on every rank: write it to a file, keep it "
                             "where it is with persist, or reduce it first",
                             layer, human_bytes(bytes), human_bytes(limit))),
      bytes(bytes),
      limit(limit) {}

std::vector<std::byte> ContextState::replicate(const LayerPtr& layer, std::int64_t limit) {
  const std::int64_t expected = layer->output().total_bytes();
  if (expected > limit) throw ResultTooLarge(layer->name(), expected, limit);
  const auto collection = std::make_shared<Collection>();
  compute({SinkLayer::make_on_rank_0("collect " + layer->name(), layer,
                                     std::make_shared<CollectKernel>(layer->output().grid, collection), "replicate")});
  return on_one_rank("sharing a result", [&] {
    std::vector<std::byte> all;
    for (const auto& [ordinal, bytes] : collection->chunks) all.insert(all.end(), bytes.begin(), bytes.end());
    // Where only the run tells sizes, only now is it known.
    const auto size = static_cast<std::int64_t>(all.size());
    if (size > limit) throw ResultTooLarge(layer->name(), size, limit);
    return all;
  });
}

}  // namespace dunlin
