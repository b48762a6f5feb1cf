#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "dunlin/base/byte_size.hpp"
#include "dunlin/plan/passes.hpp"
#include "dunlin/plan/schedule.hpp"

namespace dunlin {
namespace {

/// A plan that needs at most so many copies of a stored chunk at one time is too large because of that chunk: it is
/// read encoded and decoded, converted to double, subtracted from, encoded and written.
constexpr std::int64_t kMostCopies = 16;

/// Storage joins stored chunks up to about so many bytes: larger ones were not its choice.
constexpr std::int64_t kUsualChunk = std::int64_t{16} << 20;

/// What is read or written whole: the largest chunk of a source or a sink.
struct Whole {
  std::string name;
  DType dtype;
  Shape chunk;
  std::int64_t elements() const { return name.empty() ? 0 : product(chunk); }
  std::int64_t bytes() const { return elements() * static_cast<std::int64_t>(dtype.size()); }
  /// "100 x 1048576 float64, 800.0 MiB each".
  std::string text() const {
    return fmt::format("{} {}, {} each", chunk.empty() ? "one" : fmt::format("{}", fmt::join(chunk, " x ")),
                       to_string(dtype), human_bytes(bytes()));
  }
};

void take_larger(Whole& largest, const std::string& name, const ValueSpec& values) {
  if (values.grid.has_unknown() || values.grid.count() == 0) return;
  const Whole other{name, values.dtype, values.grid.largest()};
  if (other.bytes() > largest.bytes()) largest = other;
}

Whole largest_input(const LayerGraph& graph) {
  Whole largest;
  for (int k = 0; k < graph.size(); ++k)
    if (graph.layer(k).kind() == LayerKind::source && !is_aid(graph, k))
      take_larger(largest, graph.layer(k).name(), graph.layer(k).output());
  return largest;
}

Whole largest_output(const LayerGraph& graph) {
  Whole largest;
  for (int k = 0; k < graph.size(); ++k)
    if (const Layer& layer = graph.layer(k); layer.kind() == LayerKind::sink && !layer.inputs().empty())
      take_larger(largest, layer.name(), layer.inputs().front()->output());
  return largest;
}

/// A chunk `ratio` times smaller, where that can be: shorter along the first axes.
Shape cut(Shape chunk, double ratio) {
  for (std::int64_t& length : chunk) {
    const auto shorter = static_cast<std::int64_t>(static_cast<double>(length) / ratio);
    const std::int64_t now = std::clamp<std::int64_t>(shorter, 1, length);
    ratio *= static_cast<double>(now) / static_cast<double>(length);
    length = now;
    if (ratio <= 1) break;
  }
  return chunk;
}

}  // namespace

std::int64_t simulated_peak(const Schedule& schedule, int window, std::size_t* at) {
  std::vector<std::int64_t> uses(schedule.size());
  for (std::size_t k = 0; k < schedule.size(); ++k)
    uses[k] = static_cast<std::int64_t>(schedule.consumers_of(k).size());
  std::int64_t reserved = 0, peak = 0;
  const auto end_item = [&](std::size_t item) {
    reserved -= schedule.items[item].scratch_bytes;
    if (uses[item] == 0 && !schedule.items[item].retained) reserved -= schedule.items[item].bytes;
    for (std::uint32_t input : schedule.inputs_of(item))
      if (--uses[input] == 0) reserved -= schedule.items[input].bytes;
  };
  const auto lag = static_cast<std::size_t>(window);
  for (std::size_t k = 0; k < schedule.size() + lag; ++k) {
    if (k < schedule.size()) {
      reserved += schedule.items[k].bytes + schedule.items[k].scratch_bytes;
      if (reserved > peak) {
        peak = reserved;
        if (at) *at = k;
      }
    }
    if (k >= lag) end_item(k - lag);
  }
  return peak;
}

void estimate(Schedule& schedule, const Cluster& cluster, int layers) {
  const auto items = static_cast<std::int64_t>(schedule.size());
  schedule.bookkeeping_bytes = std::max<std::int64_t>(items * kItemBytes + layers * kLayerBytes - kBookkeepingFree, 0);
  std::size_t at = 0;
  schedule.serial_peak_bytes = simulated_peak(schedule, 0, &at);
  schedule.peak_layer = schedule.size() == 0 ? -1 : schedule.items[at].layer;
  // Enough items begun for every thread to have one at work and one ready.
  const std::int64_t wide = simulated_peak(schedule, 2 * cluster.threads + 2);
  schedule.planned_peak_bytes =
      std::max(schedule.serial_peak_bytes, std::min(wide, cluster.budget_bytes - schedule.bookkeeping_bytes));
}

PlanTooLarge::PlanTooLarge(std::int64_t needed, std::int64_t budget, int rank, const std::string& reason)
    : MemoryRefused(fmt::format("the plan needs {} on rank {}, which has {}: {}", human_bytes(needed), rank,
                                human_bytes(budget), reason)),
      needed(needed),
      budget(budget),
      rank(rank) {}

PlanTooLarge too_large(const LayerPlan& plan, const Schedule& schedule) {
  const std::int64_t needed = schedule.least_bytes(), budget = plan.cluster().budget_bytes;
  const double ratio = static_cast<double>(needed) / static_cast<double>(std::max<std::int64_t>(budget, 1));
  const std::string memory = fmt::format("give --memory {}M or more", (needed + (1 << 20) - 1) >> 20);
  const Whole input = largest_input(plan.graph()), output = largest_output(plan.graph());
  const std::int64_t least = needed / kMostCopies;
  std::string reason;
  // Half of what would fit if all that is needed grew with the chunk: smaller ones may need more of their neighbours.
  if (output.elements() > input.elements() && output.bytes() >= least) {
    reason = fmt::format("the output's chunks of '{}' ({}) are written whole; {}, or smaller chunks, as --chunks {}",
                         output.name, output.text(), memory, fmt::join(cut(output.chunk, 2 * ratio), ","));
  } else if (input.bytes() >= least) {
    reason = fmt::format("the input's chunks of '{}' ({}) are read whole; {}{}", input.name, input.text(), memory,
                         input.bytes() > kUsualChunk ? ", or an input in smaller chunks" : "");
  } else {
    const Layer& layer = plan.graph().layer(schedule.peak_layer);
    reason = fmt::format("at its peak stands '{}' with {}; {}, more ranks, or chunks at least {:.0f} times smaller",
                         layer.name(), to_string(layer.output().grid), memory, std::max(2.0, std::ceil(ratio)));
  }
  return {needed, budget, schedule.rank, reason};
}

}  // namespace dunlin
