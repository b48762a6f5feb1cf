#include "dunlin/graph/reduction.hpp"

#include <algorithm>

#include "dunlin/graph/blockwise.hpp"
#include "dunlin/graph/source.hpp"
#include "group_level.hpp"
#include "reduction_kernel.hpp"

namespace dunlin {
namespace {

bool contains(const Coords& axes, int axis) { return std::find(axes.begin(), axes.end(), axis) != axes.end(); }

/// A grid whose axis is cut into single elements.
ChunkGrid with_states(const ChunkGrid& grid, int axis, std::int64_t count) {
  return grid.without_axis(axis).with_axis(axis, count, 1);
}

ChunkGrid without(ChunkGrid grid, const Coords& axes) {
  for (auto axis = axes.end(); axis != axes.begin();) grid = grid.without_axis(static_cast<int>(*--axis));
  return grid;
}

/// `block` once for every span, put in the place of `axis`. Blocks that do not run along the axis come out once.
template <class Through>
void append_spans(const ChunkBox& block, int axis, const std::vector<Span>& spans, std::vector<ChunkBox>& blocks,
                  Through&& through) {
  const std::size_t first = blocks.size();
  for (const Span& span : spans) {
    ChunkBox one = block;
    one.begin[axis] = span.begin;
    one.end[axis] = span.end;
    const ChunkBox named = through(one);
    if (blocks.size() == first || !(blocks.back() == named)) blocks.push_back(named);
  }
}

ChunkBox as_it_is(const ChunkBox& block) { return block; }

void check_labels(const std::vector<std::int64_t>& labels, std::int64_t groups, const ChunkGrid& domain, int axis) {
  require(axis >= 0 && axis < domain.rank() && groups >= 0, "labels group one of the axes");
  if (domain.length(axis) == kUnknown) throw UnknownExtent(axis);
  if (static_cast<std::int64_t>(labels.size()) != domain.length(axis))
    throw BadLabels(static_cast<std::int64_t>(labels.size()), domain.length(axis));
  for (std::size_t k = 0; k < labels.size(); ++k)
    if (labels[k] < -1 || labels[k] >= groups) throw BadLabels(static_cast<std::int64_t>(k), labels[k], groups);
}

}  // namespace

std::shared_ptr<ReductionLayer> ReductionLayer::partial(const std::string& name, const Reducer& reducer,
                                                        const Coords& axes, Program program, ChunkGrid domain,
                                                        std::vector<LayerPtr> inputs, std::vector<OperandMap> maps,
                                                        LevelPtr level) {
  std::vector<ChunkGrid> grids;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    grids.push_back(inputs[i]->output().grid);
    check_operand(maps[i], grids.back(), domain);
    require(inputs[i]->output().dtype == program.inputs()[i] && inputs[i]->output().planes == 1,
            "a reduction's inputs have the program's types");
  }
  // Along a reduced axis every chunk shrinks to one element, or to one for every group that it meets.
  ChunkGrid states = domain;
  for (std::int64_t axis : axes) {
    const int a = static_cast<int>(axis);
    states = with_states(states, a, level ? level->states() : domain.count(a));
  }
  auto kernel = std::make_shared<PartialKernel>(reducer, axes, program, domain, grids, maps, level);
  std::shared_ptr<ReductionLayer> layer(
      new ReductionLayer(Step::partial, name, ValueSpec{DType::float64, states, reducer.planes}, std::move(inputs),
                         std::move(kernel), reducer, axes, std::move(level)));
  layer->program_ = std::move(program);
  layer->domain_ = std::move(domain);
  layer->maps_ = std::move(maps);
  return layer;
}

LayerPtr ReductionLayer::combine(const std::string& name, const Reducer& reducer, const Coords& axes, LayerPtr input,
                                 LevelPtr level) {
  ChunkGrid states = input->output().grid;
  for (std::int64_t axis : axes) {
    const int a = static_cast<int>(axis);
    states = with_states(states, a, level ? level->states() : (states.count(a) + kFanIn - 1) / kFanIn);
  }
  const ValueSpec output{DType::float64, states, reducer.planes};
  auto kernel = std::make_shared<CombineKernel>(reducer, output);
  return std::shared_ptr<const ReductionLayer>(new ReductionLayer(Step::combine, name, output, {std::move(input)},
                                                                  std::move(kernel), reducer, axes, std::move(level)));
}

LayerPtr ReductionLayer::finish(const std::string& name, const Reducer& reducer, const Coords& axes, LayerPtr input,
                                ChunkGrid grid, LevelPtr level) {
  const ValueSpec output{reducer.output, std::move(grid)};
  std::shared_ptr<const Kernel> kernel;
  if (level) {
    kernel = std::make_shared<GroupedFinalKernel>(reducer, output, static_cast<int>(axes[0]), level);
  } else {
    kernel = std::make_shared<FinalKernel>(reducer, output);
  }
  return std::shared_ptr<const ReductionLayer>(new ReductionLayer(Step::final, name, output, {std::move(input)},
                                                                  std::move(kernel), reducer, axes, std::move(level)));
}

LayerPtr ReductionLayer::of_nothing(const std::string& name, const Reducer& reducer, const ChunkGrid& grid) {
  const ValueSpec output{reducer.output, grid};
  return SourceLayer::make(name + " of nothing", output, std::make_shared<NothingKernel>(reducer, output),
                           std::string(reducer.name) + " of nothing, " + std::to_string(reducer.parameter));
}

LayerPtr ReductionLayer::make(const std::string& name, const Reducer& reducer, const Coords& axes, Program program,
                              ChunkGrid domain, std::vector<LayerPtr> inputs, std::vector<OperandMap> maps) {
  require(!axes.empty() && std::is_sorted(axes.begin(), axes.end()), "a reduction's axes are ascending");
  require(reducer.planes <= kMostPlanes, "a reducer has few planes");
  for (std::int64_t axis : axes)
    if (domain.count(static_cast<int>(axis)) == 0) return of_nothing(name, reducer, without(domain, axes));
  LayerPtr layer = partial(name + ": partial", reducer, axes, std::move(program), std::move(domain), std::move(inputs),
                           std::move(maps), nullptr);
  const auto many = [&] {
    return std::any_of(axes.begin(), axes.end(),
                       [&](std::int64_t axis) { return layer->output().grid.count(static_cast<int>(axis)) > 1; });
  };
  while (many()) layer = combine(name + ": combine", reducer, axes, layer, nullptr);
  return finish(name, reducer, axes, layer, without(layer->output().grid, axes), nullptr);
}

LayerPtr ReductionLayer::make_grouped(const std::string& name, const Reducer& reducer, int axis,
                                      const std::vector<std::int64_t>& labels, std::int64_t groups, Program program,
                                      ChunkGrid domain, std::vector<LayerPtr> inputs, std::vector<OperandMap> maps,
                                      std::int64_t groups_per_chunk) {
  require(reducer.planes <= kMostPlanes, "a reducer has few planes");
  require(groups_per_chunk > 0, "a chunk holds at least one group");
  check_labels(labels, groups, domain, axis);
  const ChunkGrid result = domain.without_axis(axis).with_axis(axis, groups, groups_per_chunk);
  LevelPtr level = partial_level(domain, axis, labels);
  if (level->states() == 0) return of_nothing(name, reducer, result);
  const Coords axes{axis};
  LayerPtr layer = partial(name + ": partial", reducer, axes, std::move(program), std::move(domain), std::move(inputs),
                           std::move(maps), level);
  while (has_several(*level)) {
    level = combine_level(*level);
    layer = combine(name + ": combine", reducer, axes, layer, level);
  }
  return finish(name, reducer, axes, layer, result, final_level(*level, groups, groups_per_chunk));
}

LayerPtr ReductionLayer::with_program(const std::string& name, Program program, std::vector<LayerPtr> inputs,
                                      std::vector<OperandMap> maps) const {
  require(step_ == Step::partial, "only the partial step has a program");
  return partial(name, reducer_, axes_, std::move(program), domain_, std::move(inputs), std::move(maps), level_);
}

void ReductionLayer::needs(int input, const ChunkBox& outputs, std::vector<ChunkBox>& blocks) const {
  const auto operand = [&](const ChunkBox& block) {
    return operand_block(maps_[input], inputs_[input]->output().grid, domain_, block);
  };
  if (level_) {
    const int axis = static_cast<int>(axes_[0]);
    const std::vector<Span> spans = level_->relation.inputs_of(Span{outputs.begin[axis], outputs.end[axis]});
    step_ == Step::partial ? append_spans(outputs, axis, spans, blocks, operand)
                           : append_spans(outputs, axis, spans, blocks, as_it_is);
    return;
  }
  if (step_ == Step::partial) {
    blocks.push_back(operand(outputs));
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
  const ChunkBox domain =
      step_ == Step::partial ? domain_block(maps_[input], inputs_[input]->output().grid, domain_, chunks) : chunks;
  if (level_) {
    const int axis = static_cast<int>(axes_[0]);
    append_spans(domain, axis, level_->relation.outputs_of(Span{domain.begin[axis], domain.end[axis]}), blocks,
                 as_it_is);
    return;
  }
  if (step_ == Step::partial) {
    blocks.push_back(domain);
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
  description.structure(level_ ? 1 : 0);
  if (level_) level_->describe(description);
  if (step_ != Step::partial) return;
  description.structure(domain_);
  program_.describe(description);
  for (const OperandMap& map : maps_) description.structure(map.axis);
}

LayerPtr ReductionLayer::with_inputs(std::vector<LayerPtr> inputs) const {
  switch (step_) {
    case Step::partial:
      return partial(name_, reducer_, axes_, program_, domain_, std::move(inputs), maps_, level_);
    case Step::combine:
      return combine(name_, reducer_, axes_, std::move(inputs.at(0)), level_);
    case Step::final:
      return finish(name_, reducer_, axes_, std::move(inputs.at(0)), output_.grid, level_);
  }
  throw InternalError("a reduction has three steps");
}

Alignment ReductionLayer::alignment() const {
  if (step_ == Step::partial) return align_with_operand(inputs_, maps_, domain_);
  Alignment alignment;
  alignment.input = 0;
  for (int a = 0; a < inputs_[0]->output().grid.rank(); ++a)
    if (level_ || step_ == Step::combine || !contains(axes_, a)) alignment.axis.push_back(a);
  return alignment;
}

}  // namespace dunlin
