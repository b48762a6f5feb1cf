#include "support/test_layers.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "dunlin/graph/blockwise.hpp"
#include "dunlin/graph/rechunk.hpp"
#include "dunlin/graph/reduction.hpp"
#include "dunlin/graph/sink.hpp"
#include "dunlin/graph/source.hpp"

namespace dunlin::test {
namespace {

/// What settings ask of any task.
class SettledKernel : public Kernel {
 public:
  explicit SettledKernel(TaskSettings settings) : settings_(std::move(settings)) {}
  void run(const TaskRun& task) const final {
    if (settings_.hook) settings_.hook(task.chunk);
    Buffer scratch;
    if (settings_.scratch_bytes > 0) scratch = task.pool->allocate(static_cast<std::size_t>(settings_.scratch_bytes));
    work(task);
  }
  Cost cost(const ChunkIndex&) const final { return {.scratch_bytes = settings_.scratch_bytes}; }
  bool serial() const final { return settings_.serial; }

 private:
  virtual void work(const TaskRun& task) const = 0;
  TaskSettings settings_;
};

class ValueKernel final : public SettledKernel {
 public:
  ValueKernel(ChunkGrid grid, ValueAt value, TaskSettings settings)
      : SettledKernel(std::move(settings)), grid_(std::move(grid)), value_(std::move(value)) {}

 private:
  void work(const TaskRun& task) const override {
    const Box box = grid_.box(task.chunk);
    auto* out = reinterpret_cast<double*>(task.output.data());
    for_each_position(box.shape(), [&](const Coords& inside) {
      Coords at = inside;
      for (std::size_t a = 0; a < at.size(); ++a) at[a] += box.begin[a];
      *out++ = value_(at);
    });
  }
  ChunkGrid grid_;
  ValueAt value_;
};

class CollectKernel final : public SettledKernel {
 public:
  CollectKernel(std::shared_ptr<Collected> into, TaskSettings settings)
      : SettledKernel(std::move(settings)), into_(std::move(into)) {}

 private:
  void work(const TaskRun& task) const override {
    if (into_) into_->put(task.chunk, task.inputs.front().bytes());
  }
  std::shared_ptr<Collected> into_;
};

void add_loop(const std::byte* const* in, std::byte* out, std::size_t n) {
  const auto *a = reinterpret_cast<const double*>(in[0]), *b = reinterpret_cast<const double*>(in[1]);
  for (std::size_t k = 0; k < n; ++k) reinterpret_cast<double*>(out)[k] = a[k] + b[k];
}
void multiply_loop(const std::byte* const* in, std::byte* out, std::size_t n) {
  const auto *a = reinterpret_cast<const double*>(in[0]), *b = reinterpret_cast<const double*>(in[1]);
  for (std::size_t k = 0; k < n; ++k) reinterpret_cast<double*>(out)[k] = a[k] * b[k];
}
constexpr std::array<DType, 3> kDoubles{DType::float64, DType::float64, DType::float64};
const OpDescriptor kAdd{"test add", 2, kDoubles, DType::float64, &add_loop, 1};
const OpDescriptor kMultiply{"test multiply", 2, kDoubles, DType::float64, &multiply_loop, 1};

void clear_sum(double* const* planes, std::size_t n) { std::fill_n(planes[0], n, 0.0); }
void take_sum(const std::byte* values, double* const* planes, std::size_t n) {
  for (std::size_t k = 0; k < n; ++k) planes[0][k] += reinterpret_cast<const double*>(values)[k];
}
void merge_sum(double* const* planes, const double* const* others, std::size_t n) {
  for (std::size_t k = 0; k < n; ++k) planes[0][k] += others[0][k];
}
void finish_sum(const double* const* planes, std::byte* out, std::size_t n, std::int64_t) {
  std::memcpy(out, planes[0], n * sizeof(double));
}

}  // namespace

void for_each_position(const Shape& shape, const std::function<void(const Coords&)>& f) {
  ChunkBox{Coords(shape.size(), 0), shape}.for_each([&](const ChunkIndex& position) { f(position.at); });
}

LayerPtr source(const std::string& name, const ChunkGrid& grid, ValueAt value, const TaskSettings& settings) {
  return SourceLayer::make(name, ValueSpec{DType::float64, grid},
                           std::make_shared<ValueKernel>(grid, std::move(value), settings), name);
}

LayerPtr scaled(const std::string& name, LayerPtr x, double factor, double addend) {
  Program program = Program::identity(DType::float64);
  const Operand product =
      program.add(kMultiply, std::array{Operand{Operand::From::input, 0}, program.add_constant(factor)});
  program.add(kAdd, std::array{product, program.add_constant(addend)});
  const ChunkGrid grid = x->output().grid;
  return BlockwiseLayer::make(name, std::move(program), grid, {std::move(x)}, {straight(grid.rank())});
}

LayerPtr combined(const std::string& name, const ChunkGrid& domain, LayerPtr a, const OperandMap& a_map, LayerPtr b,
                  const OperandMap& b_map, double sign) {
  Program program;
  const Operand left = program.add_input(DType::float64), right = program.add_input(DType::float64);
  const Operand signed_right = program.add(kMultiply, std::array{right, program.add_constant(sign)});
  program.add(kAdd, std::array{left, signed_right});
  return BlockwiseLayer::make(name, std::move(program), domain, {std::move(a), std::move(b)}, {a_map, b_map});
}

LayerPtr rechunked(const std::string& name, LayerPtr x, const ChunkGrid& grid) {
  return RechunkLayer::make(name, std::move(x), grid);
}

LayerPtr summed(const std::string& name, LayerPtr x, const Coords& axes) {
  const Reducer sum{.name = "test sum",
                    .planes = 1,
                    .clear = &clear_sum,
                    .take = &take_sum,
                    .merge = &merge_sum,
                    .finish = &finish_sum,
                    .output = DType::float64};
  const ChunkGrid grid = x->output().grid;
  return ReductionLayer::make(name, sum, axes, Program::identity(DType::float64), grid, {std::move(x)},
                              {straight(grid.rank())});
}

void Collected::put(const ChunkIndex& chunk, std::span<const std::byte> bytes) {
  std::vector<double> values(bytes.size() / sizeof(double));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  const std::lock_guard lock(mutex_);
  require(chunks_.emplace(chunk, std::move(values)).second, "a sink gets every chunk once");
}

std::map<ChunkIndex, std::vector<double>> Collected::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(chunks_, {});
}

LayerPtr sink(const std::string& name, LayerPtr value, std::shared_ptr<Collected> into, const TaskSettings& settings,
              std::function<void(const Outcome&)> finish) {
  return SinkLayer::make(name, std::move(value), std::make_shared<CollectKernel>(std::move(into), settings), name,
                         std::move(finish));
}

}  // namespace dunlin::test
