// Ranks that do the same agree once and go on; ranks that do not are told so, all of them, before anything has run.
// Built twice: over local ranks (tests/unit) and over MPI (tests/mpi).

#include <atomic>

#include "context_fixture.hpp"

namespace dunlin::test {
namespace {

/// Counts the agreements of the transport below.
class CountingTransport final : public Transport {
 public:
  CountingTransport(std::unique_ptr<Transport> below, std::atomic<int>& agreements)
      : Transport(below->rank(), below->size()), below_(std::move(below)), agreements_(agreements) {}
  RequestId send(int peer, std::int64_t ordinal, std::span<const std::byte> bytes, std::size_t planned) override {
    return below_->send(peer, ordinal, bytes, planned);
  }
  RequestId receive(int peer, std::int64_t ordinal, std::span<std::byte> into) override {
    return below_->receive(peer, ordinal, into);
  }
  void poll(std::vector<Completion>& done) override {
    below_->poll(done);
    alarmed_ = below_->alarmed();
  }
  void start_agreement(const Agreement& mine) override {
    ++agreements_;
    below_->start_agreement(mine);
  }
  bool test_agreement(Agreement& result) override {
    const bool done = below_->test_agreement(result);
    alarmed_ = below_->alarmed();
    return done;
  }
  void broadcast(std::vector<std::byte>& bytes, int root) override { below_->broadcast(bytes, root); }
  void raise_alarm() override {
    below_->raise_alarm();
    alarmed_ = true;
  }
  void settle_alarm(bool any) override {
    below_->settle_alarm(any);
    alarmed_ = false;
  }

 private:
  std::unique_ptr<Transport> below_;
  std::atomic<int>& agreements_;
};

TEST(Agreement, IsOnePerComputeBeforeTheFirstTask) {
  const Watchdog watchdog("counting agreements");
  for_ranks([](std::unique_ptr<Transport> ranks) {
    std::atomic<int> agreements = 0, before_tasks = 0;
    Context context(std::make_unique<CountingTransport>(watched(std::move(ranks)), agreements), {.threads = 2});
    EXPECT_EQ(agreements, 1) << "making a context";
    for (int repeat = 0; repeat < 3; ++repeat) {
      agreements = 0;
      before_tasks = 1;
      Doubled doubled;
      doubled.reading.hook = [&](const ChunkIndex&) { before_tasks = agreements.load(); };
      context.compute(doubled.sinks());
      EXPECT_EQ(before_tasks, 1) << "nothing runs before it, and nothing is agreed while it runs";
      EXPECT_EQ(agreements, 2) << "on the plan and on its end: no sink has anything to finish";
    }
  });
}

struct Difference {
  const char* why;
  std::function<std::vector<LayerPtr>(Doubled&, const TaskSettings&)> graph;  // of the rank that differs
  int layer;
  const char* on_rank_0;  // the name, where the last rank differs
};

const Difference kDifferences[] = {
    {"one constant", [](Doubled& doubled, const TaskSettings&) { return doubled.factor = 3, doubled.sinks(); }, 1,
     "scale"},
    {"one grid",
     [](Doubled& doubled, const TaskSettings&) {
       return doubled.grid = ChunkGrid::regular({24}, {4}), doubled.sinks();
     },
     0, "x"},
    {"one length",
     [](Doubled& doubled, const TaskSettings&) {
       return doubled.grid = ChunkGrid::regular({25}, {3}), doubled.sinks();
     },
     0, "x"},
    {"one more layer",
     [](Doubled& doubled, const TaskSettings&) {
       return std::vector{sink("out", scaled("more", doubled.value(), 1, 1), nullptr)};
     },
     2, "out"},
    {"one layer less",
     [](Doubled& doubled, const TaskSettings& settings) {
       return std::vector{sink("out",
                               source(
                                   "x", doubled.grid, [](const Coords&) { return 0.0; }, settings),
                               nullptr)};
     },
     1, "scale"},
    {"another input",
     [](Doubled& doubled, const TaskSettings& settings) {
       return std::vector{sink("out",
                               scaled("scale",
                                      source(
                                          "y", doubled.grid, [](const Coords&) { return 0.0; }, settings),
                                      2, 0),
                               nullptr)};
     },
     0, "x"},
    {"one more sink",
     [](Doubled& doubled, const TaskSettings&) {
       auto sinks = doubled.sinks();
       sinks.push_back(sink("second", sinks[0]->inputs()[0], nullptr));
       return sinks;
     },
     3, "(no such layer)"},
    {"nothing at all", [](Doubled&, const TaskSettings&) { return std::vector<LayerPtr>(); }, 0, "x"},
};

TEST(Agreement, GraphsThatDifferAreRefusedOnAllRanksNamingTheFirstLayerThatDoes) {
  const Watchdog watchdog("graphs that differ");
  for_contexts([](Context& context) {
    if (context.size() == 1) return;
    for (const Difference& difference : kDifferences)
      for (int odd : {context.size() - 1, 0}) {
        SCOPED_TRACE(std::string(difference.why) + " on rank " + std::to_string(odd));
        std::atomic<int> tasks = 0;
        Doubled doubled;
        doubled.reading.hook = [&](const ChunkIndex&) { ++tasks; };
        const auto sinks = context.rank() == odd ? difference.graph(doubled, doubled.reading) : doubled.sinks();
        const auto error = error_of<GraphsDiffer>([&] { context.compute(sinks); });
        EXPECT_EQ(tasks, 0) << "a task ran";
        ASSERT_TRUE(error);
        EXPECT_EQ(error->layer, difference.layer);
        EXPECT_EQ(error->code, ErrorCode::usage);
        if (odd != 0) {
          EXPECT_EQ(std::string(error->what()),
                    "the ranks have built different graphs; the first layer that differs is number " +
                        std::to_string(difference.layer) + ", '" + difference.on_rank_0 +
                        "' on rank 0: every rank must run the same code on the same arguments and inputs");
        }
        expect_same_on_all(context, error->what());
        expect_works(context);
      }
  });
}

struct Calls {
  const char* why;
  std::function<void(Context&)> odd, others;
};

void broadcast_step(Context& context, const char* what) {
  context.state()->on_one_rank(what, [] { return std::vector<std::byte>(); });
}

const Calls kCalls[] = {
    {"compute against a step of rank 0", [](Context& context) { context.compute(Doubled().sinks()); },
     [](Context& context) { broadcast_step(context, "opening a.nc"); }},
    {"two steps of rank 0", [](Context& context) { broadcast_step(context, "opening a.nc"); },
     [](Context& context) { broadcast_step(context, "opening b.nc"); }},
    {"a step of all ranks against compute", [](Context& context) { context.state()->on_all_ranks("checking", [] {}); },
     [](Context& context) { context.compute(Doubled().sinks()); }},
    {"two steps of all ranks", [](Context& context) { context.state()->on_all_ranks("checking", [] {}); },
     [](Context& context) { context.state()->on_all_ranks("counting", [] {}); }},
    {"a trace against a step of all ranks", [](Context& context) { context.state()->gather_trace(); },
     [](Context& context) { context.state()->on_all_ranks("counting", [] {}); }},
};

TEST(Agreement, RanksInDifferentCallsAreToldSoAndGoOn) {
  const Watchdog watchdog("calls that differ");
  for_contexts([](Context& context) {
    if (context.size() == 1) return;
    for (const Calls& calls : kCalls)
      for (int odd = 0; odd < context.size(); ++odd) {
        SCOPED_TRACE(std::string(calls.why) + ", rank " + std::to_string(odd) + " the odd one");
        const auto error = error_of<CallsDiffer>([&] { (context.rank() == odd ? calls.odd : calls.others)(context); });
        ASSERT_TRUE(error);
        EXPECT_EQ(error->code, ErrorCode::usage);
        expect_works(context);
      }
  });
}

TEST(Agreement, TheSentenceNamesBothCalls) {
  const Watchdog watchdog("calls that differ");
  for_contexts([](Context& context) {
    if (context.size() == 1) return;
    const auto error = error_of<CallsDiffer>([&] {
      if (context.rank() == 0)
        context.compute(Doubled().sinks());
      else
        broadcast_step(context, "opening a.nc");
    });
    ASSERT_TRUE(error);
    const std::string rank = "rank " + std::to_string(context.rank()) + " is in ";
    EXPECT_EQ(std::string(error->what()),
              "the ranks are in different calls: " + rank +
                  (context.rank() == 0 ? "compute, others in a step of rank 0"
                                       : "a step of rank 0 ('opening a.nc'), others in compute") +
                  "; every rank must make the same collective calls in the same order");
  });
}

TEST(Agreement, ARankThatLeavesWhileOthersComputeEndsTheContextForAll) {
  const Watchdog watchdog("leaving early");
  for_ranks([](std::unique_ptr<Transport> ranks) {
    if (ranks->size() == 1) return;
    const int rank = ranks->rank();
    auto context = std::make_unique<Context>(std::move(ranks), Options{.threads = 2});
    const auto state = context->state();
    if (rank != 0) {
      const auto error = error_of<CallsDiffer>([&] { context->compute(Doubled().sinks()); });
      ASSERT_TRUE(error);
      EXPECT_NE(std::string(error->what()).find("leaving"), std::string::npos) << error->what();
      EXPECT_THROW(context->compute(Doubled().sinks()), ContextGone);
    }
    context.reset();
    EXPECT_THROW(state->compute(Doubled().sinks()), ContextGone);
  });
}

}  // namespace
}  // namespace dunlin::test
