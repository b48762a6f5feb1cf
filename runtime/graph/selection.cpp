#include "dunlin/graph/selection.hpp"

#include <algorithm>
#include <cmath>

#include "gather.hpp"

namespace dunlin {

namespace {

/// Where the selected elements [span) come from: of a list, stretches of equal steps.
Pieces pieces_of(const AxisSelection& selection, const Span& span) {
  if (!selection.is_list())
    return {{0, span.end - span.begin, selection.start() + span.begin * selection.step(), selection.step()}};
  Pieces pieces;
  for (std::int64_t k = span.begin; k < span.end; ++k) {
    const std::int64_t at = selection.at(k);
    if (!pieces.empty()) {
      Piece& last = pieces.back();
      if (last.count == 1) last.step = at - last.in;
      if (at == last.in + last.count * last.step) {
        ++last.count;
        continue;
      }
    }
    pieces.push_back({k - span.begin, 1, at, 1});
  }
  return pieces;
}

Span elements_of(const ChunkGrid& grid, int axis, std::int64_t first, std::int64_t last) {
  return {grid.begin(axis, first), grid.begin(axis, last)};
}

class SelectionKernel final : public Kernel {
 public:
  SelectionKernel(ValueSpec to, std::vector<AxisSelection> selections)
      : to_(std::move(to)), selections_(std::move(selections)) {}
  bool takes_strides() const override { return true; }
  void run(const TaskRun& task) const override {
    std::vector<Pieces> axes;
    for (int a = 0; a < to_.grid.rank(); ++a)
      axes.push_back(pieces_of(selections_[a], elements_of(to_.grid, a, task.chunk.at[a], task.chunk.at[a] + 1)));
    gather(task, axes, to_.grid.box(task.chunk).shape(), to_.dtype.size());
  }
  Cost cost(const ChunkIndex& chunk) const override {
    return {.operations = static_cast<double>(to_.grid.box(chunk).count())};
  }

 private:
  ValueSpec to_;
  std::vector<AxisSelection> selections_;
};

void check(const ValueSpec& input, const std::vector<AxisSelection>& selections) {
  for (int a = 0; a < input.grid.rank(); ++a)
    if (input.grid.length(a) == kUnknown) throw UnknownExtent(a);
  require(input.planes == 1 && input.is_exact(), "elements are selected from plain arrays");
  require(static_cast<int>(selections.size()) == input.grid.rank(), "there is one selection per axis");
  for (int a = 0; a < input.grid.rank(); ++a) {
    const std::int64_t length = input.grid.length(a);
    const AxisSelection& selection = selections[a];
    const auto check_element = [&](std::int64_t element) {
      if (element < 0 || element >= length) throw BadSelection(a, element, length);
    };
    if (selection.is_list()) {
      for (std::int64_t element : selection.elements()) check_element(element);
    } else if (selection.count() > 0) {
      check_element(selection.start());
      check_element(selection.at(selection.count() - 1));
    }
  }
}

/// The natural chunks of one axis, as a grid of one axis.
ChunkGrid natural_axis(const ChunkGrid& grid, int a, const AxisSelection& selection) {
  const std::int64_t count = selection.count();
  if (count == 0) return ChunkGrid::regular({0}, {1});
  if (selection.is_list()) return ChunkGrid::regular({count}, {grid.largest(a)});
  const std::int64_t start = selection.start(), step = selection.step();
  if (start == 0 && step == 1 && count == grid.length(a)) return ChunkGrid::single({1}).with_axis_of(0, grid, a);
  if (step == 1 && grid.is_regular(a) && start % grid.step(a) == 0) return ChunkGrid::regular({count}, {grid.step(a)});
  std::vector<std::int64_t> lengths;
  const Piece whole{0, count, start, step};
  for (std::int64_t done = 0; done < count;) {
    const std::int64_t chunk = grid.chunk_of(a, selection.at(done));
    const std::int64_t end = places_within(whole, grid.begin(a, chunk), grid.begin(a, chunk + 1)).end;
    lengths.push_back(end - done);
    done = end;
  }
  return ChunkGrid::of_spans(lengths);
}

}  // namespace

ChunkGrid SelectionLayer::grid_of(const ChunkGrid& grid, const std::vector<AxisSelection>& selections) {
  ChunkGrid natural = grid;
  for (int a = 0; a < grid.rank(); ++a) natural = natural.with_axis_of(a, natural_axis(grid, a, selections[a]), 0);
  return natural;
}

SelectionLayer::SelectionLayer(std::string name, LayerPtr input, std::vector<AxisSelection> selections, ChunkGrid grid)
    : Layer(LayerKind::selection, std::move(name), ValueSpec{input->output().dtype, std::move(grid)}, {input}, nullptr),
      selections_(std::move(selections)) {
  kernel_ = std::make_shared<SelectionKernel>(output_, selections_);
  const ChunkGrid& from = input->output().grid;
  for (int a = 0; a < from.rank(); ++a) {
    relations_.emplace_back();
    if (!selections_[a].is_list()) continue;
    std::vector<std::pair<std::int64_t, std::int64_t>> pairs;
    for (std::int64_t chunk = 0; chunk < output_.grid.count(a); ++chunk)
      for (std::int64_t k = output_.grid.begin(a, chunk); k < output_.grid.begin(a, chunk + 1); ++k) {
        const std::pair pair{chunk, from.chunk_of(a, selections_[a].at(k))};
        if (pairs.empty() || pairs.back() != pair) pairs.push_back(pair);
      }
    relations_[a] = std::make_shared<ChunkRelation>(std::move(pairs), output_.grid.count(a), from.count(a));
  }
  alignment_ = find_alignment();
}

std::shared_ptr<const SelectionLayer> SelectionLayer::make(std::string name, LayerPtr input,
                                                           std::vector<AxisSelection> selections) {
  check(input->output(), selections);
  ChunkGrid grid = grid_of(input->output().grid, selections);
  return std::shared_ptr<const SelectionLayer>(
      new SelectionLayer(std::move(name), std::move(input), std::move(selections), std::move(grid)));
}

std::shared_ptr<const SelectionLayer> SelectionLayer::make(std::string name, LayerPtr input,
                                                           std::vector<AxisSelection> selections, ChunkGrid grid) {
  check(input->output(), selections);
  Shape shape;
  for (const AxisSelection& selection : selections) shape.push_back(selection.count());
  if (grid.shape() != shape)
    throw UsageError("chunks for shape " + to_string(grid.shape()) + " were given to a selection of shape " +
                     to_string(shape));
  return std::shared_ptr<const SelectionLayer>(
      new SelectionLayer(std::move(name), std::move(input), std::move(selections), std::move(grid)));
}

void SelectionLayer::needs(int, const ChunkBox& outputs, std::vector<ChunkBox>& blocks) const {
  const ChunkGrid& from = inputs_[0]->output().grid;
  std::vector<std::vector<Span>> axes;
  for (int a = 0; a < from.rank(); ++a) {
    const Span chunks{outputs.begin[a], outputs.end[a]};
    axes.push_back(relations_[a] ? relations_[a]->inputs_of(chunks)
                                 : chunks_touched(pieces_of(selections_[a],
                                                            elements_of(output_.grid, a, chunks.begin, chunks.end)),
                                                  from, a));
  }
  append_blocks(axes, blocks);
}

void SelectionLayer::feeds(int, const ChunkBox& chunks, std::vector<ChunkBox>& blocks) const {
  const ChunkGrid& from = inputs_[0]->output().grid;
  std::vector<std::vector<Span>> axes;
  for (int a = 0; a < from.rank(); ++a) {
    if (relations_[a]) {
      axes.push_back(relations_[a]->outputs_of(Span{chunks.begin[a], chunks.end[a]}));
      continue;
    }
    const Piece whole{0, selections_[a].count(), selections_[a].start(), selections_[a].step()};
    const Span places = places_within(whole, from.begin(a, chunks.begin[a]), from.begin(a, chunks.end[a]));
    axes.emplace_back();
    if (places.begin < places.end)
      axes.back().push_back({output_.grid.chunk_of(a, places.begin), output_.grid.chunk_of(a, places.end - 1) + 1});
  }
  append_blocks(axes, blocks);
}

Box SelectionLayer::part(int, const ChunkIndex& output, const ChunkIndex& chunk) const {
  Box part = inputs_[0]->output().grid.box(chunk);
  for (int a = 0; a < part.rank(); ++a) {
    const Span elements = elements_of(output_.grid, a, output.at[a], output.at[a] + 1);
    const Span hull = hull_within(pieces_of(selections_[a], elements), part.begin[a], part.end[a]);
    part.begin[a] = hull.begin;
    part.end[a] = hull.end;
  }
  return part;
}

void SelectionLayer::describe(Description& description) const {
  description.structure("selection");
  dunlin::describe(selections_, description);
}

LayerPtr SelectionLayer::with_inputs(std::vector<LayerPtr> inputs) const {
  return make(name_, std::move(inputs.at(0)), selections_, output_.grid);
}

/// True where chunks rise with the input's, and lie about as far along the axis as those that they begin in.
bool SelectionLayer::lies_along(int a) const {
  const ChunkGrid& from = inputs_[0]->output().grid;
  const std::int64_t count = output_.grid.count(a), leaders = from.count(a);
  if (count == 0 || (count == 1 && leaders > 1)) return false;
  const AxisSelection& selection = selections_[a];
  if (selection.is_list() && !std::is_sorted(selection.elements().begin(), selection.elements().end())) return false;
  if (!selection.is_list() && selection.step() < 0 && selection.count() > 1) return false;
  constexpr std::int64_t kSamples = 64;
  constexpr double kNear = 1.0 / 8;
  const std::int64_t stride = std::max<std::int64_t>(1, count / kSamples);
  const auto is_near = [&](std::int64_t chunk) {
    const std::int64_t lead = from.chunk_of(a, selection.at(output_.grid.begin(a, chunk)));
    if (leaders == count) return lead == chunk;
    return std::abs(static_cast<double>(lead) / static_cast<double>(leaders) -
                    static_cast<double>(chunk) / static_cast<double>(count)) <= kNear;
  };
  for (std::int64_t chunk = 0; chunk < count; chunk += stride)
    if (!is_near(chunk)) return false;
  return is_near(count - 1);
}

Alignment SelectionLayer::find_alignment() const {
  Alignment alignment;
  bool follows = false;
  for (int a = 0; a < output_.grid.rank(); ++a) {
    const bool along = lies_along(a);
    // What follows nothing along an axis would lie on the few ranks that the other axes choose.
    if (!along && (output_.grid.count(a) > 1 || inputs_[0]->output().grid.count(a) > 1)) return {};
    follows = follows || output_.grid.count(a) > 1;
    alignment.axis.push_back(along ? a : -1);
  }
  if (!follows) return {};
  alignment.input = 0;
  return alignment;
}

}  // namespace dunlin
