#pragma once
// What a task runs: the contract between the graph, which says what is needed, and the code that computes it.
//
// A kernel belongs to a layer and makes one output chunk from the input chunks that the layer's `needs` names, in that
// order: input 0's chunks row-major, then input 1's, … It runs on any thread, several at once for different chunks, and
// must give the same bits whatever the thread and the timing. It takes scratch from the pool within what `cost` said.
// Errors are thrown; the run makes them the same on all ranks.

#include <cstddef>
#include <cstdint>
#include <span>

#include "dunlin/base/chunk_grid.hpp"
#include "dunlin/memory/buffer.hpp"

namespace dunlin {

/// What a task costs: bytes of array data from and to storage, bytes of scratch at one time, and operations, each of
/// about a nanosecond (an element's arithmetic, a byte's decoding).
struct Cost {
  std::int64_t read_bytes = 0;
  std::int64_t write_bytes = 0;
  std::int64_t scratch_bytes = 0;
  double operations = 0;
};

/// One chunk that a task reads. Borrowed.
struct ChunkView {
  ChunkIndex chunk;
  std::span<const std::byte> bytes;
};

/// Counts that kernels which touch storage report; owned by the run, one per task.
struct TaskCounts {
  std::int64_t stored_read = 0, stored_written = 0;
};

/// One task at work. All borrowed for the call.
struct TaskRun {
  ChunkIndex chunk;
  std::span<const ChunkView> inputs;
  std::span<std::byte> output;  // the planned size; empty where the layer yields nothing (a sink)
  BufferPool* pool;
  TaskCounts* counts;
};

class Kernel {
 public:
  virtual ~Kernel() = default;
  virtual void run(const TaskRun& task) const = 0;
  virtual Cost cost(const ChunkIndex& chunk) const = 0;
  /// True where it must run on the thread that made the context, one at a time (a library that is not thread-safe).
  virtual bool serial() const { return false; }
};

}  // namespace dunlin
