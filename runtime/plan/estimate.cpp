#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "dunlin/base/byte_size.hpp"
#include "dunlin/plan/schedule.hpp"

namespace dunlin {

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

PlanTooLarge::PlanTooLarge(std::int64_t needed, std::int64_t budget, int rank, const std::string& layer,
                           const std::string& chunks, const std::string& advice)
    : MemoryRefused(fmt::format("the plan needs {} on rank {}, which has {}: at its peak stands '{}' with {}; {}",
                                human_bytes(needed), rank, human_bytes(budget), layer, chunks, advice)),
      needed(needed),
      budget(budget),
      rank(rank) {}

PlanTooLarge too_large(const LayerPlan& plan, const Schedule& schedule) {
  const Layer& layer = plan.graph().layer(schedule.peak_layer);
  const double ratio = static_cast<double>(schedule.least_bytes()) /
                       static_cast<double>(std::max<std::int64_t>(plan.cluster().budget_bytes, 1));
  return PlanTooLarge(schedule.least_bytes(), plan.cluster().budget_bytes, schedule.rank, layer.name(),
                      to_string(layer.output().grid),
                      fmt::format("give more memory, more ranks, or chunks at least {:.0f} times smaller",
                                  std::max(2.0, std::ceil(ratio))));
}

}  // namespace dunlin
