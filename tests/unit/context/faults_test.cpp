// Whatever goes wrong, and wherever: a right result, or an error on every rank; no hang, nothing left behind.
// Built twice: over local ranks (tests/unit) and over MPI (tests/mpi).

#include <atomic>
#include <new>
#include <thread>

#include "centred.hpp"
#include "dunlin/transport/fault_transport.hpp"

namespace dunlin::test {
namespace {

/// A rank, counted from the last one.
int from_last(const Transport& ranks, int k) { return ranks.size() - 1 - k; }

/// A transport on a bad day, which is watched and whose user is watched.
std::unique_ptr<Transport> bad_day(std::unique_ptr<Transport> ranks, const Faults& faults) {
  return watched(make_fault_transport(watched(std::move(ranks)), faults));
}

/// Throws on the rank of `context` that is `failing`, in the hook of a task.
void fail_on(const Context& context, int failing) {
  if (context.rank() == failing) throw StorageError("no room");
}

TEST(Faults, MessagesThatAreLateOrOvertakeOneAnotherLeaveEveryResultRight) {
  const Watchdog watchdog("late messages");
  const NothingIsLeft nothing;
  for (std::uint64_t seed = 1; seed <= 6; ++seed)
    for_ranks([&](std::unique_ptr<Transport> ranks) {
      Context context(bad_day(std::move(ranks), {.seed = seed, .late = seed % 2 ? 0.3 : 0.8}), {.threads = 2});
      for (int k = 0; k < 3; ++k) expect_centred(context);
    });
}

TEST(Faults, LateMessagesLeaveEveryErrorTheSame) {
  const Watchdog watchdog("late errors");
  const NothingIsLeft nothing;
  for (std::uint64_t seed = 1; seed <= 6; ++seed)
    for_ranks([&](std::unique_ptr<Transport> ranks) {
      Context context(bad_day(std::move(ranks), {.seed = seed, .late = 0.5}), {.threads = 2});
      for (int failing = 0; failing < context.size(); ++failing) {
        Centred centred;
        (failing % 2 ? centred.reading : centred.writing).hook = [&](const ChunkIndex&) { fail_on(context, failing); };
        const auto error = error_of<RankError>([&] { context.compute(centred.sinks()); });
        ASSERT_TRUE(error);
        EXPECT_EQ(error->rank, failing);
        expect_same_on_all(context, error->what());
        EXPECT_THROW(context.state()->on_all_ranks("checking", [&] { fail_on(context, failing); }), RankError);
        expect_centred(context);
      }
    });
}

TEST(Faults, ASlowRankChangesNothing) {
  const Watchdog watchdog("a slow rank");
  const NothingIsLeft nothing;
  for (int slow : {0, 1})
    for_ranks([&](std::unique_ptr<Transport> ranks) {
      const bool mine = ranks->rank() == from_last(*ranks, slow);
      Context context(bad_day(std::move(ranks), {.pause = std::chrono::microseconds(mine ? 500 : 0)}), {.threads = 2});
      expect_centred(context);
      Centred centred;
      centred.reading.hook = [&](const ChunkIndex&) { fail_on(context, 0); };
      EXPECT_THROW(context.compute(centred.sinks()), RankError);
      expect_centred(context);
    });
}

/// What a task can throw, and what all ranks hear.
struct Thrown {
  const char* why;
  void (*task)();
  ErrorCode code;
  const char* sentence;
};
const Thrown kThrown[] = {
    {"an error of ours", [] { throw InputError("a corrupt header"); }, ErrorCode::input, "a corrupt header"},
    {"a foreign exception", [] { throw std::runtime_error("of the user's"); }, ErrorCode::internal, "of the user's"},
    {"no exception at all", [] { throw 42; }, ErrorCode::internal, ""},
    {"no memory", [] { throw std::bad_alloc(); }, ErrorCode::memory, "the system gave no more memory"},
};

TEST(Faults, ATaskThatThrowsIsTheSameErrorOnAllRanksAndLeavesNothing) {
  const Watchdog watchdog("tasks that throw");
  const NothingIsLeft nothing;
  for_contexts([](Context& context) {
    for (const Thrown& thrown : kThrown)
      for (int failing = 0; failing < context.size(); ++failing)
        for (bool reading : {false, true}) {
          SCOPED_TRACE(std::string(thrown.why) + " on rank " + std::to_string(failing));
          Centred centred;
          (reading ? centred.reading : centred.writing).hook = [&](const ChunkIndex&) {
            if (context.rank() == failing) thrown.task();
          };
          const auto error = error_of<RankError>([&] { context.compute(centred.sinks()); });
          ASSERT_TRUE(error);
          EXPECT_EQ(error->rank, failing);
          EXPECT_EQ(error->layer, reading ? "x" : "out");
          EXPECT_EQ(error->code, thrown.code);
          EXPECT_NE(std::string(error->what()).find(thrown.sentence), std::string::npos) << error->what();
          expect_same_on_all(context, error->what());
          EXPECT_EQ(context.state()->pool().lent_bytes(), 0u);
          expect_centred(context);
          EXPECT_EQ(context.state()->pool().lent_bytes(), 0u);
        }
  });
}

/// A call of the transport that fails on one rank.
struct Broken {
  TransportCall call;
  std::int64_t nth;
};
const Broken kBroken[] = {
    {TransportCall::start_agreement, 1},  // making the context
    {TransportCall::start_agreement, 2},  // beginning to compute
    {TransportCall::start_agreement, 3},  // ending that
    {TransportCall::test_agreement, 1},
    {TransportCall::test_agreement, 2},
    {TransportCall::poll, 1},
    {TransportCall::poll, 4},
    {TransportCall::send, 1},
    {TransportCall::receive, 1},
    {TransportCall::broadcast, 1},     // telling the result of a step
    {TransportCall::broadcast, 2},     // telling an error
    {TransportCall::raise_alarm, 1},   // after an own failure
    {TransportCall::settle_alarm, 1},  // after a run
    {TransportCall::settle_alarm, 2},
};

/// Everything that talks: two runs, a step, a run that fails on `failing`, a run.
void talk(Context& context, int failing) {
  expect_centred(context);
  context.state()->on_one_rank("opening", [] { return std::vector<std::byte>(100); });
  expect_centred(context);
  Centred broken;
  broken.reading.hook = [&](const ChunkIndex&) { fail_on(context, failing); };
  try {
    context.compute(broken.sinks());
    ADD_FAILURE() << "nothing was thrown";
  } catch (const RankError& error) {  // others pass
    if (!std::string(error.what()).starts_with("no room")) throw;
  }
  expect_centred(context);
}

TEST(Faults, OfTheNetworkEndAllRanksWithAnError) {
  for (const Broken& broken : kBroken)
    for (Fault fault : {Fault::network, Fault::memory})
      for (int which : {0, 1}) {
        const std::string what = "call " + std::to_string(static_cast<int>(broken.call)) + ", number " +
                                 std::to_string(broken.nth) + ", rank " + std::to_string(which) + " from the last";
        SCOPED_TRACE(what);
        const Watchdog watchdog(what);
        for_ranks([&](std::unique_ptr<Transport> ranks) {
          if (ranks->size() < 2) return;
          const int failing = from_last(*ranks, which);
          const bool mine = ranks->rank() == failing;
          if (mine) ranks = make_fault_transport(std::move(ranks), {.failures = {{broken.call, broken.nth, fault}}});
          std::string said;
          try {
            Context context(std::move(ranks), {.threads = 2});
            talk(context, failing);
          } catch (const std::exception& error) {
            said = error.what();
          }
          if (mine)
            EXPECT_TRUE(said.starts_with("injected fault") || said.find("memory") != std::string::npos ||
                        said == "std::bad_alloc")
                << said;
          else
            EXPECT_TRUE(said.find("has left while") != std::string::npos ||
                        said.find("no more memory") != std::string::npos || said.find("injected fault") == 0)
                << said;
        });
      }
}

/// What the others are in when one rank's context goes, with an exception.
const std::pair<const char*, void (*)(Context&)> kWaiting[] = {
    {"a run", [](Context& context) { expect_centred(context); }},
    {"a step of rank 0",
     [](Context& context) { context.state()->on_one_rank("opening", [] { return std::vector<std::byte>(); }); }},
    {"a step of all ranks", [](Context& context) { context.state()->on_all_ranks("checking", [] {}); }},
    {"the gathering of a trace", [](Context& context) { context.state()->gather_trace(); }},
};

TEST(Faults, AnExceptionThatPassesOnOneRankEndsTheContextForAll) {
  const NothingIsLeft nothing;
  for (const auto& [what, wait] : kWaiting)
    for (int which = 0; which < 2; ++which) {
      SCOPED_TRACE(what);
      const Watchdog watchdog(what);
      for_ranks([&](std::unique_ptr<Transport> ranks) {
        if (ranks->size() < 2) return;
        const bool mine = ranks->rank() == from_last(*ranks, which);
        try {
          Context context(watched(std::move(ranks)), {.threads = 2});
          expect_centred(context);
          if (mine) throw InputError("the user's own");
          wait(context);
          ADD_FAILURE() << "nothing was thrown";
        } catch (const CallsDiffer& error) {
          EXPECT_FALSE(mine);
          EXPECT_NE(std::string(error.what()).find("leaving"), std::string::npos) << error.what();
        } catch (const InputError& error) {
          EXPECT_TRUE(mine);
          EXPECT_STREQ(error.what(), "the user's own");
        }
      });
    }
}

TEST(Faults, AnExceptionThatEveryRankMeetsLeavesInOrder) {
  const Watchdog watchdog("exceptions everywhere");
  const NothingIsLeft nothing;
  for_ranks([](std::unique_ptr<Transport> ranks) {
    EXPECT_THROW(
        {
          Context context(watched(std::move(ranks)), {.threads = 2});
          Centred centred;
          centred.reading.hook = [&](const ChunkIndex&) { fail_on(context, context.size() - 1); };
          context.compute(centred.sinks());
        },
        RankError);
  });
}

TEST(Faults, ARankThatExplainsWhileOthersComputeHoldsUpNothing) {
  const Watchdog watchdog("explaining meanwhile");
  const NothingIsLeft nothing;
  for_contexts([](Context& context) {
    for (int k = 0; k < 3; ++k) {
      if (context.rank() == 0) {
        EXPECT_NE(context.explain(Centred().sinks()).text, "");
      }
      expect_centred(context);
    }
  });
}

TEST(Faults, HandlesMayBeDroppedWhileTheRunUsesThem) {
  const Watchdog watchdog("dropping handles");
  const NothingIsLeft nothing;
  for_contexts([](Context& context) {
    for (bool in_a_task : {true, false}) {
      std::mutex mutex;
      std::vector<LayerPtr> handles;
      const auto drop = [&] {
        const std::lock_guard lock(mutex);
        handles.clear();
      };
      Centred centred;
      centred.reading.hook = [&](const ChunkIndex&) {
        if (in_a_task)
          drop();
        else
          std::jthread(drop).join();
      };
      auto sinks = centred.sinks();
      handles = {sinks[0], sinks[0]->inputs()[0], sinks[0]->inputs()[0]->inputs()[1]};
      context.compute({sinks[0]});
      sinks.clear();
      EXPECT_TRUE(handles.empty());
      centred.expect_right();
      EXPECT_EQ(context.state()->pool().lent_bytes(), 0u);
    }
  });
}

TEST(Faults, AContextThatIsDestroyedInATaskOfAnotherLeavesThatOneAlone) {
  const Watchdog watchdog("a context in a task");
  for_contexts([](Context& context) {
    Centred centred;
    centred.reading.hook = [](const ChunkIndex&) {
      try {
        const Context inner({.threads = 1});
        throw InputError("passes the inner context");
      } catch (const InputError&) {}
    };
    context.compute(centred.sinks());
    centred.expect_right();
  });
}

}  // namespace
}  // namespace dunlin::test
