#pragma once
// What a task runs: the contract between the graph, which says what is needed, and the code that computes it.
//
// A kernel belongs to a layer and makes one output chunk from the input chunks that the layer's `needs` names, in that
// order: input 0's chunks row-major, then input 1's, … It runs on any thread, several at once for different chunks, and
// must give the same bits whatever the thread and the timing. It takes scratch from the pool within what `cost` said.
// Errors are thrown; the run makes them the same on all ranks.
//
// A kernel *fills* its output, a buffer of the planned size, or it *makes* its value itself (`makes`): where only the
// run tells the size, where memory is lent, where the value is an object.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "dunlin/base/chunk_grid.hpp"
#include "dunlin/memory/buffer.hpp"
#include "dunlin/memory/value.hpp"

namespace dunlin {

class AxisSelection;

/// What a task costs: bytes of array data from and to storage, bytes of scratch at one time, and operations, each of
/// about a nanosecond (an element's arithmetic, a byte's decoding).
struct Cost {
  std::int64_t read_bytes = 0;
  std::int64_t write_bytes = 0;
  std::int64_t scratch_bytes = 0;
  double operations = 0;
};

/// One input chunk of a task, or the part of it that the layer's `part` asked for. Borrowed.
class ChunkView {
 public:
  ChunkView() = default;
  /// A whole chunk, packed.
  ChunkView(const ChunkGrid& grid, ChunkOrdinal chunk, std::span<const std::byte> bytes)
      : grid_(&grid), chunk_(chunk), bytes_(bytes) {}
  /// A whole chunk, in any form.
  ChunkView(const ChunkGrid& grid, ChunkOrdinal chunk, const Value& value)
      : grid_(&grid),
        chunk_(chunk),
        bytes_(value.is_object() ? std::span<const std::byte>() : std::span(value.data(), value.size())),
        value_(&value) {}
  /// The elements of `part`, packed; part outlives the view.
  ChunkView(const ChunkGrid& grid, ChunkOrdinal chunk, std::span<const std::byte> bytes, const Box& part)
      : grid_(&grid), chunk_(chunk), bytes_(bytes), part_(&part) {}

  ChunkIndex chunk() const { return grid_->at(chunk_); }
  ChunkOrdinal ordinal() const { return chunk_; }
  /// The elements of the input's array that the bytes hold.
  Box box() const { return part_ ? *part_ : grid_->box(chunk()); }
  /// The elements row-major, plane after plane; where strides() says otherwise, `bytes` begins with the first element
  /// and its size is that of all elements.
  std::span<const std::byte> bytes() const { return bytes_; }
  /// Bytes from element to element along each axis; empty where packed, and always unless the kernel takes strides.
  Coords strides() const { return value_ ? value_->strides() : Coords{}; }
  /// Null where the input came as a part.
  const Value* value() const { return value_; }

 private:
  const ChunkGrid* grid_ = nullptr;
  ChunkOrdinal chunk_{};
  std::span<const std::byte> bytes_;
  const Box* part_ = nullptr;
  const Value* value_ = nullptr;
};

/// Counts that kernels which touch storage report; owned by the run, one per task.
struct TaskCounts {
  std::int64_t stored_read = 0, stored_written = 0;
};

/// Where a long kernel gives the run a moment: messages progress only then (MPI has no thread of its own).
class TaskPoll {
 public:
  virtual ~TaskPoll() = default;
  virtual void poll() = 0;
};

/// One task at work. All borrowed for the call.
struct TaskRun {
  ChunkIndex chunk;
  std::span<const ChunkView> inputs;
  std::span<std::byte> output;  // the planned size; empty where the layer yields nothing (a sink) or the kernel makes
  BufferPool* pool;
  TaskCounts* counts;
  Value* kept = nullptr;        // of a kernel that keeps: its first input, shared; to be moved from
  Value* made = nullptr;        // where a kernel that makes puts its value
  TaskPoll* waiting = nullptr;  // null where nobody waits

  /// To be called now and then by kernels that take milliseconds.
  void poll() const {
    if (waiting) waiting->poll();
  }
};

class Kernel {
 public:
  virtual ~Kernel() = default;
  virtual void run(const TaskRun& task) const = 0;
  virtual Cost cost(const ChunkIndex& chunk) const = 0;
  /// True where it must run on the thread that made the context, one at a time (a library that is not thread-safe).
  virtual bool serial() const { return false; }
  /// True where it puts a value into `made` instead of filling `output`.
  virtual bool makes() const { return false; }
  /// Of a kernel that makes values of exact size: whose memory they are. Lent memory (a simulation's field, a persisted
  /// chunk) is not counted in the plan; in strides, it is copied only for those who need it packed.
  enum class Lends { no, packed, strided };
  virtual Lends lends() const { return Lends::no; }
  /// How the object that it makes for a chunk travels; null where the value is bytes.
  virtual const ValueOps* ops(const ChunkIndex&) const { return nullptr; }
  /// True for a sink that holds on to its input beyond the run: it gets it in `kept`, and the plan counts its bytes
  /// from then on.
  virtual bool keeps() const { return false; }
  /// True where it reads its inputs through their strides; else they come packed.
  virtual bool takes_strides() const { return false; }
  /// Of a source: what makes the selected elements alone, one selection per axis, all of them ranges, in the chunks of
  /// `grid`, each of which lies within one chunk of what this makes and gets the inputs of that one. Null where it
  /// cannot.
  virtual std::shared_ptr<const Kernel> select(const std::vector<AxisSelection>&, const ChunkGrid&) const {
    return nullptr;
  }
};

}  // namespace dunlin
