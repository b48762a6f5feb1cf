// Sixty-four ranks in one process, on however few cores: the test bed for what shows only where there are many.

#include <atomic>

#include "centred.hpp"

namespace dunlin::test {
namespace {

TEST(ManyRanks, ComputeTogetherMoreOfThemThanChunks) {
  const Watchdog watchdog("64 ranks");
  for_local_ranks(64, [](std::unique_ptr<Transport> ranks) {
    Context context(watched(std::move(ranks)), {.threads = 1, .memory = 1 << 20});
    for (int k = 0; k < 3; ++k) expect_centred(context);
  });
}

TEST(ManyRanks, HearOfAFailureOfAnyOfThem) {
  const Watchdog watchdog("64 ranks");
  for_local_ranks(64, [](std::unique_ptr<Transport> ranks) {
    Context context(watched(std::move(ranks)), {.threads = 1, .memory = 1 << 20});
    Centred centred;
    std::atomic<bool> mine = false;
    centred.reading.hook = [&](const ChunkIndex& chunk) {
      if (chunk.at[0] != 5) return;
      mine = true;
      throw StorageError("no room");
    };
    const auto error = error_of<RankError>([&] { context.compute(centred.sinks()); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->rank == context.rank(), mine.load());
    EXPECT_EQ(error->chunk, "(5, 0)");
    expect_same_on_all(context, error->what());
    expect_centred(context);
  });
}

}  // namespace
}  // namespace dunlin::test
