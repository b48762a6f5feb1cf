#pragma once
// One operation over a whole chunk grid: the node of the graph.
//
// A layer knows its output's grid and type, its inputs (other layers), and two maps between blocks of chunks:
//
//   needs(i, block of output chunks) → blocks of input i's chunks that they are made from
//   feeds(i, block of input i's chunks) → blocks of output chunks that are made from any of them       (the inverse)
//
//   mean over time, 3 chunks each way:      needs(0, {[2], row 1}) = {[0:3] × row 1}
//
// Both take whole blocks, so that questions about a billion chunks ("who consumes this?") cost as much as about one.
// Where an output chunk may need less than a whole input chunk (`cuts`), `part` says which elements of it, and only
// those travel between ranks:
//
//   rechunk 4 rows to 4 columns:            part(0, column 2, row 1) = row 1's elements in column 2
//
// Its size does not depend on the number of chunks. A layer is immutable, shared by the handles that use it, and knows
// nothing of ranks: who computes which chunk is the plan's business (`alignment` only says what to stay close to).
//
// Threading: const functions from any thread.

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "dunlin/base/chunk_grid.hpp"
#include "dunlin/base/dtype.hpp"
#include "dunlin/graph/graph_hash.hpp"
#include "dunlin/graph/kernel.hpp"

namespace dunlin {

enum class LayerKind : std::uint8_t {
  source,
  blockwise,
  reduction,
  rechunk,
  overlap,
  selection,
  concatenation,
  shuffle,
  sink,
  explicit_tasks
};
const char* to_string(LayerKind kind);

/// What a layer yields: per chunk, `planes` row-major arrays of the chunk's shape, one after the other (a mean's
/// partial has two: sums and counts).
struct ValueSpec {
  DType dtype;
  ChunkGrid grid;
  int planes = 1;
  /// Where only a run tells how large a chunk is: what a chunk is expected to have, by which memory is reserved at
  /// first. Then `is_exact` is false, nothing is known of shapes within chunks, and messages carry their size.
  std::int64_t expected_bytes = -1;

  bool is_exact() const { return expected_bytes < 0; }
  /// Bytes of a chunk, or what is expected. Throws UnknownExtent where the grid has unknown lengths and nothing is
  /// expected.
  std::int64_t bytes(const ChunkIndex& chunk) const;
  /// Bytes of the largest chunk.
  std::int64_t largest_bytes() const;
  std::int64_t total_bytes() const;
  friend bool operator==(const ValueSpec&, const ValueSpec&) = default;
};

class Partition;

/// Whose distribution over the ranks a layer follows: that of input `input`, output axis a lying along its axis
/// `axis[a]` (−1: none). input −1: none, the layer is spread by its own grid. `one_rank`: all tasks on one rank, chosen
/// by `key`. `hashed`: chunks are scattered by a hash of their ordinals and `key`. `fixed`: the values are where they
/// are (held by an earlier run, lent by a simulation).
struct Alignment {
  int input = -1;
  Coords axis{};
  bool one_rank = false;
  std::uint64_t key = 0;
  std::shared_ptr<const Partition> fixed{};
  bool hashed = false;
};

/// How a run ended, the same on all ranks.
struct Outcome {
  bool success = false;
  int rank = 0;  // this rank; finishing that only one process may do is done by rank 0
};

class Layer;
using LayerPtr = std::shared_ptr<const Layer>;

/// The hashes of a layer's description, made when first asked for and kept: a graph of layers that have been hashed
/// before costs nanoseconds per layer. Any threads may ask at once. A copy of a layer becomes another one: it has none.
class LayerHashes {
 public:
  struct Pair {
    Hash128 structure, value;
  };
  LayerHashes() = default;
  LayerHashes(const LayerHashes&) noexcept {}
  LayerHashes& operator=(const LayerHashes&) = delete;
  Pair of(const Layer& layer);

 private:
  enum State { none, being_kept, kept };
  std::atomic<int> state_ = none;
  Pair pair_;
};

class Layer {
 public:
  virtual ~Layer();
  LayerKind kind() const { return kind_; }
  /// For people: "read air_temperature", "mean over time: partial".
  const std::string& name() const { return name_; }
  const ValueSpec& output() const { return output_; }
  const std::vector<LayerPtr>& inputs() const { return inputs_; }
  /// Null for layers whose values come from elsewhere.
  const std::shared_ptr<const Kernel>& kernel() const { return kernel_; }
  /// False for sinks: their tasks yield nothing.
  bool has_output() const { return kind_ != LayerKind::sink; }

  /// Appends the blocks. Preconditions: the block is inside the grid and not empty. Every chunk is named once.
  virtual void needs(int input, const ChunkBox& outputs, std::vector<ChunkBox>& blocks) const = 0;
  virtual void feeds(int input, const ChunkBox& chunks, std::vector<ChunkBox>& blocks) const = 0;
  /// True where an output chunk may need less than the whole of a chunk of input `input`.
  virtual bool cuts(int) const { return false; }
  /// The elements of input chunk `chunk` that output chunk `output` needs: inside the chunk's box, not empty.
  /// Precondition: needs(input, output) names the chunk.
  virtual Box part(int input, const ChunkIndex& output, const ChunkIndex& chunk) const;
  /// What tells this layer from others, inputs aside.
  virtual void describe(Description& description) const = 0;
  /// The same operation on other inputs, which have the same output specs. For passes.
  virtual LayerPtr with_inputs(std::vector<LayerPtr> inputs) const = 0;
  virtual Alignment alignment() const = 0;
  /// What the user's graph calls a chunk of this, where a pass has made it a part of a layer of that graph.
  virtual ChunkIndex chunk_of_whole(const ChunkIndex& chunk) const { return chunk; }
  /// Called on every rank, on the thread that called compute, after all ranks have agreed how the run ended.
  virtual void finish(const Outcome&) const {}
  /// False where `finish` does nothing: the same on all ranks.
  virtual bool finishes() const { return false; }

 protected:
  Layer(LayerKind kind, std::string name, ValueSpec output, std::vector<LayerPtr> inputs,
        std::shared_ptr<const Kernel> kernel)
      : kind_(kind),
        name_(std::move(name)),
        output_(std::move(output)),
        inputs_(std::move(inputs)),
        kernel_(std::move(kernel)) {}
  Layer(const Layer&) = default;

  LayerKind kind_;
  std::string name_;
  ValueSpec output_;
  std::vector<LayerPtr> inputs_;
  std::shared_ptr<const Kernel> kernel_;

 private:
  friend Hash128 structure_hash(const Layer&);
  friend Hash128 value_hash(const Layer&);
  mutable LayerHashes hashes_;
};

/// What tells how a layer is planned from others, inputs aside: kind, output, how its tasks are run, the structure of
/// its description.
Hash128 structure_hash(const Layer& layer);

/// What tells a layer from others, inputs aside: its structure, and the identity of its values. Equal hashes on equal
/// inputs mean equal values.
Hash128 value_hash(const Layer& layer);

}  // namespace dunlin
