#include "dunlin/graph/program.hpp"

#include <limits>

namespace dunlin {
namespace {

std::uint32_t checked_index(std::size_t index) {
  require(index <= std::numeric_limits<std::uint32_t>::max(), "a program has at most 2^32 operands of a kind");
  return static_cast<std::uint32_t>(index);
}

}  // namespace

Program Program::identity(DType type) {
  Program program;
  program.add_input(type);
  return program;
}

Operand Program::add_input(DType type) {
  inputs_.push_back(type);
  return {Operand::From::input, checked_index(inputs_.size() - 1)};
}

Operand Program::add_constant(const Constant& constant) {
  constants_.push_back(constant);
  return {Operand::From::constant, checked_index(constants_.size() - 1)};
}

Operand Program::add(const OpDescriptor& op, std::span<const Operand> arguments) {
  require(static_cast<int>(arguments.size()) == op.arity, "an operation gets as many arguments as it takes");
  Instruction instruction{&op, {}};
  for (int i = 0; i < op.arity; ++i) {
    require(type_of(arguments[i]) == op.inputs[i], "an operation's arguments have its types");
    instruction.arguments[i] = arguments[i];
  }
  instructions_.push_back(instruction);
  return {Operand::From::result, checked_index(instructions_.size() - 1)};
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

  const auto shifted = [](Operand operand, std::int64_t by) {
    operand.index = checked_index(static_cast<std::size_t>(operand.index + by));
    return operand;
  };
  for (Instruction instruction : inner.instructions_) {
    for (Operand& argument : instruction.arguments)
      if (argument.from == Operand::From::input) argument = shifted(argument, input);
    joined.instructions_.push_back(instruction);
  }
  const Operand inner_value = inner.instructions_.empty()
                                  ? Operand{Operand::From::input, static_cast<std::uint32_t>(input)}
                                  : Operand{Operand::From::result, checked_index(inner.instructions_.size() - 1)};
  for (Instruction instruction : instructions_) {
    for (int i = 0; i < instruction.op->arity; ++i) {
      Operand& argument = instruction.arguments[i];
      if (argument.from == Operand::From::constant) {
        argument = shifted(argument, static_cast<std::int64_t>(inner.constants_.size()));
      } else if (argument.from == Operand::From::result) {
        argument = shifted(argument, static_cast<std::int64_t>(inner.instructions_.size()));
      } else if (argument.index == static_cast<std::uint32_t>(input)) {
        argument = inner_value;
      } else if (argument.index > static_cast<std::uint32_t>(input)) {
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
      if (argument.index == static_cast<std::uint32_t>(b)) argument.index = static_cast<std::uint32_t>(a);
      if (argument.index > static_cast<std::uint32_t>(b)) --argument.index;
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

}  // namespace dunlin
