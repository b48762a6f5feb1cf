// A thousand contexts come and go in one process, and it stays as it is.
// Built twice: over local ranks (tests/unit) and over MPI (tests/mpi).

#include "centred.hpp"
#include "support/resident.hpp"

namespace dunlin::test {
namespace {

/// One small life: a run, a step, and now and then a run that fails.
void live(std::unique_ptr<Transport> ranks, int number) {
  Context context(std::move(ranks), {.threads = 2, .trace = number % 3 == 0});
  expect_centred(context);
  context.state()->on_one_rank("giving", [] { return std::vector<std::byte>(1000); });
  if (number % 10 != 0) return;
  Centred broken;
  broken.reading.hook = [&](const ChunkIndex&) {
    if (context.rank() == number / 10 % context.size()) throw StorageError("no room");
  };
  EXPECT_THROW(context.compute(broken.sinks()), RankError);
}

/// Ranks as for_ranks has them, but of local ones two and no other number.
void for_few_ranks(const std::function<void(std::unique_ptr<Transport>)>& body) {
  for_ranks([&](std::unique_ptr<Transport> ranks) {
    if (ranks->size() == 2 || !ranks_share_memory()) body(std::move(ranks));
  });
}

TEST(Soak, AThousandContextsLeaveTheProcessAsItWas) {
  const Watchdog watchdog("1,000 contexts", std::chrono::seconds(550));
  for (int k = 0; k < 50; ++k) for_few_ranks([&](auto ranks) { live(std::move(ranks), k); });
  const HeldHandles held = held_handles();
  const std::int64_t before = resident_bytes();
  for (int k = 0; k < 1000; ++k) for_few_ranks([&](auto ranks) { live(std::move(ranks), k); });
  EXPECT_LE(resident_bytes() - before, 1 << 20);
  EXPECT_EQ(held_handles(), held);
}

TEST(Soak, AThousandRunsOfOneContextLeaveItAsItIs) {
  const Watchdog watchdog("1,000 runs", std::chrono::seconds(550));
  for_few_ranks([](std::unique_ptr<Transport> ranks) {
    Context context(std::move(ranks), {.threads = 2});
    for (int k = 0; k < 50; ++k) expect_centred(context);
    const HeldHandles held = held_handles();
    context.state()->on_all_ranks("looking", [] {});
    const std::int64_t before = resident_bytes();
    for (int k = 0; k < 1000; ++k) expect_centred(context);
    EXPECT_LE(resident_bytes() - before, 1 << 20);
    EXPECT_EQ(held_handles(), held);
  });
}

}  // namespace
}  // namespace dunlin::test
