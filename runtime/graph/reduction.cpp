#include "dunlin/graph/reduction.hpp"

#include <algorithm>

#include "dunlin/graph/blockwise.hpp"
#include "dunlin/graph/source.hpp"
#include "reduction_kernel.hpp"

namespace dunlin {
namespace {

bool contains(const Coords& axes, int axis) { return std::find(axes.begin(), axes.end(), axis) != axes.end(); }

}  // namespace

std::shared_ptr<ReductionLayer> ReductionLayer::partial(const std::string& name, const Reducer& reducer,
                                                        const Coords& axes, Program program, ChunkGrid domain,
                                                        std::vector<LayerPtr> inputs, std::vector<OperandMap> maps) {
  std::vector<ChunkGrid> grids;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    grids.push_back(inputs[i]->output().grid);
    check_operand(maps[i], grids.back(), domain);
    require(inputs[i]->output().dtype == program.inputs()[i] && inputs[i]->output().planes == 1,
            "a reduction's inputs have the program's types");
  }
  // Along a reduced axis every chunk shrinks to one element.
  ChunkGrid states = domain;
  for (std::int64_t axis : axes) {
    const int a = static_cast<int>(axis);
    states = states.without_axis(a).with_axis(a, domain.count(a), 1);
  }
  auto kernel = std::make_shared<PartialKernel>(reducer, axes, program, domain, grids, maps);
  std::shared_ptr<ReductionLayer> layer(new ReductionLayer(Step::partial, name,
                                                           ValueSpec{DType::float64, states, reducer.planes},
                                                           std::move(inputs), std::move(kernel), reducer, axes));
  layer->program_ = std::move(program);
  layer->domain_ = std::move(domain);
  layer->maps_ = std::move(maps);
  return layer;
}

LayerPtr ReductionLayer::combine(const std::string& name, const Reducer& reducer, const Coords& axes, LayerPtr input) {
  ChunkGrid states = input->output().grid;
  for (std::int64_t axis : axes) {
    const int a = static_cast<int>(axis);
    const std::int64_t count = (states.count(a) + kFanIn - 1) / kFanIn;
    states = states.without_axis(a).with_axis(a, count, 1);
  }
  const ValueSpec output{DType::float64, states, reducer.planes};
  auto kernel = std::make_shared<CombineKernel>(reducer, output);
  return std::shared_ptr<const ReductionLayer>(
      new ReductionLayer(Step::combine, name, output, {std::move(input)}, std::move(kernel), reducer, axes));
}

LayerPtr ReductionLayer::finish(const std::string& name, const Reducer& reducer, const Coords& axes, LayerPtr input) {
  ChunkGrid grid = input->output().grid;
  for (auto axis = axes.end(); axis != axes.begin();) grid = grid.without_axis(static_cast<int>(*--axis));
  const ValueSpec output{reducer.output, grid};
  auto kernel = std::make_shared<FinalKernel>(reducer, output);
  return std::shared_ptr<const ReductionLayer>(
      new ReductionLayer(Step::final, name, output, {std::move(input)}, std::move(kernel), reducer, axes));
}

LayerPtr ReductionLayer::of_nothing(const std::string& name, const Reducer& reducer, const Coords& axes,
                                    ChunkGrid grid) {
  for (auto axis = axes.end(); axis != axes.begin();) grid = grid.without_axis(static_cast<int>(*--axis));
  const ValueSpec output{reducer.output, grid};
  return SourceLayer::make(name + " of nothing", output, std::make_shared<NothingKernel>(reducer, output),
                           std::string(reducer.name) + " of nothing, " + std::to_string(reducer.parameter));
}

LayerPtr ReductionLayer::make(const std::string& name, const Reducer& reducer, const Coords& axes, Program program,
                              ChunkGrid domain, std::vector<LayerPtr> inputs, std::vector<OperandMap> maps) {
  require(!axes.empty() && std::is_sorted(axes.begin(), axes.end()), "a reduction's axes are ascending");
  require(reducer.planes <= kMostPlanes, "a reducer has few planes");
  for (std::int64_t axis : axes)
    if (domain.count(static_cast<int>(axis)) == 0) return of_nothing(name, reducer, axes, domain);
  LayerPtr layer = partial(name + ": partial", reducer, axes, std::move(program), std::move(domain), std::move(inputs),
                           std::move(maps));
  const auto many = [&] {
    return std::any_of(axes.begin(), axes.end(),
                       [&](std::int64_t axis) { return layer->output().grid.count(static_cast<int>(axis)) > 1; });
  };
  while (many()) layer = combine(name + ": combine", reducer, axes, layer);
  return finish(name, reducer, axes, layer);
}

LayerPtr ReductionLayer::with_program(const std::string& name, Program program, std::vector<LayerPtr> inputs,
                                      std::vector<OperandMap> maps) const {
  require(step_ == Step::partial, "only the partial step has a program");
  return partial(name, reducer_, axes_, std::move(program), domain_, std::move(inputs), std::move(maps));
}

void ReductionLayer::needs(int input, const ChunkBox& outputs, std::vector<ChunkBox>& blocks) const {
  if (step_ == Step::partial) {
    blocks.push_back(operand_block(maps_[input], inputs_[input]->output().grid, domain_, outputs));
    return;
  }
  const ChunkGrid& from = inputs_[0]->output().grid;
  ChunkBox block;
  int out_axis = 0;
  for (int a = 0; a < from.rank(); ++a) {
    const bool reduced = contains(axes_, a);
    if (step_ == Step::final && reduced) {
      block.begin.push_back(0);
      block.end.push_back(1);
      continue;
    }
    const std::int64_t fan = reduced ? kFanIn : 1;
    block.begin.push_back(outputs.begin[out_axis] * fan);
    block.end.push_back(std::min(outputs.end[out_axis] * fan, from.count(a)));
    ++out_axis;
  }
  blocks.push_back(block);
}

void ReductionLayer::feeds(int input, const ChunkBox& chunks, std::vector<ChunkBox>& blocks) const {
  if (step_ == Step::partial) {
    blocks.push_back(domain_block(maps_[input], inputs_[input]->output().grid, domain_, chunks));
    return;
  }
  ChunkBox block;
  for (int a = 0; a < chunks.rank(); ++a) {
    const bool reduced = contains(axes_, a);
    if (step_ == Step::final && reduced) continue;
    const std::int64_t fan = reduced ? kFanIn : 1;
    block.begin.push_back(chunks.begin[a] / fan);
    block.end.push_back((chunks.end[a] - 1) / fan + 1);
  }
  blocks.push_back(block);
}

void ReductionLayer::describe(Description& description) const {
  description.structure(reducer_.name).structure(static_cast<std::int64_t>(step_)).structure(axes_);
  description.identity(reducer_.parameter);
  if (step_ != Step::partial) return;
  description.structure(domain_);
  program_.describe(description);
  for (const OperandMap& map : maps_) description.structure(map.axis);
}

LayerPtr ReductionLayer::with_inputs(std::vector<LayerPtr> inputs) const {
  switch (step_) {
    case Step::partial:
      return partial(name_, reducer_, axes_, program_, domain_, std::move(inputs), maps_);
    case Step::combine:
      return combine(name_, reducer_, axes_, std::move(inputs.at(0)));
    case Step::final:
      return finish(name_, reducer_, axes_, std::move(inputs.at(0)));
  }
  throw InternalError("a reduction has three steps");
}

Alignment ReductionLayer::alignment() const {
  if (step_ == Step::partial) return align_with_operand(inputs_, maps_, domain_);
  Alignment alignment;
  alignment.input = 0;
  for (int a = 0; a < inputs_[0]->output().grid.rank(); ++a)
    if (step_ == Step::combine || !contains(axes_, a)) alignment.axis.push_back(a);
  return alignment;
}

}  // namespace dunlin
