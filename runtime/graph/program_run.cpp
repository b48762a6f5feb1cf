#include <algorithm>
#include <memory>

#include "dunlin/graph/program.hpp"

namespace dunlin {
namespace {

constexpr std::size_t kLiveBytes = 16384;  // half of a 32 KiB first-level cache
constexpr std::size_t kSlotAlignment = 64;

/// A register for each instruction, reused after its result's last use; returns how many there are.
std::uint32_t assign_registers(const Program& program, std::vector<std::uint32_t>& register_of) {
  const auto& instructions = program.instructions();
  const std::size_t count = instructions.size();
  std::vector<std::size_t> last_use(count, count);
  for (std::size_t k = count; k-- > 0;)
    for (int i = 0; i < instructions[k].op->arity; ++i) {
      const Operand& argument = instructions[k].arguments[i];
      if (argument.from == Operand::From::result && last_use[argument.index] == count) last_use[argument.index] = k;
    }
  register_of.assign(count, 0);
  std::vector<std::uint32_t> free;
  std::uint32_t registers = 0;
  for (std::size_t k = 0; k < count; ++k) {
    if (free.empty()) free.push_back(registers++);
    register_of[k] = free.back();
    free.pop_back();
    for (int i = 0; i < instructions[k].op->arity; ++i) {
      const Operand& argument = instructions[k].arguments[i];
      if (argument.from != Operand::From::result || last_use[argument.index] != k) continue;
      free.push_back(register_of[argument.index]);
      last_use[argument.index] = count;  // an instruction may take it twice
    }
  }
  return registers;
}

std::size_t largest_element(const Program& program) {
  std::size_t element = program.result_type().size();
  for (DType type : program.inputs()) element = std::max(element, type.size());
  for (const auto& constant : program.constants()) element = std::max(element, constant.dtype.size());
  for (const auto& instruction : program.instructions()) element = std::max(element, instruction.op->output.size());
  return element;
}

std::size_t tile_of(const Program& program, std::uint32_t registers) {
  const std::size_t live = registers + program.inputs().size() + program.constants().size() + 1;
  const std::size_t element = largest_element(program);
  return std::clamp<std::size_t>(kLiveBytes / (live * element) / 64 * 64, 64, 1024);
}

template <std::size_t E>
void gather(const std::byte* from, std::int64_t stride, std::byte* to, std::size_t n, std::size_t element) {
  for (std::size_t k = 0; k < n; ++k)
    std::memcpy(to + k * (E ? E : element), from + static_cast<std::int64_t>(k) * stride, E ? E : element);
}

/// n elements of a strided operand, side by side.
void gather(const std::byte* from, std::int64_t stride, std::byte* to, std::size_t n, std::size_t element) {
  switch (element) {
    case 1:
      return gather<1>(from, stride, to, n, element);
    case 2:
      return gather<2>(from, stride, to, n, element);
    case 4:
      return gather<4>(from, stride, to, n, element);
    case 8:
      return gather<8>(from, stride, to, n, element);
    case 16:
      return gather<16>(from, stride, to, n, element);
    default:
      return gather<0>(from, stride, to, n, element);
  }
}

}  // namespace

ReadyProgram::ReadyProgram(Program program) : program_(std::move(program)) {
  registers_ = assign_registers(program_, register_of_);
  tile_ = tile_of(program_, registers_);
  slot_bytes_ = tile_ * largest_element(program_);  // whole lines: a tile is a multiple of 64
  constants_.resize(program_.constants().size() * slot_bytes_ / sizeof(Line));
  for (std::size_t c = 0; c < program_.constants().size(); ++c) {
    const Program::Constant& value = program_.constants()[c];
    gather(value.value.data(), 0, constants_.data()->bytes + c * slot_bytes_, tile_, value.dtype.size());
  }
}

std::size_t ReadyProgram::scratch_bytes() const {
  const std::size_t inputs = program_.inputs().size();
  return (registers_ + inputs) * slot_bytes_ + inputs * sizeof(const std::byte*) + kSlotAlignment;
}

ProgramRun::ProgramRun(const ReadyProgram& ready, std::span<std::byte> scratch) : ready_(ready) {
  require(scratch.size() >= ready.scratch_bytes(), "a program's scratch is as large as it asks");
  void* start = scratch.data();
  std::size_t space = scratch.size();
  slots_ = static_cast<std::byte*>(std::align(kSlotAlignment, 1, start, space));
  const std::size_t inputs = ready.program_.inputs().size();
  splats_ = reinterpret_cast<const std::byte**>(slots_ + (ready.registers_ + inputs) * ready.slot_bytes_);
  std::fill_n(splats_, inputs, nullptr);
}

/// Inputs whose elements lie apart, each into its slot.
void ProgramRun::bring_together(std::span<const TileInput> inputs, std::size_t n) {
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i].stride == 0 || inputs[i].splat) continue;
    gather(inputs[i].data, inputs[i].stride, slot_of_input(i), n, ready_.program_.inputs()[i].size());
    splats_[i] = nullptr;
  }
}

const std::byte* ProgramRun::resolve(const Operand& operand, std::span<const TileInput> inputs) {
  if (operand.from == Operand::From::constant) return ready_.constant(operand.index);
  if (operand.from == Operand::From::result) return slot_of_result(operand.index);
  const TileInput& input = inputs[operand.index];
  if (!input.splat) return input.stride == 0 ? input.data : slot_of_input(operand.index);
  std::byte* slot = slot_of_input(operand.index);
  if (splats_[operand.index] != input.data) {
    gather(input.data, 0, slot, ready_.tile_, ready_.program_.inputs()[operand.index].size());
    splats_[operand.index] = input.data;
  }
  return slot;
}

const std::byte* ProgramRun::value(std::span<const TileInput> inputs, std::size_t n) {
  if (ready_.program_.is_identity()) {
    bring_together(inputs, n);
    return resolve({Operand::From::input, 0}, inputs);
  }
  std::byte* out = slot_of_result(ready_.register_of_.size() - 1);
  run(inputs, out, n);
  return out;
}

void ProgramRun::run(std::span<const TileInput> inputs, std::byte* out, std::size_t n) {
  bring_together(inputs, n);
  const auto& instructions = ready_.program_.instructions();
  if (instructions.empty()) {
    std::memcpy(out, resolve({Operand::From::input, 0}, inputs), n * ready_.program_.result_type().size());
    return;
  }
  const std::byte* arguments[3];
  for (std::size_t k = 0; k < instructions.size(); ++k) {
    const Program::Instruction& instruction = instructions[k];
    for (int i = 0; i < instruction.op->arity; ++i) arguments[i] = resolve(instruction.arguments[i], inputs);
    std::byte* into = k + 1 == instructions.size() ? out : slot_of_result(k);
    instruction.op->loop(arguments, into, n);
  }
}

}  // namespace dunlin
