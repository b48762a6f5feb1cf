// What persist keeps: made once, used by later runs where it lies, counted for as long as it is there.

#include <atomic>

#include "context_fixture.hpp"

namespace dunlin::test {
namespace {

TEST(Persist, KeepsValuesForLaterRunsWithoutMakingThemAgain) {
  const Watchdog watchdog("persisted values");
  for_contexts([](Context& context) {
    std::atomic<int> reads = 0;
    Doubled doubled;
    doubled.reading.hook = [&](const ChunkIndex&) { ++reads; };
    const std::vector<LayerPtr> held = context.state()->persist({doubled.value()});
    ASSERT_EQ(held.size(), 1u);
    const int first = reads;
    for (int step = 0; step < 3; ++step) {
      const auto collected = std::make_shared<Collected>(doubled.grid);
      context.compute({sink("out", scaled("more", held[0], 10, step), collected)});
      for (const auto& [chunk, values] : collected->take())
        EXPECT_EQ(values[1], 10 * 2 * (3 * static_cast<double>(chunk.at[0]) + 1) + step);
    }
    EXPECT_EQ(reads, first) << "the source was read while it was persisted, and never again";
    EXPECT_EQ(context.state()->plans_made(), 2) << "keeping, and one plan for all steps";
  });
}

TEST(Persist, TwoReadersOfOneHeldChunkShareIt) {
  const Watchdog watchdog("held and read");
  for_contexts([](Context& context) {
    const LayerPtr value = Doubled().value();
    const auto held = context.state()->persist({value, scaled("again", value, 1, 1)});
    const auto collected = std::make_shared<Collected>(value->output().grid);
    context.compute(
        {sink("out", combined("difference", value->output().grid, held[1], straight(1), held[0], straight(1), -1),
              collected)});
    for (const auto& [chunk, values] : collected->take())
      for (double difference : values) EXPECT_EQ(difference, 1);
  });
}

TEST(Persist, CountsInTheBudgetForAsLongAsAnyHandleLives) {
  const Watchdog watchdog("a budget with held values");
  // 24 numbers in chunks of 3: a run needs some chunks of 24 bytes at a time; what is held takes up to 192.
  for_contexts(
      [](Context& context) {
        std::vector<LayerPtr> held = context.state()->persist({Doubled().value()});
        std::vector<LayerPtr> more;
        const auto error = error_of<RankError>([&] {
          for (int k = 0; k < 1000; ++k) more.push_back(context.state()->persist({Doubled().value()})[0]);
        });
        ASSERT_TRUE(error);
        EXPECT_EQ(error->code, ErrorCode::memory);
        more.clear();
        held.clear();
        expect_works(context);  // tells all that nothing is held any more
        held = context.state()->persist({Doubled().value()});
        EXPECT_EQ(held.size(), 1u) << "there is room again";
      },
      {.threads = 1, .memory = 16'000});
}

TEST(Persist, AFailingRunKeepsNothing) {
  const Watchdog watchdog("a failing persist");
  for_contexts([](Context& context) {
    Doubled doubled;
    doubled.reading.hook = [](const ChunkIndex& chunk) {
      if (chunk.at[0] == 5) throw InputError("chunk 5 is torn");
    };
    EXPECT_TRUE(error_of<RankError>([&] { context.state()->persist({doubled.value()}); }));
    EXPECT_EQ(context.state()->pool().lent_bytes(), 0u);
    expect_works(context);
  });
}

}  // namespace
}  // namespace dunlin::test
