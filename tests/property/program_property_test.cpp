// Properties of register programs over random expressions: what they compute is, bit for bit, what evaluating the
// expression by hand gives, however it was composed, and wherever an element falls in a tile.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstring>
#include <memory>

#include "dunlin/graph/program.hpp"
#include "property/random_graph.hpp"

namespace dunlin::test {
namespace {

/// An expression over inputs and constants, evaluated one element at a time.
struct Expression {
  const OpDescriptor* op = nullptr;  // null: a leaf
  int input = -1;                    // of a leaf, or −1 for a constant
  double constant = 0;
  std::vector<std::shared_ptr<Expression>> arguments;
};
using ExpressionPtr = std::shared_ptr<Expression>;

/// By its own arithmetic, not the loops that programs call.
double by_hand(const Expression& e, const std::vector<double>& inputs) {
  if (!e.op) return e.input < 0 ? e.constant : inputs[static_cast<std::size_t>(e.input)];
  std::vector<double> x;
  for (const ExpressionPtr& argument : e.arguments) x.push_back(by_hand(*argument, inputs));
  if (e.op == &kAdd) return x[0] + x[1];
  if (e.op == &kSubtract) return x[0] - x[1];
  if (e.op == &kMultiply) return x[0] * x[1];
  if (e.op == &kNegate) return -x[0];
  if (e.op == &kWeigh) return x[0] + x[1] * x[2];
  if (e.op == &kNarrow) return static_cast<double>(static_cast<float>(x[0]));
  if (e.op == &kWiden) return x[0];
  if (e.op == &kSubtract32) return static_cast<double>(static_cast<float>(x[0]) - static_cast<float>(x[1]));
  throw std::logic_error("an operation that the oracle does not know");
}

ExpressionPtr node(const OpDescriptor& op, std::vector<ExpressionPtr> arguments) {
  return std::make_shared<Expression>(Expression{.op = &op, .arguments = std::move(arguments)});
}

/// A random expression of float64; nodes may be shared. `inputs` of them are read.
ExpressionPtr draw(std::mt19937_64& random, int size, int inputs) {
  std::vector<ExpressionPtr> values;
  for (int i = 0; i < inputs; ++i) values.push_back(std::make_shared<Expression>(Expression{.input = i}));
  values.push_back(std::make_shared<Expression>(Expression{.constant = pattern("constant", below(random, 1000))}));
  const auto any = [&] {
    return values[static_cast<std::size_t>(below(random, static_cast<std::int64_t>(values.size())))];
  };
  for (int k = 0; k < size; ++k) {
    const OpDescriptor* ops[] = {&kAdd, &kSubtract, &kMultiply, &kNegate, &kWeigh, nullptr};
    const OpDescriptor* op = ops[below(random, 6)];
    if (!op) {  // through float32 and back
      values.push_back(node(kWiden, {node(kSubtract32, {node(kNarrow, {any()}), node(kNarrow, {any()})})}));
      continue;
    }
    std::vector<ExpressionPtr> arguments;
    for (int i = 0; i < op->arity; ++i) arguments.push_back(any());
    values.push_back(node(*op, arguments));
  }
  return values.back();
}

/// The program of an expression. Every node becomes an instruction of its own, once.
Operand compile(Program& program, const ExpressionPtr& e, std::map<const Expression*, Operand>& known) {
  if (const auto found = known.find(e.get()); found != known.end()) return found->second;
  Operand operand;
  if (e->op) {
    std::vector<Operand> arguments;
    for (const ExpressionPtr& argument : e->arguments) arguments.push_back(compile(program, argument, known));
    operand = program.add(*e->op, arguments);
  } else {
    operand = e->input < 0 ? program.add_constant(e->constant)
                           : Operand{Operand::From::input, static_cast<std::uint32_t>(e->input)};
  }
  return known[e.get()] = operand;
}

Program compile(const ExpressionPtr& e, int inputs) {
  Program program;
  for (int i = 0; i < inputs; ++i) program.add_input(DType::float64);
  std::map<const Expression*, Operand> known;
  const Operand value = compile(program, e, known);
  // A program's value is its last result; a leaf needs an instruction to become one.
  if (value.from != Operand::From::result) program.add(kNegate, std::vector{program.add(kNegate, std::vector{value})});
  return program;
}

struct Column {
  bool splat;
  std::vector<double> values;
};

std::vector<Column> draw_columns(std::mt19937_64& random, int inputs, std::size_t n) {
  std::vector<Column> columns;
  for (int i = 0; i < inputs; ++i) {
    Column column{below(random, 4) == 0, {}};
    for (std::size_t k = 0; k < n; ++k)
      column.values.push_back(pattern("column " + std::to_string(i), column.splat ? 0 : static_cast<std::int64_t>(k)));
    columns.push_back(std::move(column));
  }
  return columns;
}

/// Runs a program tile by tile, tiles of `tile` elements at most.
std::vector<double> run(const Program& program, const std::vector<Column>& columns, std::size_t n, std::size_t tile) {
  const ReadyProgram ready(program);
  std::vector<std::byte> scratch(ready.scratch_bytes() + 8);
  ProgramRun runner(ready, std::span(scratch).subspan(8));  // scratch need not be aligned
  std::vector<double> out(n);
  std::vector<TileInput> inputs(columns.size());
  for (std::size_t first = 0; first < n;) {
    const std::size_t now = std::min({tile, runner.tile(), n - first});
    for (std::size_t i = 0; i < columns.size(); ++i)
      inputs[i] = {reinterpret_cast<const std::byte*>(columns[i].values.data() + (columns[i].splat ? 0 : first)),
                   columns[i].splat};
    if (first % 2 == 0) {
      runner.run(inputs, reinterpret_cast<std::byte*>(out.data() + first), now);
    } else {
      std::memcpy(out.data() + first, runner.value(inputs, now), now * sizeof(double));
    }
    first += now;
  }
  return out;
}

bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0;
}

std::vector<double> by_hand(const ExpressionPtr& e, const std::vector<Column>& columns, std::size_t n) {
  std::vector<double> out, inputs(columns.size());
  for (std::size_t k = 0; k < n; ++k) {
    for (std::size_t i = 0; i < columns.size(); ++i) inputs[i] = columns[i].values[k];
    out.push_back(by_hand(*e, inputs));
  }
  return out;
}

RC_GTEST_PROP(AnyProgram, ComputesItsExpressionBitForBitInAnyTiles, ()) {
  std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
  const int inputs = *rc::gen::inRange(1, 6), size = *rc::gen::inRange(0, 40);
  const ExpressionPtr e = draw(random, size, inputs);
  const Program program = compile(e, inputs);
  const auto n = static_cast<std::size_t>(1 + below(random, 3000));
  const std::vector<Column> columns = draw_columns(random, inputs, n);
  const std::vector<double> expected = by_hand(e, columns, n);
  for (std::size_t tile : {std::size_t{1024}, std::size_t{1}, std::size_t{7}, std::size_t{65}})
    RC_ASSERT(same_bits(run(program, columns, n, tile), expected));
}

RC_GTEST_PROP(AnyProgram, ComposesToTheExpressionPutIntoTheOther, ()) {
  std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
  const int outer_inputs = *rc::gen::inRange(1, 5), inner_inputs = *rc::gen::inRange(1, 5);
  const ExpressionPtr outer = draw(random, *rc::gen::inRange(0, 15), outer_inputs);
  const ExpressionPtr inner = draw(random, *rc::gen::inRange(0, 15), inner_inputs);
  const int place = static_cast<int>(below(random, outer_inputs));
  const std::size_t n = 130;
  const std::vector<Column> columns = draw_columns(random, outer_inputs + inner_inputs - 1, n);

  // By hand: the inner value, put where the outer one reads input `place`.
  std::vector<Column> of_inner(columns.begin() + place, columns.begin() + place + inner_inputs);
  std::vector<Column> of_outer(columns.begin(), columns.begin() + place);
  of_outer.push_back({false, by_hand(inner, of_inner, n)});
  of_outer.insert(of_outer.end(), columns.begin() + place + inner_inputs, columns.end());

  const bool identity = below(random, 6) == 0;
  const Program joined = identity ? compile(outer, outer_inputs).compose(place, Program::identity(DType::float64))
                                  : compile(outer, outer_inputs).compose(place, compile(inner, inner_inputs));
  if (identity) {
    const std::vector<Column> plain(columns.begin(), columns.begin() + outer_inputs);
    RC_ASSERT(same_bits(run(joined, plain, n, 1024), by_hand(outer, plain, n)));
  } else {
    RC_ASSERT(static_cast<int>(joined.inputs().size()) == outer_inputs + inner_inputs - 1);
    RC_ASSERT(same_bits(run(joined, columns, n, 1024), by_hand(outer, of_outer, n)));
  }
}

RC_GTEST_PROP(AnyProgram, ReadsMergedInputsFromOne, ()) {
  std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
  const int inputs = *rc::gen::inRange(2, 6);
  const ExpressionPtr e = draw(random, *rc::gen::inRange(0, 20), inputs);
  const int b = static_cast<int>(1 + below(random, inputs - 1)), a = static_cast<int>(below(random, b));
  const std::size_t n = 100;
  std::vector<Column> columns = draw_columns(random, inputs, n);
  columns[static_cast<std::size_t>(b)] = columns[static_cast<std::size_t>(a)];
  const std::vector<double> expected = by_hand(e, columns, n);
  columns.erase(columns.begin() + b);
  RC_ASSERT(same_bits(run(compile(e, inputs).merge_inputs(a, b), columns, n, 1024), expected));
}

}  // namespace
}  // namespace dunlin::test
