#include "property/random_graph.hpp"

#include <algorithm>
#include <optional>

namespace dunlin::test {
namespace {

class Generator {
 public:
  Generator(std::mt19937_64& random, const GraphLimits& limits) : random_(random), limits_(limits) {}

  std::vector<LayerPtr> sinks() {
    for (int k = 0; k < limits_.layers; ++k) {
      const std::int64_t kind = arrays_.empty() ? 0 : roll(10);
      if (kind < 2) source();
      if (kind >= 2 && kind < 6) elementwise();
      if (kind >= 6 && kind < 8) reduction();
      if (kind >= 8) rechunked();
    }
    std::vector<LayerPtr> sinks;
    for (const LayerPtr& array : arrays_) {
      const bool used =
          std::any_of(arrays_.begin(), arrays_.end(), [&](const LayerPtr& other) { return reaches(other, array); });
      if (used && roll(6) > 0) continue;
      const std::string identity = "sink " + std::to_string(sinks.size());
      sinks.push_back(roll(5) == 0 ? capture_sink_on_rank_0(array, identity) : capture_sink(array, identity));
    }
    return sinks;
  }

 private:
  std::int64_t roll(std::int64_t count) { return below(random_, count); }
  const LayerPtr& any_array() {
    return arrays_[static_cast<std::size_t>(roll(static_cast<std::int64_t>(arrays_.size())))];
  }
  std::string new_name() { return "x" + std::to_string(names_++); }

  static bool reaches(const LayerPtr& from, const LayerPtr& to) {
    return std::any_of(from->inputs().begin(), from->inputs().end(),
                       [&](const LayerPtr& input) { return input == to || reaches(input, to); });
  }

  void source() {
    const ChunkGrid grid = random_grid(random_, limits_);
    const std::int64_t kind = roll(6);
    if (kind == 0) {
      arrays_.push_back(one_rank_source(new_name(), grid, random_()));
    } else if (kind == 1) {
      arrays_.push_back(paged(grid, static_cast<int>(roll(3))));
    } else {
      arrays_.push_back(pattern_source(new_name(), grid));
    }
  }

  /// A source with pages, which may have pages themselves.
  LayerPtr paged(const ChunkGrid& grid, int depth) {
    Coords pages;
    for (int a = 0; a < grid.rank(); ++a) pages.push_back(1 + roll(4));
    if (depth == 0) return paged_source(new_name(), grid, pages, random_());
    ChunkGrid aid = page_grid(grid, pages);
    if (aid.rank() == 1 && roll(2) == 0) aid = aid.with_axis(0, aid.count() + roll(9), 1).without_axis(1);  // too many
    return paged_source(new_name(), grid, pages, paged(aid, depth - 1));
  }

  /// Where an array's axes can lie in a domain; nothing where they cannot.
  std::optional<OperandMap> fit(const ChunkGrid& grid, const ChunkGrid& domain) {
    OperandMap map;
    std::vector<bool> taken(static_cast<std::size_t>(domain.rank()), false);
    for (int k = 0; k < grid.rank(); ++k) {
      std::vector<int> places;
      for (int a = 0; a < domain.rank(); ++a)
        if (!taken[a] && (same_chunks(grid, k, domain, a) || grid.length(k) == 1)) places.push_back(a);
      if (grid.length(k) == 1 && (places.empty() || roll(3) == 0)) places = {-1};
      if (places.empty()) return std::nullopt;
      const int place = places[static_cast<std::size_t>(roll(static_cast<std::int64_t>(places.size())))];
      map.axis.push_back(place);
      if (place >= 0) taken[static_cast<std::size_t>(place)] = true;
    }
    return map;
  }

  struct Operation {
    ChunkGrid domain;
    Program program;
    std::vector<LayerPtr> inputs;
    std::vector<OperandMap> maps;
  };

  /// Some arrays in a domain that the first of them spans, its axes in any order, maybe with one more axis.
  Operation operation() {
    const LayerPtr first = any_array();
    const ChunkGrid& grid = first->output().grid;
    std::vector<std::int64_t> order;
    for (int a = 0; a < grid.rank(); ++a) order.push_back(a);
    if (roll(3) == 0) std::shuffle(order.begin(), order.end(), random_);
    Operation made;
    made.domain = ChunkGrid::regular(Shape(order.size(), 1), Shape(order.size(), 1));
    for (int k = 0; k < grid.rank(); ++k) made.domain = made.domain.with_axis_of(static_cast<int>(order[k]), grid, k);
    if (roll(8) == 0 && grid.rank() < 3 && grid.count() * 4 <= limits_.chunks) {
      const auto axis = roll(grid.rank() + 1);
      made.domain = made.domain.with_axis(static_cast<int>(axis), 7 * limits_.unit, 2 * limits_.unit);
      for (std::int64_t& place : order) place += place >= axis;
    }
    made.inputs = {first};
    made.maps = {OperandMap{Coords(order)}};
    Operand value = made.program.add_input(DType::float64);
    for (std::int64_t tries = roll(6); tries > 0; --tries) {
      const LayerPtr other = any_array();
      const auto map = fit(other->output().grid, made.domain);
      if (!map) continue;
      made.inputs.push_back(other);
      made.maps.push_back(*map);
      const Operand next = made.program.add_input(DType::float64);
      const OpDescriptor* ops[] = {&kAdd, &kSubtract, &kMultiply, &kDearAdd};
      value = made.program.add(*ops[roll(4)], std::vector{value, next});
    }
    if (made.program.is_identity()) made.program.add(kNegate, std::vector{value});
    return made;
  }

  void elementwise() {
    Operation made = operation();
    arrays_.push_back(BlockwiseLayer::make(new_name(), std::move(made.program), std::move(made.domain),
                                           std::move(made.inputs), std::move(made.maps)));
  }

  void reduction() {
    Operation made = operation();
    Coords axes;
    for (int a = 0; a < made.domain.rank(); ++a)
      if (roll(2) == 0) axes.push_back(a);
    if (axes.empty() && made.domain.rank() > 0) axes.push_back(roll(made.domain.rank()));
    if (axes.empty()) return;
    arrays_.push_back(ReductionLayer::make(new_name(), roll(2) ? mean_reducer() : order_reducer(), axes,
                                           std::move(made.program), std::move(made.domain), std::move(made.inputs),
                                           std::move(made.maps)));
  }

  void rechunked() {
    const LayerPtr of = any_array();
    const ChunkGrid& grid = of->output().grid;
    Shape chunk;
    for (int a = 0; a < grid.rank(); ++a) chunk.push_back(limits_.unit * (1 + roll(6)));
    const ChunkGrid now = ChunkGrid::regular(grid.shape(), chunk);
    if (now.count() <= limits_.chunks) arrays_.push_back(rechunk(of, now));
  }

  std::mt19937_64& random_;
  const GraphLimits limits_;
  std::vector<LayerPtr> arrays_;
  int names_ = 0;
};

}  // namespace

ChunkGrid random_grid(std::mt19937_64& random, const GraphLimits& limits) {
  const std::int64_t rank = below(random, 10) == 0 ? 0 : 1 + below(random, 3);
  std::int64_t most = rank == 1 ? limits.chunks : rank == 2 ? 8 : 4;
  std::vector<std::vector<std::int64_t>> spans;
  Shape shape, chunk;
  const bool regular = below(random, 2) == 0;
  for (std::int64_t a = 0; a < rank; ++a) {
    const std::int64_t count = below(random, 5) == 0 ? 1 : 1 + below(random, most), step = 1 + below(random, 3);
    std::vector<std::int64_t> of_axis;
    for (std::int64_t k = 0; k < count; ++k) of_axis.push_back(limits.unit * (1 + below(random, 3)));
    if (below(random, 6) == 0) of_axis = {1};
    if (below(random, 30) == 0) of_axis = {};
    spans.push_back(of_axis);
    shape.push_back(of_axis.empty()                           ? 0
                    : of_axis == std::vector<std::int64_t>{1} ? 1
                                                              : limits.unit * (count * step - below(random, step)));
    chunk.push_back(limits.unit * step);
  }
  return regular ? ChunkGrid::regular(shape, chunk) : ChunkGrid::ragged(spans);
}

std::vector<LayerPtr> random_sinks(std::mt19937_64& random, const GraphLimits& limits) {
  return Generator(random, limits).sinks();
}

}  // namespace dunlin::test
