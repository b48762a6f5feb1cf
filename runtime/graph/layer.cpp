#include "dunlin/graph/layer.hpp"

namespace dunlin {

const char* to_string(LayerKind kind) {
  constexpr const char* names[] = {"source",  "blockwise", "reduction", "rechunk",
                                   "overlap", "shuffle",   "sink",      "explicit"};
  return names[static_cast<int>(kind)];
}

std::int64_t ValueSpec::bytes(const ChunkIndex& chunk) const {
  std::int64_t elements = 1;
  for (int a = 0; a < grid.rank(); ++a) elements *= grid.begin(a, chunk.at[a] + 1) - grid.begin(a, chunk.at[a]);
  return elements * planes * static_cast<std::int64_t>(dtype.size());
}

std::int64_t ValueSpec::largest_bytes() const {
  return product(grid.largest()) * planes * static_cast<std::int64_t>(dtype.size());
}

std::int64_t ValueSpec::total_bytes() const {
  return product(grid.shape()) * planes * static_cast<std::int64_t>(dtype.size());
}

Hash128 value_hash(const Layer& layer) {
  Description description;
  description.structure(static_cast<std::int64_t>(layer.kind()))
      .structure(layer.output().dtype)
      .structure(layer.output().grid)
      .structure(layer.output().planes);
  layer.describe(description);
  return description.value_hash();
}

}  // namespace dunlin
