#include "reduction_kernel.hpp"

#include <algorithm>

#include "block_tree.hpp"
#include "pace.hpp"
#include "program_kernel.hpp"

namespace dunlin {
namespace {

constexpr std::size_t kStretch = 1024;  // states merged at a time: 8 KiB a plane
constexpr std::int64_t kWidth =
    512;  // columns side by side: 2 KiB of float32 per row, lanes within a second-level cache

/// Splits an outer position space into kept and reduced axes.
struct OuterAxes {
  Shape kept, reduced;
  std::vector<int> kept_axis, reduced_axis;
  OuterAxes(const Shape& outer, const Coords& axes) {
    for (int a = 0; a < static_cast<int>(outer.size()); ++a) {
      const bool is_reduced = std::find(axes.begin(), axes.end(), a) != axes.end();
      (is_reduced ? reduced : kept).push_back(outer[a]);
      (is_reduced ? reduced_axis : kept_axis).push_back(a);
    }
  }
  void place(Coords& outer, const Coords& kept_at, const Coords& reduced_at) const {
    for (std::size_t k = 0; k < kept_axis.size(); ++k) outer[kept_axis[k]] = kept_at[k];
    for (std::size_t k = 0; k < reduced_axis.size(); ++k) outer[reduced_axis[k]] = reduced_at[k];
  }
};

}  // namespace

PartialKernel::PartialKernel(const Reducer& reducer, Coords axes, Program program, ChunkGrid domain,
                             std::vector<ChunkGrid> grids, std::vector<OperandMap> maps, GroupLevelPtr level)
    : reducer_(reducer),
      axes_(std::move(axes)),
      ready_(std::move(program)),
      domain_(std::move(domain)),
      grids_(std::move(grids)),
      maps_(std::move(maps)),
      program_bytes_((ready_.scratch_bytes() + 63) / 64 * 64),
      level_(std::move(level)),
      element_time_(ready_.program().cost() + 2) {
  inner_limit_ = domain_.rank();
  while (inner_limit_ > 0 && reduced(inner_limit_ - 1) == folds_rows()) --inner_limit_;
}

std::int64_t PartialKernel::width(std::int64_t run) const {
  return folds_rows() ? 1 : std::min({run, kWidth, static_cast<std::int64_t>(1024)});
}

ChunkIndex PartialKernel::domain_chunk(const ChunkIndex& state) const {
  if (!level_) return state;
  ChunkIndex chunk = state;
  std::int64_t& at = chunk.at[axes_[0]];
  at = level_->relation.inputs_of(at).front();
  return chunk;
}

std::vector<Span> PartialKernel::taken(const ChunkIndex& state) const {
  const std::int64_t first = domain_.begin(static_cast<int>(axes_[0]), domain_chunk(state).at[axes_[0]]);
  std::vector<Span> local;
  for (const Span& span : level_->elements_of(state.at[axes_[0]]))
    local.push_back({span.begin - first, span.end - first});
  return local;
}

namespace {

std::int64_t total(const std::vector<Span>& spans) {
  std::int64_t sum = 0;
  for (const Span& span : spans) sum += span.end - span.begin;
  return sum;
}

/// Calls f(position) for every position of the reduced axes outside of runs: all, or along the grouped axis those of
/// `taken`.
template <class F>
void for_each_reduced(const Shape& lengths, const std::vector<Span>* taken, F&& f) {
  Coords at(lengths.size(), 0);
  if (!taken || at.empty()) {
    do {
      f(static_cast<const Coords&>(at));
    } while (next_position(at, lengths));
    return;
  }
  for (const Span& span : *taken)
    for (at[0] = span.begin; at[0] < span.end; ++at[0]) f(static_cast<const Coords&>(at));
}

}  // namespace

void PartialKernel::run(const TaskRun& task) const {
  const OperandWalk walk(ready_.program(), domain_, grids_, maps_, task, domain_chunk(task.chunk), inner_limit_);
  const RunPlan& runs = walk.runs();
  const OuterAxes axes(runs.outer, axes_);
  // What is taken of a run (rows), and of the positions outside of runs.
  std::vector<Span> elements, of_run{{0, runs.run}};
  if (level_) elements = taken(task.chunk);
  const std::vector<Span>* outside = level_ && !axes.reduced.empty() ? &elements : nullptr;
  if (level_ && axes.reduced.empty()) of_run = elements;
  const std::int64_t reduced = (outside ? total(elements) : product(axes.reduced)) * (folds_rows() ? total(of_run) : 1);
  const auto kept = static_cast<std::int64_t>(task.output.size() / sizeof(double)) / reducer_.planes;

  Buffer scratch =
      task.pool->allocate(program_bytes_ + BlockTree::doubles(reducer_, width(runs.run), reduced) * sizeof(double));
  ProgramRun program(ready_, scratch.bytes().first(program_bytes_));
  auto* states = reinterpret_cast<double*>(scratch.data() + program_bytes_);
  auto* out = reinterpret_cast<double*>(task.output.data());
  const std::size_t element = ready_.program().result_type().size();
  const auto tile = std::min<std::int64_t>(static_cast<std::int64_t>(program.tile()), kWidth);
  Pace pace(task);

  std::vector<TileInput> inputs;
  Coords outer(runs.outer.size(), 0), kept_at(axes.kept.size(), 0);
  const auto values = [&](const Coords& reduced_at, std::int64_t offset, std::size_t n) {
    axes.place(outer, kept_at, reduced_at);
    walk.at(outer, offset, inputs);
    pace.did(static_cast<double>(n) * element_time_);
    return program.value(inputs, n);
  };
  do {
    if (folds_rows()) {
      BlockTree tree(reducer_, states, 1, reduced);
      for_each_reduced(axes.reduced, outside, [&](const Coords& reduced_at) {
        for (const Span& span : of_run)
          for (std::int64_t offset = span.begin; offset < span.end; offset += tile) {
            const auto n = static_cast<std::size_t>(std::min(tile, span.end - offset));
            tree.take_row(values(reduced_at, offset, n), n, element);
          }
      });
      tree.finish(out++, kept, 1);
      continue;
    }
    for (std::int64_t offset = 0; offset < runs.run; offset += tile) {
      const auto n = static_cast<std::size_t>(std::min(tile, runs.run - offset));
      BlockTree tree(reducer_, states, static_cast<std::int64_t>(n), reduced);
      for_each_reduced(axes.reduced, outside,
                       [&](const Coords& reduced_at) { tree.take_columns(values(reduced_at, offset, n), n); });
      tree.finish(out, kept, n);
      out += n;
    }
  } while (next_position(kept_at, axes.kept));
}

Cost PartialKernel::cost(const ChunkIndex& chunk) const {
  const Box box = domain_.box(domain_chunk(chunk));
  std::int64_t reduced = 1, inner = 1;
  for (std::int64_t axis : axes_) reduced *= box.length(static_cast<int>(axis));
  const std::int64_t kept = box.count() / std::max<std::int64_t>(reduced, 1);
  if (level_) reduced = total(taken(chunk));
  for (int a = inner_limit_; a < box.rank(); ++a) inner *= box.length(a);
  Cost cost;
  cost.scratch_bytes =
      static_cast<std::int64_t>(program_bytes_ + BlockTree::doubles(reducer_, width(inner), reduced) * sizeof(double));
  cost.operations = element_time_ * static_cast<double>(kept * reduced);
  return cost;
}

void CombineKernel::run(const TaskRun& task) const {
  const std::size_t n = task.output.size() / sizeof(double) / static_cast<std::size_t>(reducer_.planes);
  auto* out = reinterpret_cast<double*>(task.output.data());
  double* into[kMostPlanes];
  const double* from[kMostPlanes];
  // A stretch of states at a time, so that the result stays in cache while all inputs are merged into it.
  for (std::size_t first = 0; first < n; first += kStretch) {
    const std::size_t count = std::min(kStretch, n - first);
    for (int p = 0; p < reducer_.planes; ++p) into[p] = out + static_cast<std::size_t>(p) * n + first;
    for (std::size_t i = 0; i < task.inputs.size(); ++i) {
      const auto* states = reinterpret_cast<const double*>(task.inputs[i].bytes().data());
      for (int p = 0; p < reducer_.planes; ++p) from[p] = states + static_cast<std::size_t>(p) * n + first;
      if (i > 0)
        reducer_.merge(into, from, count);
      else
        for (int p = 0; p < reducer_.planes; ++p) std::copy_n(from[p], count, into[p]);
    }
  }
}

Cost CombineKernel::cost(const ChunkIndex& chunk) const {
  return {.operations = static_cast<double>(output_.bytes(chunk) / 8 * kFanIn)};
}

void FinalKernel::run(const TaskRun& task) const {
  const std::span<const std::byte> states = task.inputs.front().bytes();
  const std::size_t n = states.size() / sizeof(double) / static_cast<std::size_t>(reducer_.planes);
  const double* planes[kMostPlanes];
  for (int p = 0; p < reducer_.planes; ++p)
    planes[p] = reinterpret_cast<const double*>(states.data()) + static_cast<std::size_t>(p) * n;
  reducer_.finish(planes, task.output.data(), n, reducer_.parameter);
}

Cost FinalKernel::cost(const ChunkIndex& chunk) const {
  return {.operations = static_cast<double>(output_.bytes(chunk) / 4)};
}

std::int64_t GroupedFinalKernel::inner(const Box& box) const {
  std::int64_t elements = 1;
  for (int a = axis_ + 1; a < box.rank(); ++a) elements *= box.length(a);
  return elements;
}

std::int64_t GroupedFinalKernel::outer(const Box& box) const {
  std::int64_t elements = 1;
  for (int a = 0; a < axis_; ++a) elements *= box.length(a);
  return elements;
}

bool GroupedFinalKernel::is_full(const ChunkIndex& chunk, const Box& box) const {
  return static_cast<std::int64_t>(level_->relation.inputs_of(chunk.at[axis_]).size()) == box.length(axis_);
}

void GroupedFinalKernel::run(const TaskRun& task) const {
  const Box box = output_.grid.box(task.chunk);
  const std::int64_t before = outer(box), behind = inner(box), groups = box.length(axis_), n = before * behind;
  const std::size_t size = output_.dtype.size();
  const double* planes[kMostPlanes];
  const auto finish = [&](std::int64_t group, std::int64_t row) {
    reducer_.finish(planes, task.output.data() + static_cast<std::size_t>((row * groups + group) * behind) * size,
                    static_cast<std::size_t>(behind), reducer_.parameter);
  };
  if (!is_full(task.chunk, box)) {
    Buffer scratch = task.pool->allocate(static_cast<std::size_t>(behind * reducer_.planes) * sizeof(double));
    double* nothing[kMostPlanes];
    for (int p = 0; p < reducer_.planes; ++p)
      planes[p] = nothing[p] = reinterpret_cast<double*>(scratch.data()) + p * behind;
    reducer_.clear(nothing, static_cast<std::size_t>(behind));
    for (std::int64_t group = 0; group < groups; ++group)
      for (std::int64_t row = 0; row < before; ++row) finish(group, row);
  }
  for (const ChunkView& input : task.inputs) {
    const std::int64_t group = level_->group[static_cast<std::size_t>(input.chunk().at[axis_])] - box.begin[axis_];
    const auto* states = reinterpret_cast<const double*>(input.bytes().data());
    for (std::int64_t row = 0; row < before; ++row) {
      for (int p = 0; p < reducer_.planes; ++p) planes[p] = states + p * n + row * behind;
      finish(group, row);
    }
  }
}

Cost GroupedFinalKernel::cost(const ChunkIndex& chunk) const {
  const Box box = output_.grid.box(chunk);
  Cost cost{.operations = static_cast<double>(output_.bytes(chunk) / 4)};
  if (!is_full(chunk, box))
    cost.scratch_bytes = inner(box) * reducer_.planes * static_cast<std::int64_t>(sizeof(double));
  return cost;
}

void NothingKernel::run(const TaskRun& task) const {
  const std::size_t n = task.output.size() / output_.dtype.size();
  Buffer scratch = task.pool->allocate(n * sizeof(double) * static_cast<std::size_t>(reducer_.planes));
  double* planes[kMostPlanes];
  for (int p = 0; p < reducer_.planes; ++p)
    planes[p] = reinterpret_cast<double*>(scratch.data()) + static_cast<std::size_t>(p) * n;
  reducer_.clear(planes, n);
  reducer_.finish(planes, task.output.data(), n, reducer_.parameter);
}

Cost NothingKernel::cost(const ChunkIndex& chunk) const {
  const std::int64_t states = output_.grid.box(chunk).count() * reducer_.planes;
  return {.scratch_bytes = states * static_cast<std::int64_t>(sizeof(double)),
          .operations = static_cast<double>(states)};
}

}  // namespace dunlin
