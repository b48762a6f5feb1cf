#pragma once
// Chunks that stay in memory between runs, on the ranks that made them.
//
//   keep sink    takes a chunk at the end of the run that computes it         persist(layers)
//   held source  gives it, without a copy, to every later run                 fixed partition: where the chunks are
//
// Chunks live as long as any held source (any handle on it) does. Their bytes are counted in the context's budget.

#include <atomic>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "dunlin/graph/layer.hpp"
#include "dunlin/graph/partition.hpp"

namespace dunlin {

/// Bytes that all held chunks of a context have on this rank.
using HeldBytes = std::shared_ptr<std::atomic<std::int64_t>>;

class HeldChunks {
 public:
  explicit HeldChunks(HeldBytes count) : count_(std::move(count)) {}
  ~HeldChunks();
  HeldChunks(const HeldChunks&) = delete;
  HeldChunks& operator=(const HeldChunks&) = delete;

  /// Any threads. Precondition of get: it was put.
  void put(ChunkOrdinal chunk, Value value);
  Value get(ChunkOrdinal chunk) const;

 private:
  mutable std::mutex mutex_;
  std::unordered_map<std::int64_t, Value> chunks_;
  std::int64_t bytes_ = 0;
  HeldBytes count_;
};

/// Keeps every chunk of `input` in `into`.
LayerPtr make_keep_sink(const LayerPtr& input, std::shared_ptr<HeldChunks> into, std::int64_t ordinal);
/// The source of what is kept there; `like` is the layer that made it, `place` where its chunks are.
LayerPtr make_held_source(const Layer& like, std::shared_ptr<const HeldChunks> chunks,
                          std::shared_ptr<const Partition> place, std::int64_t ordinal);

}  // namespace dunlin
