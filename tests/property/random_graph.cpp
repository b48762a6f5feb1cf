#include "property/random_graph.hpp"

#include <algorithm>
#include <optional>

#include "dunlin/graph/concatenation.hpp"
#include "dunlin/graph/selection.hpp"
#include "support/user_layers.hpp"

namespace dunlin::test {
namespace {

class Generator {
 public:
  Generator(std::mt19937_64& random, const GraphLimits& limits) : random_(random), limits_(limits) {}

  std::vector<LayerPtr> sinks() {
    for (int k = 0; k < limits_.layers; ++k) {
      std::int64_t kind = arrays_.empty() ? 0 : roll(16);
      if (limits_.selections && (kind == 6 || kind == 7 || kind == 11) && roll(4) > 0) kind = 12;
      if (kind < 2) source();
      if (kind >= 2 && kind < 6) elementwise();
      if (kind == 6) reduction();
      if (kind == 7 && limits_.uneven) grouped();
      if (kind == 8 || kind == 9) rechunked();
      if (kind == 10 && limits_.uneven) joined();
      if (kind == 11 && limits_.cuts) overlapped();
      if ((kind == 12 || kind == 13) && limits_.cuts) selected();
      if (kind == 14 && limits_.unknown) through_unknown();
      if (kind == 15 && limits_.unknown) tasks();
    }
    std::vector<LayerPtr> sinks, all = arrays_;
    all.insert(all.end(), others_.begin(), others_.end());
    for (const LayerPtr& array : all) {
      const bool used =
          std::any_of(all.begin(), all.end(), [&](const LayerPtr& other) { return reaches(other, array); });
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
    } else if (kind == 2) {
      arrays_.push_back(whole_source(new_name(), grid));
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

  void grouped() {
    Operation made = operation();
    if (made.domain.rank() == 0) return;
    const auto axis = static_cast<int>(roll(made.domain.rank()));
    const std::int64_t groups = 1 + roll(5), run = 1 + roll(2 * limits_.unit), per_chunk = 1 + roll(2);
    std::vector<std::int64_t> labels;
    for (std::int64_t k = 0; k < made.domain.length(axis); ++k) labels.push_back(roll(9) == 0 ? -1 : k / run % groups);
    arrays_.push_back(ReductionLayer::make_grouped(new_name(), roll(2) ? mean_reducer() : order_reducer(), axis, labels,
                                                   groups, std::move(made.program), std::move(made.domain),
                                                   std::move(made.inputs), std::move(made.maps), per_chunk));
  }

  /// An array joined with others that fit, itself if need be.
  void joined() {
    const LayerPtr first = any_array();
    const ChunkGrid& grid = first->output().grid;
    if (grid.rank() == 0) return;
    const auto axis = static_cast<int>(roll(grid.rank()));
    std::vector<LayerPtr> inputs{first};
    std::int64_t count = grid.count();
    for (std::int64_t tries = 1 + roll(3); tries > 0; --tries) {
      const LayerPtr other = roll(3) == 0 ? first : any_array();
      const ChunkGrid& with = other->output().grid;
      bool fits = with.rank() == grid.rank() && count + with.count() <= limits_.chunks;
      for (int a = 0; fits && a < grid.rank(); ++a) fits = a == axis || same_chunks(grid, a, with, a);
      if (!fits) continue;
      inputs.push_back(other);
      count += with.count();
    }
    arrays_.push_back(ConcatenateLayer::make(new_name(), std::move(inputs), axis));
  }

  void overlapped() {
    const LayerPtr of = any_array();
    const ChunkGrid& grid = of->output().grid;
    std::vector<Halo> halos;
    std::int64_t growth = 1;
    for (int a = 0; a < grid.rank(); ++a) {
      Halo halo{.boundary = {static_cast<Boundary::Kind>(roll(5))}};
      if (halo.boundary.kind == Boundary::constant) halo.boundary = Boundary::of(0.5);
      const std::int64_t length = grid.length(a);
      const std::int64_t most = halo.boundary.kind == Boundary::reflect ? length - 1 : length;
      const std::int64_t depth = std::min(most, 2 * limits_.unit);
      if (length > 0 && depth > 0 && roll(4) > 0) halo.before = roll(depth + 1), halo.after = roll(depth + 1);
      if (halo.before + halo.after > 0) growth *= 3;
      halos.push_back(halo);
    }
    if (grid.count() * growth > 4 * limits_.chunks) return;
    if (grid.rank() > 0 && roll(2) == 0) {
      arrays_.push_back(windowed(of, halos));
    } else {
      arrays_.push_back(OverlapLayer::make(new_name(), of, halos));
    }
  }

  AxisSelection selection(std::int64_t length, std::int64_t most) {
    if (roll(4) == 0) return AxisSelection::all(length);
    if (length == 0) return AxisSelection::range(0, 1, 0);
    if (roll(3) == 0) {
      std::vector<std::int64_t> elements(static_cast<std::size_t>(roll(most + 1)));
      for (std::int64_t& element : elements) element = roll(length);
      if (roll(2) == 0) std::sort(elements.begin(), elements.end());
      return AxisSelection::list(std::move(elements));
    }
    const std::int64_t start = roll(length), step = (1 + roll(roll(3) == 0 ? length : 3)) * (roll(3) == 0 ? -1 : 1);
    const std::int64_t count = step > 0 ? (length - 1 - start) / step + 1 : start / -step + 1;
    return AxisSelection::range(start, step, 1 + roll(count));
  }

  void selected() {
    const LayerPtr of = any_array();
    const ChunkGrid& grid = of->output().grid;
    std::vector<AxisSelection> selections;
    Shape shape, chunk;
    for (int a = 0; a < grid.rank(); ++a) {
      selections.push_back(selection(grid.length(a), 5 * limits_.unit));
      shape.push_back(selections.back().count());
      chunk.push_back(limits_.unit * (1 + roll(4)));
    }
    ChunkGrid to = SelectionLayer::grid_of(grid, selections);
    if (roll(3) == 0) to = ChunkGrid::regular(shape, chunk);
    if (to.count() <= limits_.chunks) arrays_.push_back(SelectionLayer::make(new_name(), of, selections, to));
  }

  /// Sizes that only a run tells, or objects, and back to one number a chunk.
  void through_unknown() {
    const LayerPtr of = any_array();
    if (of->output().grid.count() == 0) return;
    others_.push_back(roll(2) ? positives(of) : boxed(of));
    if (roll(3) == 0) others_.push_back(boxed(others_.back()));
    const int rank = of->output().grid.rank();
    arrays_.push_back(rank > 0 && roll(2) ? digest_along(others_.back(), static_cast<int>(roll(rank)))
                                          : digest(others_.back()));
  }

  void tasks() {
    std::vector<LayerPtr> inputs;
    for (std::int64_t k = 1 + roll(3); k > 0; --k) {
      LayerPtr input = !others_.empty() && roll(2) == 0
                           ? others_[static_cast<std::size_t>(roll(static_cast<std::int64_t>(others_.size())))]
                           : any_array();
      if (input->output().grid.count() > 0) inputs.push_back(std::move(input));
    }
    std::vector<std::vector<ExplicitTask::Argument>> arguments(static_cast<std::size_t>(1 + roll(12)));
    for (auto& of_task : arguments)
      for (std::int64_t k = inputs.empty() ? 0 : roll(5); k > 0; --k) {
        const auto input = static_cast<int>(roll(static_cast<std::int64_t>(inputs.size())));
        of_task.push_back({input, ChunkOrdinal{roll(inputs[input]->output().grid.count())}});
      }
    others_.push_back(digest_tasks(std::move(arguments), std::move(inputs)));
    if (roll(2) == 0) arrays_.push_back(digest(others_.back()));
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
  std::vector<LayerPtr> arrays_;  // of float64
  std::vector<LayerPtr> others_;  // whose values only a run knows the size of
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
