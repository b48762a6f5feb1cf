#include "support/user_layers.hpp"

#include <cstring>

#include "dunlin/graph/function_kernel.hpp"

namespace dunlin::test {
namespace {

using Doubles = std::vector<double>;

class DoublesOps final : public ValueOps {
 public:
  const std::type_info& type() const override { return typeid(Doubles); }
  std::size_t size(const void* object) const override {
    return static_cast<const Doubles*>(object)->size() * sizeof(double);
  }
  void write(const void* object, std::span<std::byte> into) const override {
    std::memcpy(into.data(), static_cast<const Doubles*>(object)->data(), into.size());
  }
  std::shared_ptr<const void> read(std::span<const std::byte> from) const override {
    auto doubles = std::make_shared<Doubles>(from.size() / sizeof(double));
    std::memcpy(doubles->data(), from.data(), from.size());
    return doubles;
  }
};

std::vector<std::byte> bytes_in(const ChunkView& view) {
  const Value* value = view.value();
  if (!value || !value->is_object()) return {view.bytes().begin(), view.bytes().end()};
  std::vector<std::byte> bytes(value->size());
  value->ops().write(value->get(), bytes);
  return bytes;
}

double digest_of(const ChunkView& view, double start) {
  double sum = start;
  for (std::byte byte : bytes_in(view)) sum = sum * 0.96875 + static_cast<double>(std::to_integer<int>(byte)) + 0.5;
  return sum;
}

double digest_of(std::span<const ChunkView> views) {
  double sum = 1;
  for (const ChunkView& view : views) sum = digest_of(view, sum);
  return sum;
}

std::span<const double> doubles_in(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const double*>(bytes.data()), bytes.size() / sizeof(double)};
}

Value as_value(const Doubles& doubles, BufferPool& pool) {
  Buffer buffer = pool.allocate(doubles.size() * sizeof(double));
  std::memcpy(buffer.data(), doubles.data(), buffer.size());
  return Value(std::move(buffer));
}

Value as_object(Doubles doubles) {
  return Value::object(std::make_shared<const Doubles>(std::move(doubles)), doubles_ops());
}

std::vector<OperandMap> straight_for(const LayerPtr& x) { return {straight(x->output().grid.rank())}; }

/// One chunk of one element for every chunk of a grid.
ChunkGrid points(const ChunkGrid& grid) {
  return ChunkGrid::regular(grid.counts(), Shape(static_cast<std::size_t>(grid.rank()), 1));
}

}  // namespace

const ValueOps& doubles_ops() {
  static const DoublesOps ops;
  return ops;
}

LayerPtr windowed(const LayerPtr& x, std::vector<Halo> halos) {
  const LayerPtr extended = OverlapLayer::make("halo", x, halos);
  const ChunkGrid from = extended->output().grid, to = x->output().grid;
  const auto sum = [from, to, halos](const TaskRun& task) {
    const Shape shape = to.box(task.chunk).shape(), outer = task.inputs[0].box().shape();
    const auto values = doubles_in(task.inputs[0].bytes());
    auto* out = reinterpret_cast<double*>(task.output.data());
    const int last = to.rank() - 1;
    ChunkBox{Coords(shape.size(), 0), shape}.for_each([&](const ChunkIndex& at) {
      std::int64_t first = 0;
      for (int a = 0; a <= last; ++a) {
        // Where the boundary gives nothing, the outermost chunks have less before them.
        const std::int64_t before = halos[a].boundary.kind == Boundary::none
                                        ? std::min(halos[a].before, to.begin(a, task.chunk.at[a]))
                                        : halos[a].before;
        first = first * outer[a] + at.at[a] + (a == last ? 0 : before);
      }
      const std::int64_t count = std::min(halos[last].before + halos[last].after + 1, outer[last] - at.at[last]);
      *out = 0;
      for (std::int64_t k = 0; k < count; ++k) *out += values[static_cast<std::size_t>(first + k)];
      ++out;
    });
  };
  return MapLayer::make("window", std::make_shared<FunctionKernel>(sum), ValueSpec{DType::float64, to}, {extended},
                        straight_for(extended), "window", "");
}

LayerPtr positives(const LayerPtr& x) {
  const auto filter = [](const TaskRun& task) {
    Doubles kept;
    for (double value : doubles_in(task.inputs[0].bytes()))
      if (value > 0) kept.push_back(value);
    if (kept.empty()) kept.push_back(-1);
    *task.made = as_value(kept, *task.pool);
  };
  ValueSpec output = x->output();
  if (output.grid.rank() > 0) output.grid = output.grid.with_unknown(0, output.grid.count(0));
  output.expected_bytes = output.grid.count() > 0 ? x->output().largest_bytes() / 16 * 8 + 8 : 8;
  return MapLayer::make("positives", std::make_shared<FunctionKernel>(filter, FunctionTraits{.makes = true}), output,
                        {x}, straight_for(x), "positives", "");
}

LayerPtr boxed(const LayerPtr& x) {
  const auto box = [](const TaskRun& task) {
    const std::vector<std::byte> bytes = bytes_in(task.inputs[0]);
    Doubles doubles{static_cast<double>(bytes.size())};
    for (std::byte byte : bytes) doubles.push_back(static_cast<double>(std::to_integer<int>(byte)));
    *task.made = as_object(std::move(doubles));
  };
  ValueSpec output = x->output();
  output.expected_bytes = 100;
  return MapLayer::make("boxed",
                        std::make_shared<FunctionKernel>(box, FunctionTraits{.makes = true, .ops = &doubles_ops()}),
                        output, {x}, straight_for(x), "boxed", "");
}

LayerPtr digest(const LayerPtr& x) {
  const auto run = [](const TaskRun& task) { *reinterpret_cast<double*>(task.output.data()) = digest_of(task.inputs); };
  return MapLayer::make("digest", std::make_shared<FunctionKernel>(run),
                        ValueSpec{DType::float64, points(x->output().grid)}, {x}, straight_for(x), "digest", "");
}

LayerPtr digest_along(const LayerPtr& x, int axis) {
  const auto run = [](const TaskRun& task) { *reinterpret_cast<double*>(task.output.data()) = digest_of(task.inputs); };
  std::vector<OperandMap> maps = straight_for(x);
  maps[0].axis[static_cast<std::size_t>(axis)] = -1;
  const ChunkGrid grid = points(x->output().grid).without_axis(axis).with_axis(axis, 1, 1);
  return MapLayer::make("digest along", std::make_shared<FunctionKernel>(run), ValueSpec{DType::float64, grid}, {x},
                        std::move(maps), "digest along", "");
}

LayerPtr digest_tasks(std::vector<std::vector<ExplicitTask::Argument>> arguments, std::vector<LayerPtr> inputs,
                      std::shared_ptr<const Partition> fixed) {
  std::vector<ExplicitTask> tasks;
  for (std::size_t k = 0; k < arguments.size(); ++k) {
    const bool as_objects = k % 2 == 0;
    const auto run = [as_objects](const TaskRun& task) {
      const Doubles digest(static_cast<std::size_t>(task.chunk.at[0]) % 3 + 1, digest_of(task.inputs));
      *task.made = as_objects ? as_object(digest) : as_value(digest, *task.pool);
    };
    tasks.push_back({std::move(arguments[k]),
                     std::make_shared<FunctionKernel>(
                         run, FunctionTraits{.makes = true, .ops = as_objects ? &doubles_ops() : nullptr}),
                     std::to_string(k)});
  }
  return ExplicitLayer::make("tasks", std::move(tasks), std::move(inputs), 16, std::move(fixed));
}

}  // namespace dunlin::test
