#include "reduction_kernel.hpp"

#include <algorithm>
#include <bit>

#include "program_kernel.hpp"

namespace dunlin {
namespace {

/// States of `width` columns while reduced elements come in: lanes of the current block, and finished blocks merged
/// like a binary counter (stack level k holds 2^k blocks).
class BlockTree {
 public:
  static std::size_t doubles(const Reducer& reducer, std::int64_t width, std::int64_t reduced) {
    return static_cast<std::size_t>(reducer.planes * width * (kLanes + levels(reduced)));
  }
  static int levels(std::int64_t reduced) {
    return std::bit_width(static_cast<std::uint64_t>(reduced / kBlock + 1)) + 1;
  }

  BlockTree(const Reducer& reducer, double* memory, std::int64_t width, std::int64_t reduced)
      : reducer_(reducer), lanes_(memory), width_(width), levels_(levels(reduced)) {
    stack_ = memory + reducer.planes * kLanes * width;
  }

  /// Takes one reduced element of each of n columns.
  void take_columns(const std::byte* values, std::size_t n) {
    const int lane = in_block_ % kLanes;
    take_into(lane, lane + 1, values, n);
    if (++in_block_ == kBlock) end_block();
  }
  /// Takes n reduced elements of the only column, into lanes side by side.
  void take_row(const std::byte* values, std::size_t n, std::size_t element_size) {
    while (n > 0) {
      const int first = in_block_ % kLanes;
      const auto now = std::min<std::size_t>(n, static_cast<std::size_t>(kLanes - first));
      take_into(first, first + static_cast<int>(now), values, now);
      values += now * element_size;
      n -= now;
      in_block_ += static_cast<int>(now);
      if (in_block_ == kBlock) end_block();
    }
  }

  /// The state of everything taken, per plane `width` doubles apart by `stride`; makes the tree empty again.
  void finish(double* out, std::int64_t stride, std::size_t n) {
    if (in_block_ > 0 || blocks_ == 0) end_block();
    double* result[kMostPlanes];
    const double* other[kMostPlanes];
    int below = std::countr_zero(static_cast<std::uint64_t>(blocks_));
    for (int p = 0; p < reducer_.planes; ++p) result[p] = level(p, below);
    // From the latest blocks to the earliest: earlier ⊕ later.
    for (int k = below + 1; k < levels_; ++k) {
      if (!(blocks_ >> k & 1)) continue;
      double* earlier[kMostPlanes];
      for (int p = 0; p < reducer_.planes; ++p) earlier[p] = level(p, k), other[p] = result[p];
      reducer_.merge(earlier, other, static_cast<std::size_t>(width_));
      std::copy_n(earlier, kMostPlanes, result);
    }
    for (int p = 0; p < reducer_.planes; ++p) std::copy_n(result[p], n, out + p * stride);
    blocks_ = 0;
  }

 private:
  double* lane(int plane, int lane) const { return lanes_ + (plane * kLanes + lane) * width_; }
  double* level(int plane, int level) const { return stack_ + (plane * levels_ + level) * width_; }

  /// Makes lanes ready that this block has not used yet, and takes n values from lane `first` on.
  void take_into(int first, int end, const std::byte* values, std::size_t n) {
    double* planes[kMostPlanes];
    if (used_ < end) {
      for (int p = 0; p < reducer_.planes; ++p) planes[p] = lane(p, used_);
      reducer_.clear(planes, static_cast<std::size_t>((end - used_) * width_));
      used_ = end;
    }
    for (int p = 0; p < reducer_.planes; ++p) planes[p] = lane(p, first);
    reducer_.take(values, planes, n);
  }

  void end_block() {
    double* into[kMostPlanes];
    const double* from[kMostPlanes];
    if (used_ == 0) {  // nothing was taken at all
      for (int p = 0; p < reducer_.planes; ++p) into[p] = lane(p, 0);
      reducer_.clear(into, static_cast<std::size_t>(width_));
    }
    // Lanes that a short block has not used have seen nothing: joining them would change no bit.
    for (int half = kLanes / 2; half > 0; half /= 2) {
      for (int p = 0; p < reducer_.planes; ++p) into[p] = lane(p, 0), from[p] = lane(p, half);
      if (used_ <= half) continue;
      reducer_.merge(into, from, static_cast<std::size_t>((used_ - half) * width_));
      used_ = half;
    }
    int k = 0;
    for (; blocks_ >> k & 1; ++k) {  // carry: the earlier blocks of this level take the new ones in
      for (int p = 0; p < reducer_.planes; ++p) from[p] = into[p], into[p] = level(p, k);
      reducer_.merge(into, from, static_cast<std::size_t>(width_));
    }
    for (int p = 0; p < reducer_.planes; ++p) std::copy_n(into[p], width_, level(p, k));
    ++blocks_;
    in_block_ = used_ = 0;
  }

  const Reducer& reducer_;
  double* lanes_;
  double* stack_;
  std::int64_t width_;
  int levels_;
  int in_block_ = 0;  // elements of the current block, and lanes that they have used
  int used_ = 0;
  std::int64_t blocks_ = 0;
};

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
                             std::vector<ChunkGrid> grids, std::vector<OperandMap> maps)
    : reducer_(reducer),
      axes_(std::move(axes)),
      program_(std::move(program)),
      domain_(std::move(domain)),
      grids_(std::move(grids)),
      maps_(std::move(maps)),
      program_bytes_((ProgramRun::scratch_bytes(program_) + 63) / 64 * 64) {
  inner_limit_ = domain_.rank();
  while (inner_limit_ > 0 && reduced(inner_limit_ - 1) == folds_rows()) --inner_limit_;
}

std::int64_t PartialKernel::width(std::int64_t run) const {
  return folds_rows() ? 1 : std::min({run, kWidth, static_cast<std::int64_t>(1024)});
}

void PartialKernel::run(const TaskRun& task) const {
  const OperandWalk walk(program_, domain_, grids_, maps_, task, task.chunk, inner_limit_);
  const RunPlan& runs = walk.runs();
  const OuterAxes axes(runs.outer, axes_);
  const std::int64_t run_reduced = folds_rows() ? runs.run : 1;
  const std::int64_t reduced = product(axes.reduced) * run_reduced;
  const auto kept = static_cast<std::int64_t>(task.output.size() / sizeof(double)) / reducer_.planes;

  Buffer scratch =
      task.pool->allocate(program_bytes_ + BlockTree::doubles(reducer_, width(runs.run), reduced) * sizeof(double));
  ProgramRun program(program_, scratch.bytes().first(program_bytes_));
  auto* states = reinterpret_cast<double*>(scratch.data() + program_bytes_);
  auto* out = reinterpret_cast<double*>(task.output.data());
  const std::size_t element = program_.result_type().size();
  const auto tile = std::min<std::int64_t>(static_cast<std::int64_t>(program.tile()), kWidth);

  std::vector<TileInput> inputs;
  Coords outer(runs.outer.size(), 0), kept_at(axes.kept.size(), 0);
  do {
    Coords reduced_at(axes.reduced.size(), 0);
    if (folds_rows()) {
      BlockTree tree(reducer_, states, 1, reduced);
      do {
        axes.place(outer, kept_at, reduced_at);
        for (std::int64_t offset = 0; offset < runs.run; offset += tile) {
          const auto n = static_cast<std::size_t>(std::min(tile, runs.run - offset));
          walk.at(outer, offset, inputs);
          tree.take_row(program.value(inputs, n), n, element);
        }
      } while (next_position(reduced_at, axes.reduced));
      tree.finish(out++, kept, 1);
      continue;
    }
    for (std::int64_t offset = 0; offset < runs.run; offset += tile) {
      const auto n = static_cast<std::size_t>(std::min(tile, runs.run - offset));
      BlockTree tree(reducer_, states, static_cast<std::int64_t>(n), reduced);
      reduced_at = Coords(axes.reduced.size(), 0);
      do {
        axes.place(outer, kept_at, reduced_at);
        walk.at(outer, offset, inputs);
        tree.take_columns(program.value(inputs, n), n);
      } while (next_position(reduced_at, axes.reduced));
      tree.finish(out, kept, n);
      out += n;
    }
  } while (next_position(kept_at, axes.kept));
}

Cost PartialKernel::cost(const ChunkIndex& chunk) const {
  const Box box = domain_.box(chunk);
  std::int64_t reduced = 1, inner = 1;
  for (std::int64_t axis : axes_) reduced *= box.length(static_cast<int>(axis));
  for (int a = inner_limit_; a < box.rank(); ++a) inner *= box.length(a);
  Cost cost;
  cost.scratch_bytes =
      static_cast<std::int64_t>(program_bytes_ + BlockTree::doubles(reducer_, width(inner), reduced) * sizeof(double));
  cost.operations = (program_.cost() + 2) * static_cast<double>(box.count());
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
