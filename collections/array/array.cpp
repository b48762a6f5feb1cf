#include "dunlin/array/array.hpp"

#include <cstring>
#include <mutex>

#include "dunlin/array/reductions.hpp"
#include "dunlin/graph/rechunk.hpp"
#include "dunlin/graph/sink.hpp"
#include "dunlin/graph/source.hpp"

namespace dunlin {
namespace {

/// Takes chunks into one row-major array.
class CollectKernel final : public Kernel {
 public:
  CollectKernel(ValueSpec from, std::shared_ptr<std::vector<std::byte>> into)
      : from_(std::move(from)), into_(std::move(into)) {}
  void run(const TaskRun& task) const override {
    const Box box = from_.grid.box(task.chunk);
    const Shape shape = from_.grid.shape();
    const std::size_t element = from_.dtype.size();
    const std::byte* from = task.inputs.front().bytes().data();
    if (box.empty()) return;
    const int rank = box.rank();
    const auto row = static_cast<std::size_t>(rank == 0 ? 1 : box.length(rank - 1)) * element;
    Coords at = box.begin;
    for (;;) {  // row by row: no two chunks share an element, so no lock
      std::int64_t position = 0;
      for (int a = 0; a < rank; ++a) position = position * shape[a] + at[a];
      std::memcpy(into_->data() + static_cast<std::size_t>(position) * element, from, row);
      from += row;
      int a = rank - 2;
      for (; a >= 0 && ++at[a] == box.end[a]; --a) at[a] = box.begin[a];
      if (a < 0) return;
    }
  }
  Cost cost(const ChunkIndex&) const override { return {}; }

 private:
  ValueSpec from_;
  std::shared_ptr<std::vector<std::byte>> into_;
};

/// A box of an array that every rank holds.
class ReplicatedKernel final : public Kernel {
 public:
  explicit ReplicatedKernel(std::vector<std::byte> values) : values_(std::move(values)) {}
  void run(const TaskRun& task) const override { std::memcpy(task.output.data(), values_.data(), task.output.size()); }
  Cost cost(const ChunkIndex&) const override { return {}; }

 private:
  std::vector<std::byte> values_;
};

}  // namespace

Array Array::rechunk(const ChunkGrid& chunks) const {
  if (chunks == grid()) return *this;
  return {context_, RechunkLayer::make("rechunk", layer_, chunks)};
}

Array Array::mean(const Coords& axes) const { return dunlin::mean(*this, axes); }

std::vector<std::byte> Array::compute_bytes(std::int64_t limit) const {
  const std::int64_t total = layer_->output().total_bytes();
  if (total > limit)
    throw UsageError("compute() would put " + std::to_string(total) + " bytes on every rank, above its limit of " +
                     std::to_string(limit) + ": write the array with to_zarr, or reduce it first");
  auto values = std::make_shared<std::vector<std::byte>>(context_->rank() == 0 ? static_cast<std::size_t>(total)
                                                                               : std::size_t{0});
  const LayerPtr sink = SinkLayer::make_on_rank_0("collect", layer_,
                                                  std::make_shared<CollectKernel>(layer_->output(), values), "compute");
  context_->compute({sink});
  return context_->on_one_rank("sharing a result", [&] { return std::move(*values); });
}

Array from_replicated(std::shared_ptr<ContextState> context, const Shape& shape, DType dtype,
                      std::vector<std::byte> values) {
  if (static_cast<std::int64_t>(values.size()) != product(shape) * static_cast<std::int64_t>(dtype.size()))
    throw UsageError("an array of shape " + to_string(shape) + " and dtype " + to_string(dtype) + " was given " +
                     std::to_string(values.size()) + " bytes");
  const Hash128 hash = hash_bytes(values);
  const std::string identity = "replicated " + std::to_string(hash[0]) + " " + std::to_string(hash[1]);
  return {std::move(context), SourceLayer::make("replicated", ValueSpec{dtype, ChunkGrid::single(shape)},
                                                std::make_shared<ReplicatedKernel>(std::move(values)), identity)};
}

}  // namespace dunlin
