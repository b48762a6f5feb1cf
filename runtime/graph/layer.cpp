#include "dunlin/graph/layer.hpp"

namespace dunlin {

const char* to_string(LayerKind kind) {
  constexpr const char* names[] = {"source",    "blockwise",     "reduction", "rechunk", "overlap",
                                   "selection", "concatenation", "shuffle",   "sink",    "explicit"};
  return names[static_cast<int>(kind)];
}

std::int64_t ValueSpec::bytes(const ChunkIndex& chunk) const {
  if (!is_exact()) return expected_bytes;
  std::int64_t elements = 1;
  for (int a = 0; a < grid.rank(); ++a) elements *= grid.begin(a, chunk.at[a] + 1) - grid.begin(a, chunk.at[a]);
  return elements * planes * static_cast<std::int64_t>(dtype.size());
}

std::int64_t ValueSpec::largest_bytes() const {
  if (!is_exact()) return expected_bytes;
  return product(grid.largest()) * planes * static_cast<std::int64_t>(dtype.size());
}

std::int64_t ValueSpec::total_bytes() const {
  if (!is_exact()) return expected_bytes * grid.count();
  return product(grid.shape()) * planes * static_cast<std::int64_t>(dtype.size());
}

Box Layer::part(int input, const ChunkIndex&, const ChunkIndex& chunk) const {
  return inputs_[static_cast<std::size_t>(input)]->output().grid.box(chunk);
}

/// A long chain must not end in as deep a recursion: what only this layer holds is taken apart here, link by link.
Layer::~Layer() {
  std::vector<LayerPtr> leaving = std::move(inputs_);
  while (!leaving.empty()) {
    const LayerPtr last = std::move(leaving.back());
    leaving.pop_back();
    if (last.use_count() != 1) continue;
    auto& inputs = const_cast<Layer&>(*last).inputs_;  // nobody else can see it any more
    leaving.insert(leaving.end(), inputs.begin(), inputs.end());
    inputs.clear();
  }
}

namespace {

/// What a plan reads of the kernel: how its tasks are run, and the scratch of the first and the last.
void describe_tasks(const Layer& layer, Description& description) {
  const Kernel* kernel = layer.kernel().get();
  const ChunkGrid& grid = layer.output().grid;
  description.structure(kernel ? 1 : 0);
  if (kernel)
    description.structure(kernel->serial())
        .structure(kernel->makes())
        .structure(kernel->keeps())
        .structure(kernel->takes_strides())
        .structure(static_cast<std::int64_t>(kernel->lends()));
  if (!kernel || grid.count() == 0) return;
  for (const std::int64_t ordinal : {std::int64_t{0}, grid.count() - 1}) {
    const ChunkIndex chunk = grid.at(ChunkOrdinal{ordinal});
    description.structure(kernel->cost(chunk).scratch_bytes);
    description.structure(kernel->ops(chunk) ? kernel->ops(chunk)->type().name() : "bytes");
  }
}

}  // namespace

LayerHashes::Pair LayerHashes::of(const Layer& layer) {
  if (state_.load(std::memory_order_acquire) == kept) return pair_;
  Description description;
  description.structure(static_cast<std::int64_t>(layer.kind()))
      .structure(layer.output().dtype)
      .structure(layer.output().grid)
      .structure(layer.output().planes)
      .structure(layer.output().expected_bytes);
  describe_tasks(layer, description);
  layer.describe(description);
  const Pair made{description.structure_hash(), description.value_hash()};
  // The first to be done keeps it; the others have made the same.
  int expected = none;
  if (state_.compare_exchange_strong(expected, being_kept, std::memory_order_relaxed)) {
    pair_ = made;
    state_.store(kept, std::memory_order_release);
  }
  return made;
}

Hash128 structure_hash(const Layer& layer) { return layer.hashes_.of(layer).structure; }
Hash128 value_hash(const Layer& layer) { return layer.hashes_.of(layer).value; }

}  // namespace dunlin
