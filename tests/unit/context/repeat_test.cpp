// A graph of equal structure is planned once, whatever its scalars and buffers; a small result makes the next graph.

#include <cstring>

#include "context_fixture.hpp"

namespace dunlin::test {
namespace {

TEST(Repeat, ATimeStepWithOtherNumbersTakesThePlanOfTheLast) {
  const Watchdog watchdog("time steps");
  for_contexts([](Context& context) {
    for (int step = 0; step < 5; ++step) {
      Doubled doubled{.factor = 2.0 + step};
      context.compute(doubled.sinks());
      for (const auto& [chunk, values] : doubled.collected->take())
        EXPECT_EQ(values[0], (2.0 + step) * 3 * static_cast<double>(chunk.at[0])) << "the new factor, not the kept one";
    }
    EXPECT_EQ(context.state()->plans_made(), 1);
    EXPECT_EQ(context.state()->plans_reused(), 4);
  });
}

TEST(Repeat, WhatChangesThePlanIsPlannedAnew) {
  const Watchdog watchdog("other plans");
  for_contexts([](Context& context) {
    Doubled first, finer{.grid = ChunkGrid::regular({24}, {2})}, scratchy;
    scratchy.reading.scratch_bytes = 4096;  // the same structure, but more memory
    for (Doubled* doubled : {&first, &finer, &scratchy}) context.compute(doubled->sinks());
    EXPECT_EQ(context.state()->plans_made(), 3);
    EXPECT_EQ(context.state()->plans_reused(), 0);
  });
}

TEST(Stages, TheNextGraphIsBuiltFromAReplicatedResult) {
  const Watchdog watchdog("stages");
  for_contexts([](Context& context) {
    const Doubled doubled;
    // Halves the factor until the total, which every rank knows, is small enough.
    double factor = 2, total = 0;
    int stages = 0;
    do {
      factor /= 2;
      const LayerPtr sum = summed("total", scaled("x", doubled.value(), factor, 0), {0});
      const std::vector<std::byte> bytes = context.state()->replicate(sum);
      ASSERT_EQ(bytes.size(), sizeof total);
      std::memcpy(&total, bytes.data(), sizeof total);
      EXPECT_EQ(total, factor * 2 * 23 * 24 / 2);
      ++stages;
    } while (total > 100);
    EXPECT_EQ(stages, 4);
  });
}

TEST(Stages, AResultThatIsTooLargeForEveryRankIsRefusedBeforeAnythingRuns) {
  const Watchdog watchdog("large results");
  for_contexts([](Context& context) {
    const auto error = error_of<ResultTooLarge>([&] { context.state()->replicate(Doubled().value(), 100); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->bytes, 24 * 8);
    EXPECT_EQ(context.state()->counters().tasks_planned, 0);
    expect_works(context);
  });
}

}  // namespace
}  // namespace dunlin::test
