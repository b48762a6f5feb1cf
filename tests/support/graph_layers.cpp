#include "support/graph_layers.hpp"

#include <cmath>
#include <limits>
#include <optional>
#include <stdexcept>

namespace dunlin::test {
namespace {

template <class T>
const T* typed(const std::byte* bytes) {
  return reinterpret_cast<const T*>(bytes);
}

/// A loop of `f` over one input type and one output type.
template <class To, class From, auto f>
void loop(const std::byte* const* in, std::byte* out, std::size_t n) {
  auto* result = reinterpret_cast<To*>(out);
  for (std::size_t k = 0; k < n; ++k) {
    if constexpr (requires { f(From{}); })
      result[k] = f(typed<From>(in[0])[k]);
    else if constexpr (requires { f(From{}, From{}); })
      result[k] = f(typed<From>(in[0])[k], typed<From>(in[1])[k]);
    else
      result[k] = f(typed<From>(in[0])[k], typed<From>(in[1])[k], typed<From>(in[2])[k]);
  }
}

constexpr DType f64 = DType::float64, f32 = DType::float32, i16 = DType::int16;

double add(double a, double b) { return a + b; }
double subtract(double a, double b) { return a - b; }
double multiply(double a, double b) { return a * b; }
double negate(double a) { return -a; }
double weigh(double a, double b, double c) { return a + b * c; }
float subtract32(float a, float b) { return a - b; }
double widen(float a) { return a; }
float narrow(double a) { return static_cast<float>(a); }
float mask16(std::int16_t value, std::int16_t marker) {
  return value == marker ? std::numeric_limits<float>::quiet_NaN() : static_cast<float>(value);
}

void clear_mean(double* const* planes, std::size_t n) {
  std::fill_n(planes[0], n, 0.0);
  std::fill_n(planes[1], n, 0.0);
}
template <class T>
void take_mean(const std::byte* values, double* const* planes, std::size_t n) {
  for (std::size_t k = 0; k < n; ++k) {
    planes[0][k] += static_cast<double>(typed<T>(values)[k]);
    planes[1][k] += 1;
  }
}
void merge_mean(double* const* planes, const double* const* others, std::size_t n) {
  for (std::size_t k = 0; k < n; ++k) {
    planes[0][k] += others[0][k];
    planes[1][k] += others[1][k];
  }
}
void finish_mean(const double* const* planes, std::byte* out, std::size_t n, std::int64_t) {
  for (std::size_t k = 0; k < n; ++k) reinterpret_cast<double*>(out)[k] = planes[0][k] / planes[1][k];
}

// A state is (digest, values seen, merges seen); no two orders of taking and merging leave the same digest.
void clear_order(double* const* planes, std::size_t n) {
  for (int p = 0; p < 3; ++p) std::fill_n(planes[p], n, 0.0);
}
template <class T>
void take_order(const std::byte* values, double* const* planes, std::size_t n) {
  for (std::size_t k = 0; k < n; ++k) {
    planes[0][k] = planes[0][k] * 0.9375 + static_cast<double>(typed<T>(values)[k]) + 0.125;
    planes[1][k] += 1;
  }
}
void merge_order(double* const* planes, const double* const* others, std::size_t n) {
  for (std::size_t k = 0; k < n; ++k) {
    if (others[1][k] == 0) continue;  // nothing seen: no bit changes, as a reducer promises
    planes[0][k] = planes[0][k] * 0.625 - others[0][k] * 0.71875 + others[1][k];
    planes[1][k] += others[1][k];
    planes[2][k] += others[2][k] * 1.5 + 1;
  }
}
void finish_order(const double* const* planes, std::byte* out, std::size_t n, std::int64_t parameter) {
  for (std::size_t k = 0; k < n; ++k)
    reinterpret_cast<double*>(out)[k] =
        planes[0][k] + planes[1][k] * 0.5 + planes[2][k] * 0.25 + static_cast<double>(parameter);
}

template <class F>
auto by_type(DType type, F&& f) {
  if (type == f64) return f(double{});
  if (type == f32) return f(float{});
  require(type == i16, "test reducers take float64, float32 and int16");
  return f(std::int16_t{});
}

std::int64_t element_of(const Coords& at, const Shape& shape) {
  std::int64_t element = 0;
  for (std::size_t a = 0; a < shape.size(); ++a) element = element * shape[a] + at[a];
  return element;
}

/// Calls f(position) for every element of a box, row-major.
template <class F>
void for_each_element(const Box& box, F&& f) {
  ChunkBox{box.begin, box.end}.for_each([&](const ChunkIndex& at) { f(at.at); });
}

/// Makes pattern values, or a part of them, and checks that the pages which it gets are the ones that it needs.
class PatternKernel final : public Kernel {
 public:
  PatternKernel(std::string name, ValueSpec output, std::optional<Coords> pages, double decoding = 0,
                bool selects = true)
      : name_(std::move(name)),
        whole_(output.grid),
        output_(std::move(output)),
        pages_(std::move(pages)),
        decoding_(decoding),
        selects_(selects) {
    for (std::int64_t length : whole_.shape()) selections_.push_back(AxisSelection::all(length));
  }
  void run(const TaskRun& task) const override {
    const Box box = output_.grid.box(task.chunk);
    const ChunkIndex origin = whole_.chunk_of(element_at(box.begin));
    for (const ChunkView& page : task.inputs)
      for (std::size_t a = 0; a < pages_->size(); ++a)
        if (page.chunk().at[a] != origin.at[a] / (*pages_)[a]) throw std::logic_error("a source got a wrong page");
    if (task.inputs.size() != (pages_ ? 1u : 0u)) throw std::logic_error("a source got a wrong number of pages");
    std::byte* out = task.output.data();
    for_each_element(box, [&](const Coords& at) {
      const double value = pattern(name_, element_of(element_at(at), whole_.shape()));
      if (output_.dtype == i16) {
        *reinterpret_cast<std::int16_t*>(out) = static_cast<std::int16_t>((value + 2) * 4);
      } else if (output_.dtype == f32) {
        *reinterpret_cast<float*>(out) = static_cast<float>(value);
      } else {
        *reinterpret_cast<double*>(out) = value;
      }
      out += output_.dtype.size();
    });
  }
  Cost cost(const ChunkIndex& chunk) const override {
    const std::int64_t bytes = output_.bytes(chunk);
    return {.read_bytes = bytes, .operations = decoding_ * static_cast<double>(bytes)};
  }
  std::shared_ptr<const Kernel> select(const std::vector<AxisSelection>& selections,
                                       const ChunkGrid& grid) const override {
    if (!selects_) return nullptr;
    auto part = std::make_shared<PatternKernel>(*this);
    part->output_.grid = grid;
    for (std::size_t a = 0; a < selections.size(); ++a) part->selections_[a] = compose(selections_[a], selections[a]);
    return part;
  }

 private:
  /// The whole array's element at a place of what is selected.
  Coords element_at(Coords at) const {
    for (std::size_t a = 0; a < selections_.size(); ++a) at[a] = selections_[a].at(at[a]);
    return at;
  }
  std::string name_;
  ChunkGrid whole_;
  ValueSpec output_;
  std::optional<Coords> pages_;
  double decoding_;
  bool selects_;
  std::vector<AxisSelection> selections_;
};

class CaptureKernel final : public Kernel {
 public:
  explicit CaptureKernel(ValueSpec input) : input_(std::move(input)) {}
  void run(const TaskRun& task) const override {
    if (task.inputs.size() != 1 || !(task.inputs[0].chunk() == task.chunk) || !task.output.empty())
      throw std::logic_error("a sink's task takes its one chunk and yields nothing");
  }
  Cost cost(const ChunkIndex& chunk) const override { return {.write_bytes = input_.bytes(chunk)}; }

 private:
  ValueSpec input_;
};

}  // namespace

const OpDescriptor kAdd{"add", 2, {f64, f64, f64}, f64, &loop<double, double, &add>, 1};
const OpDescriptor kSubtract{"subtract", 2, {f64, f64, f64}, f64, &loop<double, double, &subtract>, 1};
const OpDescriptor kMultiply{"multiply", 2, {f64, f64, f64}, f64, &loop<double, double, &multiply>, 1};
const OpDescriptor kNegate{"negate", 1, {f64, f64, f64}, f64, &loop<double, double, &negate>, 1};
const OpDescriptor kWeigh{"weigh", 3, {f64, f64, f64}, f64, &loop<double, double, &weigh>, 2};
const OpDescriptor kSubtract32{"subtract", 2, {f32, f32, f32}, f32, &loop<float, float, &subtract32>, 1};
const OpDescriptor kWiden{"widen", 1, {f32, f32, f32}, f64, &loop<double, float, &widen>, 1};
const OpDescriptor kNarrow{"narrow", 1, {f64, f64, f64}, f32, &loop<float, double, &narrow>, 1};
const OpDescriptor kMask16{"mask", 2, {i16, i16, i16}, f32, &loop<float, std::int16_t, &mask16>, 2};
const OpDescriptor kDearAdd{"dear add", 2, {f64, f64, f64}, f64, &loop<double, double, &add>, 1000};

Reducer mean_reducer(DType from) {
  const auto take = by_type(from, [](auto zero) { return &take_mean<decltype(zero)>; });
  return {.name = "mean",
          .planes = 2,
          .clear = &clear_mean,
          .take = take,
          .merge = &merge_mean,
          .finish = &finish_mean,
          .output = f64};
}

Reducer order_reducer(DType from) {
  const auto take = by_type(from, [](auto zero) { return &take_order<decltype(zero)>; });
  return {.name = "order",
          .planes = 3,
          .clear = &clear_order,
          .take = take,
          .merge = &merge_order,
          .finish = &finish_order,
          .output = f64};
}

double pattern(const std::string& name, std::int64_t element) {
  std::uint64_t bits = 0x9E3779B97F4A7C15u + static_cast<std::uint64_t>(element);
  for (char c : name) bits = (bits ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9u;  // the finaliser of splitmix64
  bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBu;
  bits ^= bits >> 31;
  return std::ldexp(static_cast<double>(bits >> 44), -18) - 2;  // 20 bits
}

LayerPtr pattern_source(const std::string& name, const ChunkGrid& grid, DType type, double decoding) {
  const ValueSpec output{type, grid};
  return SourceLayer::make(name, output, std::make_shared<PatternKernel>(name, output, std::nullopt, decoding),
                           "pattern " + name);
}

LayerPtr whole_source(const std::string& name, const ChunkGrid& grid) {
  const ValueSpec output{f64, grid};
  return SourceLayer::make(name, output, std::make_shared<PatternKernel>(name, output, std::nullopt, 0, false),
                           "pattern " + name);
}

LayerPtr one_rank_source(const std::string& name, const ChunkGrid& grid, std::uint64_t key) {
  const ValueSpec output{f64, grid};
  return SourceLayer::make_on_one_rank(name, output, std::make_shared<PatternKernel>(name, output, std::nullopt),
                                       "pattern " + name, key);
}

ChunkGrid page_grid(const ChunkGrid& grid, const Coords& pages) {
  std::vector<std::vector<std::int64_t>> spans;  // any lengths will do
  for (int a = 0; a < grid.rank(); ++a)
    spans.emplace_back(static_cast<std::size_t>((grid.count(a) + pages[a] - 1) / pages[a]), 3);
  return ChunkGrid::ragged(spans);
}

LayerPtr paged_source(const std::string& name, const ChunkGrid& grid, const Coords& pages, const LayerPtr& aid,
                      DType type) {
  const ValueSpec output{type, grid};
  return SourceLayer::make(name, output, std::make_shared<PatternKernel>(name, output, pages), "pattern " + name, aid,
                           pages);
}

LayerPtr paged_source(const std::string& name, const ChunkGrid& grid, const Coords& pages, std::uint64_t key,
                      DType type) {
  return paged_source(name, grid, pages, one_rank_source("pages of " + name, page_grid(grid, pages), key), type);
}

LayerPtr apply(const OpDescriptor& op, std::vector<LayerPtr> operands, std::vector<OperandMap> maps,
               const ChunkGrid& domain) {
  Program program;
  std::vector<Operand> arguments;
  for (int i = 0; i < op.arity; ++i) arguments.push_back(program.add_input(op.inputs[i]));
  program.add(op, arguments);
  return BlockwiseLayer::make(op.name, std::move(program), domain, std::move(operands), std::move(maps));
}

LayerPtr apply(const OpDescriptor& op, std::vector<LayerPtr> operands) {
  const ChunkGrid domain = operands.at(0)->output().grid;
  const std::vector<OperandMap> maps(operands.size(), straight(domain.rank()));
  return apply(op, std::move(operands), maps, domain);
}

LayerPtr reduce(const Reducer& reducer, const Coords& axes, const LayerPtr& of) {
  const ValueSpec& input = of->output();
  return ReductionLayer::make(reducer.name, reducer, axes, Program::identity(input.dtype), input.grid, {of},
                              {straight(input.grid.rank())});
}

LayerPtr reduce_grouped(const Reducer& reducer, int axis, const std::vector<std::int64_t>& labels, std::int64_t groups,
                        const LayerPtr& of, std::int64_t groups_per_chunk) {
  const ValueSpec& input = of->output();
  return ReductionLayer::make_grouped(reducer.name, reducer, axis, labels, groups, Program::identity(input.dtype),
                                      input.grid, {of}, {straight(input.grid.rank())}, groups_per_chunk);
}

LayerPtr rechunk(const LayerPtr& of, const ChunkGrid& grid) { return RechunkLayer::make("rechunk", of, grid); }

LayerPtr capture_sink(const LayerPtr& of, const std::string& identity) {
  return SinkLayer::make("keep", of, std::make_shared<CaptureKernel>(of->output()), identity, {});
}

LayerPtr capture_sink_on_rank_0(const LayerPtr& of, const std::string& identity) {
  return SinkLayer::make_on_rank_0("keep", of, std::make_shared<CaptureKernel>(of->output()), identity);
}

}  // namespace dunlin::test
