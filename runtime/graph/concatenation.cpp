#include "dunlin/graph/concatenation.hpp"

#include <algorithm>
#include <cstring>

#include "dunlin/graph/operand_map.hpp"
#include "gather.hpp"

namespace dunlin {
namespace {

/// The input that has the chunk at place `chunk` of the joined axis.
std::size_t input_at(const std::vector<std::int64_t>& offsets, std::int64_t chunk) {
  return static_cast<std::size_t>(std::upper_bound(offsets.begin(), offsets.end(), chunk) - offsets.begin()) - 1;
}

/// A chunk of known size is copied; of what only the run tells, the value is made again.
class ConcatenateKernel final : public Kernel {
 public:
  /// `makers`: of the inputs' chunks, null where their values come from elsewhere.
  ConcatenateKernel(ValueSpec output, int axis, std::vector<std::int64_t> offsets,
                    std::vector<std::shared_ptr<const Kernel>> makers)
      : output_(std::move(output)), axis_(axis), offsets_(std::move(offsets)), makers_(std::move(makers)) {}
  bool takes_strides() const override { return output_.is_exact(); }
  bool makes() const override { return !output_.is_exact(); }
  const ValueOps* ops(const ChunkIndex& chunk) const override {
    const std::size_t input = input_at(offsets_, chunk.at[axis_]);
    ChunkIndex within = chunk;
    within.at[axis_] -= offsets_[input];
    return makers_[input] ? makers_[input]->ops(within) : nullptr;
  }
  void run(const TaskRun& task) const override {
    require(task.inputs.size() == 1, "a chunk of joined arrays is one chunk of one of them");
    const ChunkView& input = task.inputs.front();
    if (makes()) {
      *task.made = copy_of(input, *task.pool);
      return;
    }
    const Box box = input.box();
    std::vector<Pieces> axes;
    for (int a = 0; a < box.rank(); ++a) axes.push_back({{0, box.length(a), box.begin[a], 1}});
    gather(task, axes, box.shape(), output_.dtype.size());
  }
  Cost cost(const ChunkIndex& chunk) const override {
    return {.operations = static_cast<double>(output_.bytes(chunk)) / 8};
  }

 private:
  static Value copy_of(const ChunkView& input, BufferPool& pool) {
    const Value* value = input.value();
    if (value && value->is_object()) {
      Buffer written = pool.allocate(value->size());
      value->ops().write(value->get(), written.bytes());
      return Value::object(value->ops().read(written.bytes()), value->ops());
    }
    Buffer copy = pool.allocate(input.bytes().size());
    std::copy(input.bytes().begin(), input.bytes().end(), copy.data());
    return Value(std::move(copy));
  }
  ValueSpec output_;
  int axis_;
  std::vector<std::int64_t> offsets_;
  std::vector<std::shared_ptr<const Kernel>> makers_;
};

ChunkGrid joined_axis(const std::vector<LayerPtr>& inputs, int axis) {
  std::int64_t count = 0, length = 0, step = 0;
  bool unknown = false, regular = true;
  for (const LayerPtr& input : inputs) {
    const ChunkGrid& grid = input->output().grid;
    count += grid.count(axis);
    if (grid.length(axis) == kUnknown) unknown = true;
    if (unknown || grid.count(axis) == 0) continue;
    // Regular where every array before ended with a whole chunk, and no chunk is longer than the first.
    if (step == 0) step = grid.is_regular(axis) ? std::min(grid.step(axis), grid.length(axis)) : grid.largest(axis);
    regular = regular && grid.is_regular(axis) && length % step == 0 &&
              (grid.count(axis) == 1 ? grid.length(axis) <= step : grid.step(axis) == step);
    length += grid.length(axis);
  }
  if (unknown) return ChunkGrid::single({1}).with_unknown(0, count);
  if (regular) return ChunkGrid::regular({length}, {std::max<std::int64_t>(step, 1)});
  std::vector<std::int64_t> lengths;
  for (const LayerPtr& input : inputs) {
    const ChunkGrid& grid = input->output().grid;
    for (std::int64_t chunk = 0; chunk < grid.count(axis); ++chunk)
      lengths.push_back(grid.begin(axis, chunk + 1) - grid.begin(axis, chunk));
  }
  return ChunkGrid::ragged({lengths});
}

void check(const std::vector<LayerPtr>& inputs, int axis) {
  require(!inputs.empty(), "at least one array is joined");
  const ValueSpec& first = inputs.front()->output();
  require(axis >= 0 && axis < first.grid.rank(), "arrays are joined along one of their axes");
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const ValueSpec& other = inputs[i]->output();
    require(other.planes == 1, "only plain arrays are joined");
    if (!(other.dtype == first.dtype) || other.grid.rank() != first.grid.rank())
      throw UsageError("array " + std::to_string(i) + " of " + to_string(other.dtype) + " and " +
                       std::to_string(other.grid.rank()) + " axes cannot be joined to one of " +
                       to_string(first.dtype) + " and " + std::to_string(first.grid.rank()) +
                       ": types and axes must agree; convert it first");
    for (int a = 0; a < first.grid.rank(); ++a)
      if (a != axis && !same_chunks(first.grid, a, other.grid, a))
        throw UsageError("array " + std::to_string(i) + " of shape " + to_string(other.grid.shape()) + " in " +
                         to_string(other.grid) + " cannot be joined to one of shape " + to_string(first.grid.shape()) +
                         " in " + to_string(first.grid) + ": along axis " + std::to_string(a) +
                         " lengths and chunks must agree; rechunk it first");
  }
}

}  // namespace

ChunkGrid ConcatenateLayer::grid_of(const std::vector<LayerPtr>& inputs, int axis) {
  return inputs.front()->output().grid.with_axis_of(axis, joined_axis(inputs, axis), 0);
}

ConcatenateLayer::ConcatenateLayer(std::string name, ValueSpec output, std::vector<LayerPtr> inputs, int axis,
                                   std::vector<std::int64_t> offsets)
    : Layer(LayerKind::concatenation, std::move(name), output, std::move(inputs), nullptr),
      axis_(axis),
      offsets_(std::move(offsets)) {
  std::vector<std::shared_ptr<const Kernel>> makers;
  for (const LayerPtr& input : inputs_) makers.push_back(input->kernel());
  kernel_ = std::make_shared<ConcatenateKernel>(std::move(output), axis_, offsets_, std::move(makers));
}

std::shared_ptr<const ConcatenateLayer> ConcatenateLayer::make(std::string name, std::vector<LayerPtr> inputs,
                                                               int axis) {
  check(inputs, axis);
  ValueSpec output{inputs.front()->output().dtype, grid_of(inputs, axis)};
  std::vector<std::int64_t> offsets{0};
  for (const LayerPtr& input : inputs) {
    offsets.push_back(offsets.back() + input->output().grid.count(axis));
    output.expected_bytes = std::max(output.expected_bytes, input->output().expected_bytes);
  }
  if (!output.is_exact())  // chunks of known size among others: the largest is expected
    for (const LayerPtr& input : inputs)
      if (input->output().grid.count() > 0)
        output.expected_bytes = std::max(output.expected_bytes, input->output().largest_bytes());
  return std::shared_ptr<const ConcatenateLayer>(
      new ConcatenateLayer(std::move(name), std::move(output), std::move(inputs), axis, std::move(offsets)));
}

int ConcatenateLayer::input_of(const ChunkIndex& output) const {
  return static_cast<int>(input_at(offsets_, output.at[axis_]));
}

ChunkIndex ConcatenateLayer::chunk_within(const ChunkIndex& output) const {
  ChunkIndex chunk = output;
  chunk.at[axis_] -= offsets_[static_cast<std::size_t>(input_of(output))];
  return chunk;
}

void ConcatenateLayer::needs(int input, const ChunkBox& outputs, std::vector<ChunkBox>& blocks) const {
  const std::int64_t first = offsets_[static_cast<std::size_t>(input)];
  const std::int64_t end = offsets_[static_cast<std::size_t>(input) + 1];
  ChunkBox block = outputs;
  block.begin[axis_] = std::max(outputs.begin[axis_], first) - first;
  block.end[axis_] = std::min(outputs.end[axis_], end) - first;
  if (block.begin[axis_] < block.end[axis_]) blocks.push_back(block);
}

void ConcatenateLayer::feeds(int input, const ChunkBox& chunks, std::vector<ChunkBox>& blocks) const {
  ChunkBox block = chunks;
  block.begin[axis_] += offsets_[static_cast<std::size_t>(input)];
  block.end[axis_] += offsets_[static_cast<std::size_t>(input)];
  blocks.push_back(block);
}

void ConcatenateLayer::describe(Description& description) const {
  description.structure("concatenation").structure(axis_).structure(static_cast<std::int64_t>(offsets_.size()));
  for (std::int64_t offset : offsets_) description.structure(offset);
}

LayerPtr ConcatenateLayer::with_inputs(std::vector<LayerPtr> inputs) const {
  return make(name_, std::move(inputs), axis_);
}

/// Like the only array that has chunks; several lie on different ranks already, and the whole gets a spread of its own.
Alignment ConcatenateLayer::alignment() const {
  Alignment alignment;
  for (int i = 0; i < static_cast<int>(inputs_.size()); ++i) {
    if (inputs_[i]->output().grid.count() == 0) continue;
    if (alignment.input >= 0) return {};
    alignment.input = i;
  }
  if (alignment.input >= 0)
    for (int a = 0; a < output_.grid.rank(); ++a) alignment.axis.push_back(a);
  return alignment;
}

}  // namespace dunlin
