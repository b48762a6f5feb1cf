#pragma once
// Elementwise chains as one register program over tiles.
//
// A `Program` is a list of instructions over typed operands: its inputs, constants, and the results of earlier
// instructions; the last result (or, without instructions, input 0) is its value. It says nothing of shapes. `compose`
// joins two programs, so that `(x == fill ? NaN : x) - mean` is one pass over memory:
//
//   inputs  x float32, mean float32      constants  fill
//   %0 = missing_to_nan(x, fill)         %1 = subtract(%0, mean)         value %1
//
// A `ReadyProgram` is one made ready to run, once for all tasks of a layer: registers, which are reused after their
// last use, constants, and the tile, small enough that the live registers take half of a first-level cache. A
// `ProgramRun` interprets it over tiles of at most `tile()` elements.
//
// Operations are constant descriptors that the collections define (array/kernels): there is no registry; a graph's hash
// takes the names.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "dunlin/base/dtype.hpp"
#include "dunlin/graph/graph_hash.hpp"

namespace dunlin {

/// One elementwise operation over given types. `loop` computes n elements; inputs and output are aligned to their
/// element and do not overlap, except that the output may be one of the inputs. `in[i]` has dtype inputs[i].
struct OpDescriptor {
  const char* name;  // unique with its types: "subtract", "missing_to_nan"
  int arity;
  std::array<DType, 3> inputs;
  DType output;
  void (*loop)(const std::byte* const* in, std::byte* out, std::size_t n);
  double cost;  // element operations, for choosing between computing again and keeping
};

/// Where an instruction takes a value from.
struct Operand {
  enum class From : std::uint8_t { input, constant, result } from;
  std::uint32_t index;
  friend bool operator==(const Operand&, const Operand&) = default;
};

class Program {
 public:
  struct Instruction {
    const OpDescriptor* op;
    std::array<Operand, 3> arguments;
  };
  struct Constant {
    DType dtype;
    std::array<std::byte, 16> value;  // the first dtype.size() bytes count
  };

  /// A program whose value is its only input.
  static Program identity(DType type);

  Operand add_input(DType type);
  template <class T>
  Operand add_constant(T value) {
    Constant constant{dtype_of<T>(), {}};
    std::memcpy(constant.value.data(), &value, sizeof value);
    return add_constant(constant);
  }
  Operand add_constant(const Constant& constant);
  /// Appends an instruction; its result becomes the program's value. Throws InternalError where types do not fit.
  Operand add(const OpDescriptor& op, std::span<const Operand> arguments);

  const std::vector<DType>& inputs() const { return inputs_; }
  const std::vector<Constant>& constants() const { return constants_; }
  const std::vector<Instruction>& instructions() const { return instructions_; }
  DType type_of(const Operand& operand) const;
  DType result_type() const;
  bool is_identity() const { return instructions_.empty(); }
  /// Element operations per element.
  double cost() const;

  /// This program with input `input` replaced by the value of `inner`, whose inputs take its place in the order of
  /// inputs. Precondition: the types agree.
  Program compose(int input, const Program& inner) const;
  /// This program with inputs `a` < `b`, of one type, made one.
  Program merge_inputs(int a, int b) const;
  void describe(Description& description) const;

 private:
  std::vector<DType> inputs_;
  std::vector<Constant> constants_;
  std::vector<Instruction> instructions_;
};

/// One operand of a tile: the tile's elements, or one element that stands for all.
struct TileInput {
  const std::byte* data;
  bool splat;
  /// Bytes from element to element where they do not lie side by side, or are not aligned; 0 where they do and are.
  std::int64_t stride = 0;
};

/// What running a program needs besides its inputs. Immutable, shared by tasks on all threads.
class ReadyProgram {
 public:
  explicit ReadyProgram(Program program);
  const Program& program() const { return program_; }
  /// Most elements per call of a run.
  std::size_t tile() const { return tile_; }
  /// What a run borrows: registers, and for every input a tile of its own.
  std::size_t scratch_bytes() const;

 private:
  friend class ProgramRun;
  struct alignas(64) Line {
    std::byte bytes[64];
  };
  const std::byte* constant(std::size_t k) const { return constants_.data()->bytes + k * slot_bytes_; }
  Program program_;
  std::vector<std::uint32_t> register_of_;  // per instruction
  std::uint32_t registers_ = 0;
  std::size_t tile_, slot_bytes_;
  std::vector<Line> constants_;  // a slot each: a tile of equal elements
};

/// Interprets a program. Not thread-safe: one per task, over scratch that the caller lends. Borrows both.
class ProgramRun {
 public:
  ProgramRun(const ReadyProgram& ready, std::span<std::byte> scratch);
  /// Most elements per call.
  std::size_t tile() const { return ready_.tile(); }
  /// Computes n ≤ tile() elements into `out`.
  void run(std::span<const TileInput> inputs, std::byte* out, std::size_t n);
  /// Like `run`, but may return where the value lies already (an input of an identity program) instead of copying.
  const std::byte* value(std::span<const TileInput> inputs, std::size_t n);

 private:
  std::byte* slot_of_input(std::size_t i) const { return slots_ + i * ready_.slot_bytes_; }
  std::byte* slot_of_result(std::size_t k) const {
    return slots_ + (ready_.program_.inputs().size() + ready_.register_of_[k]) * ready_.slot_bytes_;
  }
  void bring_together(std::span<const TileInput> inputs, std::size_t n);
  const std::byte* resolve(const Operand& operand, std::span<const TileInput> inputs);
  const ReadyProgram& ready_;
  std::byte* slots_;          // tiles of inputs, registers
  const std::byte** splats_;  // per input: the value that its slot holds now, or null
};

}  // namespace dunlin
