#include <unordered_map>

#include "dunlin/graph/blockwise.hpp"
#include "dunlin/graph/reduction.hpp"
#include "dunlin/plan/passes.hpp"

namespace dunlin {
namespace {

/// Element operations up to which computing an elementwise value again in each consumer is cheaper than writing it to
/// memory once and reading it back: a few nanoseconds of traffic against a fraction of one per operation.
constexpr double kCheap = 32;

/// A program over operands of a domain: what blockwise and partial-reduction layers have in common.
struct Expression {
  std::string name;
  Program program;
  std::vector<LayerPtr> inputs;
  std::vector<OperandMap> maps;
};

/// The inner layer's operand, seen from the outer domain.
OperandMap through(const OperandMap& inner, const OperandMap& outer) {
  OperandMap map;
  for (std::int64_t axis : inner.axis) map.axis.push_back(axis < 0 ? -1 : outer.axis[axis]);
  return map;
}

void drop_input(Expression& expression, int kept, int dropped) {
  expression.program = expression.program.merge_inputs(kept, dropped);
  expression.inputs.erase(expression.inputs.begin() + dropped);
  expression.maps.erase(expression.maps.begin() + dropped);
}

/// Equal operands in equal places become one.
void merge_equal_inputs(Expression& expression) {
  for (int a = 0; a < static_cast<int>(expression.inputs.size()); ++a)
    for (int b = static_cast<int>(expression.inputs.size()) - 1; b > a; --b)
      if (expression.inputs[a] == expression.inputs[b] && expression.maps[a] == expression.maps[b])
        drop_input(expression, a, b);
}

/// Takes in every elementwise input that covers the whole domain and is cheap to compute. True where any was taken in.
bool absorb(Expression& expression, const ChunkGrid& domain) {
  bool absorbed = false;
  for (int i = 0; i < static_cast<int>(expression.inputs.size()); ++i) {
    const auto inner = std::dynamic_pointer_cast<const BlockwiseLayer>(expression.inputs[i]);
    if (!inner || inner->program().cost() > kCheap) continue;
    if (product(inner->output().grid.shape()) != product(domain.shape())) continue;  // repeated: compute it once
    const OperandMap outer = expression.maps[i];
    expression.name = inner->name() + " + " + expression.name;
    expression.program = expression.program.compose(i, inner->program());
    expression.inputs.erase(expression.inputs.begin() + i);
    expression.maps.erase(expression.maps.begin() + i);
    expression.inputs.insert(expression.inputs.begin() + i, inner->inputs().begin(), inner->inputs().end());
    for (int k = 0; k < static_cast<int>(inner->maps().size()); ++k)
      expression.maps.insert(expression.maps.begin() + i + k, through(inner->maps()[k], outer));
    absorbed = true;
    --i;  // what came in may be elementwise itself
  }
  if (absorbed) merge_equal_inputs(expression);
  return absorbed;
}

LayerPtr fused(const LayerPtr& layer) {
  if (const auto block = std::dynamic_pointer_cast<const BlockwiseLayer>(layer)) {
    Expression expression{block->name(), block->program(), block->inputs(), block->maps()};
    if (!absorb(expression, block->output().grid)) return layer;
    return BlockwiseLayer::make(expression.name, std::move(expression.program), block->output().grid,
                                std::move(expression.inputs), std::move(expression.maps));
  }
  if (const auto reduction = std::dynamic_pointer_cast<const ReductionLayer>(layer);
      reduction && reduction->step() == ReductionLayer::Step::partial) {
    Expression expression{reduction->name(), reduction->program(), reduction->inputs(), reduction->maps()};
    if (!absorb(expression, reduction->domain())) return layer;
    return reduction->with_program(expression.name, std::move(expression.program), std::move(expression.inputs),
                                   std::move(expression.maps));
  }
  return layer;
}

}  // namespace

LayerGraph fuse(const LayerGraph& graph) {
  std::unordered_map<const Layer*, LayerPtr> now;
  for (const LayerPtr& layer : graph.layers()) {
    std::vector<LayerPtr> inputs;
    for (const LayerPtr& input : layer->inputs()) inputs.push_back(now.at(input.get()));
    now[layer.get()] = fused(inputs == layer->inputs() ? layer : layer->with_inputs(std::move(inputs)));
  }
  std::vector<LayerPtr> sinks;
  for (int sink : graph.sinks()) sinks.push_back(now.at(graph.pointer(sink).get()));
  return LayerGraph::of(sinks);
}

}  // namespace dunlin
