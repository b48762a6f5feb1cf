// An error of one rank is the same error on all, with its place, and the context goes on.
// Built twice: over local ranks (tests/unit) and over MPI (tests/mpi).

#include <atomic>
#include <new>
#include <thread>

#include "context_fixture.hpp"
#include "dunlin/plan/schedule.hpp"

namespace dunlin::test {
namespace {

struct FullDisk : StorageError {
  explicit FullDisk(int missing) : StorageError("no room for 5 bytes on /x"), missing(missing) {}
  int missing;
};

/// The exception of a kind that an error carries along; null where there is none.
template <class Error>
std::optional<Error> nested_in(const std::function<void()>& f) {
  try {
    f();
  } catch (const RankError& outer) {
    try {
      std::rethrow_if_nested(outer);
    } catch (const Error& original) {
      return original;
    } catch (...) {}
  }
  return std::nullopt;
}

TEST(RankErrors, OfATaskSayRankLayerAndChunkAndNestTheOriginalWhereItHappened) {
  const Watchdog watchdog("failing tasks");
  for_contexts([](Context& context) {
    for (std::int64_t chunk : {0, 3, 7})
      for (bool writing : {false, true}) {
        SCOPED_TRACE("chunk " + std::to_string(chunk));
        bool here = false;
        TaskSettings broken{.hook = [&](const ChunkIndex& at) {
          if (at.at[0] != chunk) return;
          here = true;
          throw FullDisk(5);
        }};
        Doubled doubled;
        (writing ? doubled.writing : doubled.reading) = broken;
        const auto error = error_of<RankError>([&] { context.compute(doubled.sinks()); });
        ASSERT_TRUE(error);
        EXPECT_EQ(error->code, ErrorCode::storage);
        EXPECT_EQ(error->layer, writing ? "out" : "x");
        EXPECT_EQ(error->chunk, "(" + std::to_string(chunk) + ",)");
        EXPECT_EQ(here, error->rank == context.rank());
        EXPECT_EQ(std::string(error->what()), "no room for 5 bytes on /x (rank " + std::to_string(error->rank) + ", '" +
                                                  error->layer + "', chunk " + error->chunk + ")");
        expect_same_on_all(context, error->what());

        here = false;
        const auto original = nested_in<FullDisk>([&] { context.compute(doubled.sinks()); });
        EXPECT_EQ(original.has_value(), here);
        EXPECT_TRUE(!original || original->missing == 5);
        expect_works(context);
      }
  });
}

TEST(RankErrors, OfSeveralRanksAreThoseOfTheLowest) {
  const Watchdog watchdog("failing on all ranks");
  for_contexts([](Context& context) {
    Doubled doubled;
    doubled.reading.hook = [&](const ChunkIndex&) {
      throw InputError("rank " + std::to_string(context.rank()) + " found nothing");
    };
    const auto error = error_of<RankError>([&] { context.compute(doubled.sinks()); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, ErrorCode::input);
    EXPECT_EQ(std::string(error->what()).substr(0, 20), "rank " + std::to_string(error->rank) + " found nothing");
    expect_same_on_all(context, error->what());
  });
}

TEST(RankErrors, OfFinishingAreEveryRanks) {
  const Watchdog watchdog("failing at the end");
  for_contexts([](Context& context) {
    for (int failing = 0; failing < context.size(); ++failing) {
      Doubled doubled;
      doubled.finish = [&](const Outcome& outcome) {
        EXPECT_TRUE(outcome.success);
        EXPECT_EQ(outcome.rank, context.rank());
        if (outcome.rank == failing) throw FullDisk(1);
      };
      const auto error = error_of<RankError>([&] { context.compute(doubled.sinks()); });
      ASSERT_TRUE(error);
      EXPECT_EQ(error->rank, failing);
      EXPECT_STREQ(error->what(), "no room for 5 bytes on /x");
      expect_works(context);
    }
  });
}

TEST(RankErrors, SinksAreFinishedOnEveryRankAlsoAfterAFailure) {
  const Watchdog watchdog("finishing after a failure");
  for_contexts([](Context& context) {
    int finished = 0;
    Doubled doubled;
    doubled.finish = [&](const Outcome& outcome) {
      EXPECT_FALSE(outcome.success);
      ++finished;
      throw std::runtime_error("the first error is the one to be told");
    };
    doubled.reading.hook = [](const ChunkIndex& at) {
      if (at.at[0] == 7) throw FullDisk(1);
    };
    const auto error = error_of<RankError>([&] { context.compute(doubled.sinks()); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, ErrorCode::storage);
    EXPECT_EQ(finished, 1);
    expect_works(context);
  });
}

TEST(RankErrors, OfAStepOfRank0AreEveryRanks) {
  const Watchdog watchdog("steps of rank 0");
  for_contexts([](Context& context) {
    ContextState& state = *context.state();
    const std::vector<std::byte> sent(1000, std::byte{7});
    bool ran = false;
    EXPECT_EQ(state.on_one_rank("giving", [&] { return ran = true, sent; }), sent);
    EXPECT_EQ(ran, context.rank() == 0);
    EXPECT_TRUE(state.on_one_rank("giving nothing", [] { return std::vector<std::byte>(); }).empty());

    const auto fails = [&] { state.on_one_rank("opening", []() -> std::vector<std::byte> { throw FullDisk(3); }); };
    const auto error = error_of<RankError>(fails);
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, ErrorCode::storage);
    EXPECT_EQ(error->rank, 0);
    EXPECT_EQ(error->layer, "");
    EXPECT_STREQ(error->what(), "no room for 5 bytes on /x");
    EXPECT_EQ(nested_in<FullDisk>(fails).has_value(), context.rank() == 0);
    expect_works(context);
  });
}

TEST(RankErrors, OfAStepOfAllRanksAreThoseOfTheLowestThatFailed) {
  const Watchdog watchdog("steps of all ranks");
  for_contexts([](Context& context) {
    for (int failing = 0; failing < context.size(); ++failing) {
      const auto fails = [&] {
        context.state()->on_all_ranks("checking", [&] {
          if (context.rank() >= failing) throw FullDisk(context.rank());
        });
      };
      const auto error = error_of<RankError>(fails);
      ASSERT_TRUE(error);
      EXPECT_EQ(error->rank, failing);
      EXPECT_EQ(error->code, ErrorCode::storage);
      EXPECT_EQ(nested_in<FullDisk>(fails).has_value(), context.rank() == failing);
    }
    context.state()->on_all_ranks("checking", [] {});
    expect_works(context);
  });
}

TEST(RankErrors, WithoutMemorySayWhatToDo) {
  const Watchdog watchdog("no memory");
  for_contexts([](Context& context) {
    const auto error = error_of<RankError>(
        [&] { context.state()->on_one_rank("opening", []() -> std::vector<std::byte> { throw std::bad_alloc(); }); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, ErrorCode::memory);
    EXPECT_STREQ(error->what(), "the system gave no more memory: lower the budget below what this machine has free");
  });
}

TEST(Budget, ThatCannotHoldThePlanIsRefusedWithNumbersAlikeOnAllRanks) {
  const Watchdog watchdog("small budgets");
  for_contexts(
      [](Context& context) {
        std::atomic<int> tasks = 0;
        // The last chunk is the largest: its rank speaks for all.
        const ChunkGrid grid = ChunkGrid::ragged({{9000, 9000, 9000, 9000, 9000, 9000, 9000, 30000}});
        const LayerPtr x =
            source("x", grid, [](const Coords&) { return 1.0; }, {.hook = [&](const ChunkIndex&) { ++tasks; }});
        const LayerPtr out = sink("out", x, nullptr);
        const auto fails = [&] { context.compute({out}); };
        const auto error = error_of<RankError>(fails);
        ASSERT_TRUE(error);
        EXPECT_EQ(tasks, 0);
        EXPECT_EQ(error->code, ErrorCode::memory);
        EXPECT_EQ(std::string(error->what()),
                  "the plan needs 234.4 KiB on rank " + std::to_string(error->rank) +
                      ", which has 96.0 KiB: the input's chunks of 'x' (30000 float64, 234.4 KiB each) are read whole; "
                      "give --memory 1M or more");
        expect_same_on_all(context, error->what());
        const auto original = nested_in<PlanTooLarge>(fails);
        EXPECT_EQ(original.has_value(), context.rank() == error->rank);
        EXPECT_TRUE(!original || (original->needed == 240000 && original->budget == 98304));
        expect_works(context);
      },
      {.threads = 2, .memory = 98304});
}

TEST(Budget, OfTheTightestKindStillRuns) {
  const Watchdog watchdog("tight budgets");
  std::int64_t needed = 0;
  {
    Context alone({.threads = 1});
    needed = alone.compute(Doubled().sinks()).planned_peak_bytes;
  }
  for_contexts(
      [](Context& context) {
        expect_works(context);
        EXPECT_LE(static_cast<std::int64_t>(context.state()->pool().peak_lent_bytes()),
                  context.state()->budget_bytes());
        EXPECT_LE(context.state()->counters().peak_bytes_reserved, context.state()->budget_bytes());
      },
      {.threads = 4, .memory = needed});
}

TEST(Settings, ThatAreWrongOnOneRankAreRefusedOnAll) {
  const Watchdog watchdog("wrong options");
  for_ranks([](std::unique_ptr<Transport> ranks) {
    const int last = ranks->size() - 1, rank = ranks->rank();
    const auto error =
        error_of<RankError>([&] { Context(watched(std::move(ranks)), {.threads = rank == last ? -1 : 1}); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, ErrorCode::usage);
    EXPECT_EQ(error->rank, last);
    EXPECT_STREQ(error->what(), "-1 threads were asked for: give at least 1");
  });
}

TEST(OneCall, AtATimeIsWhatAContextTakes) {
  const Watchdog watchdog("calls inside calls");
  for_contexts([](Context& context) {
    const auto refused = [&](const char* which) {
      const auto error = error_of<UsageError>([&] { context.compute(Doubled().sinks()); });
      EXPECT_TRUE(!error || std::string(error->what()) ==
                                "compute was called while another collective call of this context is under way: one at "
                                "a time, and none inside a task")
          << which << ": " << error->what();
    };
    Doubled doubled;
    doubled.reading.hook = [&](const ChunkIndex&) {
      refused("inside a task");
      std::jthread([&] { refused("in another thread"); });
    };
    context.compute(doubled.sinks());
    context.state()->on_one_rank("asking too much", [&] {
      refused("inside a step");
      return std::vector<std::byte>();
    });

    // What the task does not catch is the run's error.
    doubled.reading.hook = [&](const ChunkIndex&) { context.compute(Doubled().sinks()); };
    const auto error = error_of<RankError>([&] { context.compute(doubled.sinks()); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, ErrorCode::usage);
    expect_works(context);
  });
}

TEST(OneCall, ComesFromTheThreadThatMadeTheContext) {
  const Watchdog watchdog("calls from a stranger");
  for_contexts([](Context& context) {
    std::jthread([&] {
      const auto error = error_of<UsageError>([&] { context.compute(Doubled().sinks()); });
      EXPECT_TRUE(!error || std::string(error->what()) ==
                                "compute was called from another thread than the context's: call it from the thread "
                                "that made the context");
    }).join();
    expect_works(context);
  });
}

TEST(Stopping, EndsARunOnAllRanksAsStopped) {
  const Watchdog watchdog("stopping");
  for_ranks([](std::unique_ptr<Transport> ranks) {
    std::atomic<bool> stop = false;
    const bool stopper = ranks->rank() == ranks->size() - 1;
    Context context(watched(std::move(ranks)), {.threads = 2, .stop = &stop});
    Doubled doubled;
    doubled.reading.hook = [&](const ChunkIndex&) { stop = stopper; };
    const auto error = error_of<RankError>([&] { context.compute(doubled.sinks()); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, ErrorCode::stopped);
    EXPECT_STREQ(error->what(), "stopped on request");
    stop = false;
    expect_works(context);
  });
}

TEST(Handles, ThatOutliveTheirContextSayWhatToDo) {
  const Watchdog watchdog("handles that outlive");
  for_ranks([](std::unique_ptr<Transport> ranks) {
    std::shared_ptr<ContextState> state;
    {
      const Context context(watched(std::move(ranks)), {.threads = 1});
      state = context.state();
    }
    const auto error = error_of<ContextGone>([&] { state->compute(Doubled().sinks()); });
    ASSERT_TRUE(error);
    EXPECT_STREQ(error->what(),
                 "the context of this handle is gone: keep the Context alive for as long as its arrays are computed");
    EXPECT_THROW(state->on_one_rank("opening", [] { return std::vector<std::byte>(); }), ContextGone);
    EXPECT_THROW(state->on_all_ranks("checking", [] {}), ContextGone);
    EXPECT_THROW(state->gather_trace(), ContextGone);
    EXPECT_NE(state->explain(Doubled().sinks(), 3).text, "") << "plans need no connection";
  });
}

}  // namespace
}  // namespace dunlin::test
