// Memory that runs out at any one place: an operator new that fails once, at its n-th call after it was armed. An
// executable of its own, over local ranks (tests/unit) and over MPI (tests/mpi).

#include <atomic>

#include "centred.hpp"
#include "support/failing_memory.hpp"

namespace dunlin::test {
namespace {

/// What became of a try on one rank.
struct Try {
  bool failed = false;   // it ended with an error
  bool reached = false;  // the n-th call came
};

/// Makes a context and computes; on this rank operator new fails at its n-th call, unless `nth` is 0.
Try try_with(std::unique_ptr<Transport> ranks, std::int64_t nth, bool all_threads) {
  Try result;
  const Centred centred;
  const auto sinks = centred.sinks();
  const auto disarm = [&] {
    if (nth == 0) return;
    result.reached = spare_memory();
  };
  if (nth > 0) fail_memory(nth, all_threads);
  try {
    Context context(std::move(ranks), {.threads = 2});
    context.compute(sinks);
    disarm();
    centred.expect_right();
  } catch (const std::exception& error) {
    disarm();
    result.failed = true;
    const std::string said = error.what();
    EXPECT_TRUE(said.find("no more memory") != std::string::npos || said == "std::bad_alloc" ||
                said.find("has left while") != std::string::npos || said.find("leaving") != std::string::npos)
        << said;
  }
  return result;
}

/// The same on all ranks together. They all fail, or none does.
Try all_try_with(std::int64_t nth) {
  std::atomic<bool> reached = false, failed = false;
  for_ranks([&](std::unique_ptr<Transport> ranks) {
    static std::atomic<int> failures, ended;
    const int size = ranks->size();
    if (ranks_share_memory() && size > 2) return;
    const bool mine = ranks->rank() == static_cast<int>(nth % size);
    // Threads of one local rank cannot be told from those of another: there only the rank's own thread is met.
    const Try result = try_with(std::move(ranks), mine ? nth : 0, !ranks_share_memory() || size == 1);
    if (result.reached) reached = true;
    if (result.failed) failed = true;
    if (ranks_share_memory()) {
      failures += result.failed;
      if (++ended < size) return;
      EXPECT_TRUE(failures == 0 || failures == size) << failures << " of " << size << " ranks failed";
      failures = ended = 0;
    } else {
      EXPECT_EQ(most_of_all(result.failed), -most_of_all(-result.failed)) << "some ranks failed, others did not";
      reached = most_of_all(reached) > 0;
    }
  });
  return {failed, reached};
}

TEST(Allocation, ThatFailsAnywhereIsAnErrorOfAllRanksOrNone) {
  // Every call at first, then ever fewer of them: a rank makes thousands.
  std::int64_t failures = 0;
  bool reached = true;
  for (std::int64_t nth = 1; reached && nth < 100'000; nth += 1 + nth / 40) {
    SCOPED_TRACE("call " + std::to_string(nth));
    const Watchdog watchdog("no memory at call " + std::to_string(nth));
    const Try result = all_try_with(nth);
    reached = result.reached;
    failures += result.failed;
  }
  EXPECT_FALSE(reached) << "a run that takes memory so often?";
  EXPECT_GT(failures, 50) << "or one that takes none?";
}

}  // namespace
}  // namespace dunlin::test
