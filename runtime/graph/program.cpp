#include "dunlin/graph/program.hpp"

#include <algorithm>
#include <memory>

namespace dunlin {
namespace {

constexpr std::size_t kLiveBytes = 16384;  // half of a 32 KiB first-level cache
constexpr std::size_t kSlotAlignment = 64;
constexpr std::size_t kLargestElement = 16;

/// A register for each instruction, reused after its result's last use; returns how many there are.
int assign_registers(const Program& program, std::vector<int>& register_of) {
  const auto& instructions = program.instructions();
  std::vector<int> last_use(instructions.size(), static_cast<int>(instructions.size()));
  for (int k = static_cast<int>(instructions.size()) - 1; k >= 0; --k)
    for (int i = 0; i < instructions[k].op->arity; ++i) {
      const Operand& argument = instructions[k].arguments[i];
      if (argument.from == Operand::From::result && last_use[argument.index] == static_cast<int>(instructions.size()))
        last_use[argument.index] = k;
    }
  register_of.assign(instructions.size(), -1);
  std::vector<int> free;
  int count = 0;
  for (int k = 0; k < static_cast<int>(instructions.size()); ++k) {
    if (free.empty()) free.push_back(count++);
    register_of[k] = free.back();
    free.pop_back();
    for (int j = 0; j < k; ++j)
      if (last_use[j] == k) free.push_back(register_of[j]);
  }
  return count;
}

}  // namespace

Program Program::identity(DType type) {
  Program program;
  program.add_input(type);
  return program;
}

Operand Program::add_input(DType type) {
  inputs_.push_back(type);
  return {Operand::From::input, static_cast<std::uint16_t>(inputs_.size() - 1)};
}

Operand Program::add_constant(const Constant& constant) {
  constants_.push_back(constant);
  return {Operand::From::constant, static_cast<std::uint16_t>(constants_.size() - 1)};
}

Operand Program::add(const OpDescriptor& op, std::span<const Operand> arguments) {
  require(static_cast<int>(arguments.size()) == op.arity, "an operation gets as many arguments as it takes");
  Instruction instruction{&op, {}};
  for (int i = 0; i < op.arity; ++i) {
    require(type_of(arguments[i]) == op.inputs[i], "an operation's arguments have its types");
    instruction.arguments[i] = arguments[i];
  }
  instructions_.push_back(instruction);
  return {Operand::From::result, static_cast<std::uint16_t>(instructions_.size() - 1)};
}

DType Program::type_of(const Operand& operand) const {
  switch (operand.from) {
    case Operand::From::input:
      return inputs_.at(operand.index);
    case Operand::From::constant:
      return constants_.at(operand.index).dtype;
    case Operand::From::result:
      return instructions_.at(operand.index).op->output;
  }
  throw InternalError("an operand comes from nowhere");
}

DType Program::result_type() const { return instructions_.empty() ? inputs_.at(0) : instructions_.back().op->output; }

double Program::cost() const {
  double sum = 0;
  for (const Instruction& instruction : instructions_) sum += instruction.op->cost;
  return sum;
}

Program Program::compose(int input, const Program& inner) const {
  require(inner.result_type() == inputs_.at(input), "composed programs agree in type");
  const auto inner_inputs = static_cast<int>(inner.inputs_.size());
  Program joined;
  joined.inputs_.assign(inputs_.begin(), inputs_.begin() + input);
  joined.inputs_.insert(joined.inputs_.end(), inner.inputs_.begin(), inner.inputs_.end());
  joined.inputs_.insert(joined.inputs_.end(), inputs_.begin() + input + 1, inputs_.end());
  joined.constants_ = inner.constants_;
  joined.constants_.insert(joined.constants_.end(), constants_.begin(), constants_.end());

  const auto shifted = [](Operand operand, int by) {
    operand.index = static_cast<std::uint16_t>(operand.index + by);
    return operand;
  };
  for (Instruction instruction : inner.instructions_) {
    for (Operand& argument : instruction.arguments)
      if (argument.from == Operand::From::input) argument = shifted(argument, input);
    joined.instructions_.push_back(instruction);
  }
  const Operand inner_value =
      inner.instructions_.empty()
          ? Operand{Operand::From::input, static_cast<std::uint16_t>(input)}
          : Operand{Operand::From::result, static_cast<std::uint16_t>(inner.instructions_.size() - 1)};
  for (Instruction instruction : instructions_) {
    for (int i = 0; i < instruction.op->arity; ++i) {
      Operand& argument = instruction.arguments[i];
      if (argument.from == Operand::From::constant) {
        argument = shifted(argument, static_cast<int>(inner.constants_.size()));
      } else if (argument.from == Operand::From::result) {
        argument = shifted(argument, static_cast<int>(inner.instructions_.size()));
      } else if (argument.index == input) {
        argument = inner_value;
      } else if (argument.index > input) {
        argument = shifted(argument, inner_inputs - 1);
      }
    }
    joined.instructions_.push_back(instruction);
  }
  return joined;
}

Program Program::merge_inputs(int a, int b) const {
  require(a < b && inputs_.at(a) == inputs_.at(b), "merged inputs have one type");
  Program merged = *this;
  merged.inputs_.erase(merged.inputs_.begin() + b);
  for (Instruction& instruction : merged.instructions_)
    for (int i = 0; i < instruction.op->arity; ++i) {
      Operand& argument = instruction.arguments[i];
      if (argument.from != Operand::From::input) continue;
      if (argument.index == b) argument.index = static_cast<std::uint16_t>(a);
      if (argument.index > b) --argument.index;
    }
  return merged;
}

void Program::describe(Description& description) const {
  description.structure("program").structure(static_cast<std::int64_t>(inputs_.size()));
  for (DType type : inputs_) description.structure(type);
  description.structure(static_cast<std::int64_t>(constants_.size()));
  for (const Constant& constant : constants_) {
    description.structure(constant.dtype);
    description.identity(std::span(constant.value).first(constant.dtype.size()));
  }
  description.structure(static_cast<std::int64_t>(instructions_.size()));
  for (const Instruction& instruction : instructions_) {
    description.structure(instruction.op->name).structure(instruction.op->output);
    for (int i = 0; i < instruction.op->arity; ++i)
      description.structure(instruction.op->inputs[i])
          .structure(static_cast<std::int64_t>(instruction.arguments[i].from))
          .structure(instruction.arguments[i].index);
  }
}

std::size_t ProgramRun::tile_of(const Program& program) {
  std::vector<int> registers;
  const std::size_t live = static_cast<std::size_t>(assign_registers(program, registers)) + program.inputs().size() +
                           program.constants().size() + 1;
  std::size_t element = program.result_type().size();
  for (DType type : program.inputs()) element = std::max(element, type.size());
  for (const auto& instruction : program.instructions()) element = std::max(element, instruction.op->output.size());
  return std::clamp<std::size_t>(kLiveBytes / (live * element) / 64 * 64, 64, 1024);
}

std::size_t ProgramRun::scratch_bytes(const Program& program) {
  std::vector<int> registers;
  const std::size_t slots = static_cast<std::size_t>(assign_registers(program, registers)) + program.inputs().size() +
                            program.constants().size();
  return slots * tile_of(program) * kLargestElement + kSlotAlignment;
}

ProgramRun::ProgramRun(const Program& program, std::span<std::byte> scratch)
    : program_(program), tile_(tile_of(program)), slot_bytes_(tile_ * kLargestElement) {
  require(scratch.size() >= scratch_bytes(program), "a program's scratch is as large as it asks");
  void* start = scratch.data();
  std::size_t space = scratch.size();
  slots_ = static_cast<std::byte*>(std::align(kSlotAlignment, 1, start, space));
  const int registers = assign_registers(program, register_of_);
  // Slots: constants, then splats of inputs, then registers.
  for (std::size_t c = 0; c < program.constants().size(); ++c) {
    const auto& constant = program.constants()[c];
    std::byte* slot = slots_ + c * slot_bytes_;
    for (std::size_t k = 0; k < tile_; ++k)
      std::memcpy(slot + k * constant.dtype.size(), constant.value.data(), constant.dtype.size());
  }
  splats_.assign(program.inputs().size(), nullptr);
  const std::size_t first_register = program.constants().size() + program.inputs().size();
  for (int& reg : register_of_) reg += static_cast<int>(first_register);
  (void)registers;
}

const std::byte* ProgramRun::resolve(const Operand& operand, std::span<const TileInput> inputs, std::size_t) {
  if (operand.from == Operand::From::constant) return slots_ + operand.index * slot_bytes_;
  if (operand.from == Operand::From::result) return slots_ + register_of_[operand.index] * slot_bytes_;
  const TileInput& input = inputs[operand.index];
  if (!input.splat) return input.data;
  std::byte* slot = slots_ + (program_.constants().size() + operand.index) * slot_bytes_;
  if (splats_[operand.index] != input.data) {
    const std::size_t size = program_.inputs()[operand.index].size();
    for (std::size_t k = 0; k < tile_; ++k) std::memcpy(slot + k * size, input.data, size);
    splats_[operand.index] = input.data;
  }
  return slot;
}

const std::byte* ProgramRun::value(std::span<const TileInput> inputs, std::size_t n) {
  if (program_.is_identity()) return resolve({Operand::From::input, 0}, inputs, n);
  std::byte* out = slots_ + register_of_.back() * slot_bytes_;
  run(inputs, out, n);
  return out;
}

void ProgramRun::run(std::span<const TileInput> inputs, std::byte* out, std::size_t n) {
  const auto& instructions = program_.instructions();
  if (instructions.empty()) {
    std::memcpy(out, resolve({Operand::From::input, 0}, inputs, n), n * program_.result_type().size());
    return;
  }
  const std::byte* arguments[3];
  for (std::size_t k = 0; k < instructions.size(); ++k) {
    const Program::Instruction& instruction = instructions[k];
    for (int i = 0; i < instruction.op->arity; ++i) arguments[i] = resolve(instruction.arguments[i], inputs, n);
    std::byte* into = k + 1 == instructions.size() ? out : slots_ + register_of_[k] * slot_bytes_;
    instruction.op->loop(arguments, into, n);
  }
}

}  // namespace dunlin
