// What planning costs: nanoseconds and bytes per local task, and the time of one rank's plan against the ranks that it
// pretends to be among.
//
//   plan_cost [chunks per rank]

#include <fmt/core.h>

#include <chrono>
#include <cstdlib>
#include <limits>
#include <set>

#include "dunlin/plan/schedule.hpp"
#include "support/counted_memory.hpp"
#include "support/plan_graphs.hpp"

namespace dunlin::test {
namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

struct Measured {
  double plan_seconds = std::numeric_limits<double>::max(), schedule_seconds = plan_seconds;
  MemoryCount memory;
  Schedule schedule;
};

Measured measure(const PlanCase& plan_case, int ranks, std::int64_t chunks, int rank) {
  const Cluster cluster{.ranks = ranks, .threads = 2, .budget_bytes = std::int64_t{1} << 28};
  const LayerGraph graph = LayerGraph::of(plan_case.sinks(ranks, chunks));
  Measured best;
  for (int repeat = 0; repeat < 5; ++repeat) {
    auto start = std::chrono::steady_clock::now();
    const LayerPlan plan = LayerPlan::make(graph, cluster);
    best.plan_seconds = std::min(best.plan_seconds, seconds_since(start));
    best.schedule = {};
    const MemoryCounter counter;
    start = std::chrono::steady_clock::now();
    best.schedule = make_schedule(plan, rank);
    best.schedule_seconds = std::min(best.schedule_seconds, seconds_since(start));
    best.memory = counter.count();
  }
  return best;
}

}  // namespace
}  // namespace dunlin::test

int main(int argc, char** argv) {
  using namespace dunlin::test;
  const std::int64_t chunks = argc > 1 ? std::atoll(argv[1]) : 4096;
  fmt::print("{:<22} {:>7} {:>7} {:>9} {:>7} {:>9} {:>9} {:>8} {:>9} {:>9} {:>10}\n", "graph", "ranks", "rank", "tasks",
             "edges", "layers us", "plan us", "ns/task", "kept B/t", "peak B/t", "allocs/t");
  for (const PlanCase& plan_case : kPlanCases)
    for (int ranks : {1, 1000, 100'000})
      for (int rank : std::set<int>{0, ranks / 2, ranks - 1}) {
        const Measured m = measure(plan_case, ranks, chunks, rank);
        const auto items = static_cast<double>(m.schedule.tasks + m.schedule.receives);
        fmt::print("{:<22} {:>7} {:>7} {:>9} {:>7} {:>9.1f} {:>9.1f} {:>8.1f} {:>9.1f} {:>9.1f} {:>10.2f}\n",
                   plan_case.name, ranks, rank, m.schedule.tasks,
                   m.schedule.receives + static_cast<std::int64_t>(m.schedule.sends.size()), m.plan_seconds * 1e6,
                   m.schedule_seconds * 1e6, m.schedule_seconds * 1e9 / items,
                   static_cast<double>(m.memory.kept_bytes) / items, static_cast<double>(m.memory.peak_bytes) / items,
                   static_cast<double>(m.memory.calls) / items);
      }
}
