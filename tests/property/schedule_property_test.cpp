// Properties of plans over random graphs, clusters and budgets: what all ranks plan is one plan, and they can carry it
// out together within the memory that each has planned, whatever happens first.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "dunlin/plan/passes.hpp"
#include "property/cluster_simulation.hpp"
#include "property/random_graph.hpp"
#include "property/whole_plan.hpp"

namespace dunlin::test {
namespace {

struct Drawn {
  std::uint64_t seed;
  int ranks;
  LayerPlan plan;
};

/// A plan of a random graph, rewritten or as it is, for a random cluster of some thousand elements to a chunk.
Drawn draw(int most_ranks) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  const int layers = *rc::gen::inRange(1, 16);
  std::mt19937_64 random(seed);
  constexpr int sizes[] = {1, 2, 3, 5, 16, 1000};
  int ranks = most_ranks + 1;
  while (ranks > most_ranks) ranks = sizes[below(random, 6)];
  const LayerGraph graph = LayerGraph::of(random_sinks(random, {.layers = layers, .unit = 1 + below(random, 40)}));
  std::int64_t largest = 0;
  for (const LayerPtr& layer : graph.layers()) largest = std::max(largest, layer->output().largest_bytes());
  const Cluster cluster{.ranks = ranks,
                        .threads = static_cast<int>(1 + below(random, 4)),
                        .budget_bytes = largest * (1 + below(random, 60))};
  return {seed, ranks, below(random, 2) ? LayerPlan::make(graph, cluster) : LayerPlan::of_rewritten(graph, cluster)};
}

RC_GTEST_PROP(PlanOfAnyGraph, IsThePlanThatWalkingEverythingGives, ()) {
  const Drawn drawn = draw(16);
  const std::vector<Schedule> schedules = all_schedules(drawn.plan);
  RC_ASSERT(check_against_walk(drawn.plan, schedules) == "");
}

RC_GTEST_PROP(PlanOfAnyGraph, NeverDeadlocksNorExceedsItsPeak, ()) {
  const Drawn drawn = draw(16);
  const std::vector<Schedule> schedules = all_schedules(drawn.plan);
  std::mt19937_64 random(drawn.seed + 1);
  for (int tries = 0; tries < 6; ++tries) {
    std::vector<std::int64_t> serial, planned, between;
    for (const Schedule& schedule : schedules) {
      RC_ASSERT(schedule.serial_peak_bytes <= schedule.planned_peak_bytes);
      serial.push_back(schedule.serial_peak_bytes);
      planned.push_back(schedule.planned_peak_bytes);
      between.push_back(serial.back() + below(random, planned.back() - serial.back() + 1));
    }
    for (const auto& limits : {serial, planned, between}) {
      const Luck luck = tries < 5 ? kAllLuck[tries] : Luck::any;
      RC_ASSERT(simulate_cluster(schedules, limits, luck, random) == "");
    }
  }
}

RC_GTEST_PROP(PlanOfAnyGraph, IsTheSameWhenMadeAgain, ()) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  const Cluster cluster{.ranks = 3, .threads = 2, .budget_bytes = 1 << 20};
  std::vector<Schedule> made;
  for (int time = 0; time < 2; ++time) {  // no pointer in common
    std::mt19937_64 random(seed);
    const LayerPlan plan = LayerPlan::make(LayerGraph::of(random_sinks(random, {})), cluster);
    made.push_back(make_schedule(plan, 1));
  }
  RC_ASSERT(made[0].inputs == made[1].inputs);
  RC_ASSERT(made[0].size() == made[1].size());
  for (std::size_t k = 0; k < made[0].size(); ++k) {
    const Schedule::Item &a = made[0].items[k], &b = made[1].items[k];
    RC_ASSERT(a.layer == b.layer && a.chunk == b.chunk && a.peer == b.peer && a.edge == b.edge && a.bytes == b.bytes);
  }
}

TEST(PlanOfAWeave, HasTheKeysOfItsPaths) {
  // Every layer is needed in several blocks, by paths that part and join again.
  const ChunkGrid coarse = ChunkGrid::regular({24, 10}, {6, 4}), fine = ChunkGrid::regular({24, 10}, {4, 3});
  LayerPtr x = pattern_source("x", coarse);
  for (int k = 0; k < 5; ++k) x = apply(kDearAdd, {x, rechunk(rechunk(x, fine), coarse)});
  for (int ranks : {1, 2, 5}) {
    SCOPED_TRACE(ranks);
    const LayerPlan plan = LayerPlan::of_rewritten(LayerGraph::of({capture_sink(x)}), {.ranks = ranks, .threads = 1});
    EXPECT_EQ(check_against_walk(plan, all_schedules(plan)), "");
  }
}

TEST(PlanOfManyRanks, IsWholeAndDoesNotDeadlock) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const LayerGraph graph = LayerGraph::of(random_sinks(random, {.layers = 10, .unit = 20}));
    const LayerPlan plan = LayerPlan::make(graph, {.ranks = 1000, .threads = 2, .budget_bytes = 1 << 24});
    const std::vector<Schedule> schedules = all_schedules(plan);
    EXPECT_EQ(check_against_walk(plan, schedules), "");
    std::vector<std::int64_t> limits;
    for (const Schedule& schedule : schedules) limits.push_back(schedule.serial_peak_bytes);
    EXPECT_EQ(simulate_cluster(schedules, limits, Luck::any, random), "");
  }
}

}  // namespace
}  // namespace dunlin::test
