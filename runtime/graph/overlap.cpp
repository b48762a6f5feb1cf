#include "dunlin/graph/overlap.hpp"

#include <algorithm>

#include "dunlin/base/box_copy.hpp"
#include "gather.hpp"

namespace dunlin {
namespace {

/// Elements [begin, end) that the chunks of a block cover along an axis with their halos; what lies outside of the axis
/// is clipped where the boundary says so.
Span reach(const Halo& halo, const ChunkGrid& grid, int axis, std::int64_t first, std::int64_t last) {
  Span span{grid.begin(axis, first) - halo.before, grid.begin(axis, last) + halo.after};
  if (halo.boundary.kind == Boundary::none)
    span = {std::max<std::int64_t>(span.begin, 0), std::min(span.end, grid.length(axis))};
  return span;
}

/// Where the elements of [span) come from, along an axis of n elements.
Pieces pieces_of(const Halo& halo, const Span& span, std::int64_t n) {
  Pieces pieces;
  const Span inside{std::max<std::int64_t>(span.begin, 0), std::min(span.end, n)};
  const std::int64_t low = inside.begin - span.begin, high = span.end - inside.end;
  if (low > 0) {
    if (halo.boundary.kind == Boundary::periodic) pieces.push_back({0, low, n - low, 1});
    if (halo.boundary.kind == Boundary::reflect) pieces.push_back({0, low, low, -1});
    if (halo.boundary.kind == Boundary::nearest) pieces.push_back({0, low, 0, 0});
  }
  pieces.push_back({low, inside.end - inside.begin, inside.begin, 1});
  if (high > 0) {
    const std::int64_t out = inside.end - span.begin;
    if (halo.boundary.kind == Boundary::periodic) pieces.push_back({out, high, 0, 1});
    if (halo.boundary.kind == Boundary::reflect) pieces.push_back({out, high, n - 2, -1});
    if (halo.boundary.kind == Boundary::nearest) pieces.push_back({out, high, n - 1, 0});
  }
  return pieces;
}

Pieces pieces_of(const Halo& halo, const ChunkGrid& grid, int axis, std::int64_t first, std::int64_t last) {
  return pieces_of(halo, reach(halo, grid, axis, first, last), grid.length(axis));
}

class OverlapKernel final : public Kernel {
 public:
  OverlapKernel(ChunkGrid from, ValueSpec to, std::vector<Halo> halos)
      : from_(std::move(from)), to_(std::move(to)), halos_(std::move(halos)) {}
  bool takes_strides() const override { return true; }
  void run(const TaskRun& task) const override {
    const Shape shape = to_.grid.box(task.chunk).shape();
    std::vector<Pieces> axes;
    for (int a = 0; a < from_.rank(); ++a)
      axes.push_back(pieces_of(halos_[a], from_, a, task.chunk.at[a], task.chunk.at[a] + 1));
    gather(task, axes, shape, to_.dtype.size());
    for (int a = 0; a < from_.rank(); ++a)
      if (halos_[a].boundary.kind == Boundary::constant) fill_outside(task, a, axes[a].front(), shape);
  }
  Cost cost(const ChunkIndex& chunk) const override {
    return {.operations = static_cast<double>(to_.grid.box(chunk).count())};
  }

 private:
  /// Both slabs outside of an axis, over all of the others.
  void fill_outside(const TaskRun& task, int axis, const Piece& inside, const Shape& shape) const {
    const Coords strides = row_major_strides(shape);
    const auto element = static_cast<std::int64_t>(to_.dtype.size());
    const Span slabs[] = {{0, inside.out}, {inside.out + inside.count, shape[axis]}};
    for (const Span& slab : slabs) {
      Shape of = shape;
      of[axis] = slab.end - slab.begin;
      if (of[axis] > 0)
        fill_block(halos_[axis].boundary.value.data(), task.output.data() + slab.begin * strides[axis] * element,
                   strides, of, to_.dtype.size());
    }
  }

  ChunkGrid from_;
  ValueSpec to_;
  std::vector<Halo> halos_;
};

void check(const ValueSpec& input, const std::vector<Halo>& halos) {
  for (int a = 0; a < input.grid.rank(); ++a)
    if (input.grid.length(a) == kUnknown) throw UnknownExtent(a);
  require(input.planes == 1 && input.is_exact(), "only plain arrays get halos");
  require(static_cast<int>(halos.size()) == input.grid.rank(), "there is one halo per axis");
  for (int a = 0; a < input.grid.rank(); ++a) {
    const Halo& halo = halos[a];
    const std::int64_t depth = std::max(halo.before, halo.after), length = input.grid.length(a);
    if (halo.before < 0 || halo.after < 0)
      throw BadHalo(a, std::min(halo.before, halo.after), length, "is negative: give at least 0");
    if (length == 0 || depth == 0) continue;
    if (halo.boundary.kind == Boundary::periodic && depth > length)
      throw BadHalo(a, depth, length, "cannot be periodic: take at most the axis itself");
    if (halo.boundary.kind == Boundary::reflect && depth >= length)
      throw BadHalo(a, depth, length, "cannot be reflected: take at most one element fewer than the axis has");
    if (halo.boundary.kind == Boundary::constant)
      require(halo.boundary.value.size() == input.dtype.size(), "a boundary's constant is one element of the array");
  }
}

/// Chunks along one axis with their halos, as a grid of one axis.
ChunkGrid extended_axis(const ChunkGrid& grid, int axis, const Halo& halo) {
  const std::int64_t count = grid.count(axis), both = halo.before + halo.after;
  if (both == 0 || count == 0) return ChunkGrid::regular({1}, {1}).with_axis_of(0, grid, axis);
  if (halo.boundary.kind != Boundary::none && grid.is_regular(axis))
    return ChunkGrid::regular({grid.length(axis) + count * both},
                              {std::min(grid.step(axis), grid.length(axis)) + both});
  std::vector<std::int64_t> lengths;
  for (std::int64_t chunk = 0; chunk < count; ++chunk) {
    const Span span = reach(halo, grid, axis, chunk, chunk + 1);
    lengths.push_back(span.end - span.begin);
  }
  return ChunkGrid::ragged({lengths});
}

}  // namespace

OverlapLayer::OverlapLayer(std::string name, LayerPtr input, std::vector<Halo> halos)
    : Layer(LayerKind::overlap, std::move(name), ValueSpec{input->output().dtype, grid_of(input->output().grid, halos)},
            {input}, nullptr),
      halos_(std::move(halos)) {
  kernel_ = std::make_shared<OverlapKernel>(input->output().grid, output_, halos_);
}

std::shared_ptr<const OverlapLayer> OverlapLayer::make(std::string name, LayerPtr input, std::vector<Halo> halos) {
  check(input->output(), halos);
  return std::shared_ptr<const OverlapLayer>(new OverlapLayer(std::move(name), std::move(input), std::move(halos)));
}

ChunkGrid OverlapLayer::grid_of(const ChunkGrid& grid, const std::vector<Halo>& halos) {
  ChunkGrid extended = grid;
  for (int a = 0; a < grid.rank(); ++a)
    if (halos[a].before + halos[a].after > 0) extended = extended.with_axis_of(a, extended_axis(grid, a, halos[a]), 0);
  return extended;
}

void OverlapLayer::needs(int, const ChunkBox& outputs, std::vector<ChunkBox>& blocks) const {
  const ChunkGrid& grid = inputs_[0]->output().grid;
  std::vector<std::vector<Span>> axes;
  for (int a = 0; a < grid.rank(); ++a) {
    if (halos_[a].before + halos_[a].after == 0) {
      axes.push_back({{outputs.begin[a], outputs.end[a]}});
    } else {
      axes.push_back(chunks_touched(pieces_of(halos_[a], grid, a, outputs.begin[a], outputs.end[a]), grid, a));
    }
  }
  append_blocks(axes, blocks);
}

void OverlapLayer::feeds(int, const ChunkBox& chunks, std::vector<ChunkBox>& blocks) const {
  const ChunkGrid& grid = inputs_[0]->output().grid;
  std::vector<std::vector<Span>> axes;
  for (int a = 0; a < grid.rank(); ++a) {
    const Halo& halo = halos_[a];
    if (halo.before + halo.after == 0) {
      axes.push_back({{chunks.begin[a], chunks.end[a]}});
      continue;
    }
    // Chunk c reaches from begin(c) − before to end(c) + after; [x, y) is given away.
    const std::int64_t n = grid.length(a), x = grid.begin(a, chunks.begin[a]), y = grid.begin(a, chunks.end[a]);
    const auto first_to_end_after = [&](std::int64_t element) {  // the first chunk with end > element
      return element < 0 ? 0 : element >= n ? grid.count(a) : grid.chunk_of(a, element);
    };
    const auto count_that_begin_before = [&](std::int64_t element) {  // chunks with begin < element
      return element <= 0 ? 0 : element >= n ? grid.count(a) : grid.chunk_of(a, element - 1) + 1;
    };
    std::vector<Span> spans{{first_to_end_after(x - halo.after), count_that_begin_before(y + halo.before)}};
    if (halo.boundary.kind == Boundary::periodic) {
      spans.push_back({0, count_that_begin_before(y - n + halo.before)});
      spans.push_back({first_to_end_after(x + n - halo.after), grid.count(a)});
    }
    if (halo.boundary.kind == Boundary::reflect) {
      if (y > 1) spans.push_back({0, count_that_begin_before(std::min(halo.before - x + 1, halo.before))});
      if (x < n - 1)
        spans.push_back({first_to_end_after(std::max(n - 1 - y, std::int64_t{0}) + n - halo.after), grid.count(a)});
    }
    join_spans(spans);
    axes.push_back(std::move(spans));
  }
  append_blocks(axes, blocks);
}

Box OverlapLayer::part(int, const ChunkIndex& output, const ChunkIndex& chunk) const {
  const ChunkGrid& grid = inputs_[0]->output().grid;
  Box part = grid.box(chunk);
  for (int a = 0; a < grid.rank(); ++a) {
    const Span hull =
        hull_within(pieces_of(halos_[a], grid, a, output.at[a], output.at[a] + 1), part.begin[a], part.end[a]);
    part.begin[a] = hull.begin;
    part.end[a] = hull.end;
  }
  return part;
}

void OverlapLayer::describe(Description& description) const {
  description.structure("overlap");
  for (const Halo& halo : halos_) {
    description.structure(halo.before).structure(halo.after).structure(static_cast<std::int64_t>(halo.boundary.kind));
    description.identity(halo.boundary.value);
  }
}

LayerPtr OverlapLayer::with_inputs(std::vector<LayerPtr> inputs) const {
  return make(name_, std::move(inputs.at(0)), halos_);
}

Alignment OverlapLayer::alignment() const {
  Alignment alignment;
  alignment.input = 0;
  for (int a = 0; a < output_.grid.rank(); ++a) alignment.axis.push_back(a);
  return alignment;
}

}  // namespace dunlin
