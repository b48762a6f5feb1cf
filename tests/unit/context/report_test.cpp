// What a context tells: of its runs, of plans for pretended clusters, of time spent; and that it tells nothing unasked.

#include <mutex>

#include "context_fixture.hpp"

namespace dunlin::test {
namespace {

TEST(Report, SumsOverRanksAndIsTheSameOnAll) {
  const Watchdog watchdog("reports");
  for_contexts([](Context& context) {
    Doubled doubled;
    const RunReport report = context.compute(doubled.sinks());
    EXPECT_EQ(report.tasks, 24);
    EXPECT_EQ(report.bytes_decoded, 24 * 8);
    EXPECT_EQ(report.bytes_encoded, 24 * 8);
    EXPECT_GT(report.planned_peak_bytes, 0);
    EXPECT_GE(report.peak_resident_bytes, 0);
    EXPECT_GE(report.seconds, report.plan_seconds);
    const RunReport again = context.compute(doubled.sinks());
    EXPECT_EQ(again.tasks, 24) << "counts of one run, not of all so far";
    expect_same_on_all(context, std::to_string(report.planned_peak_bytes) + " " +
                                    std::to_string(report.planned_peak_rank) + " " +
                                    std::to_string(report.peak_resident_bytes));
  });
}

TEST(Explain, TellsOfAHundredThousandRanksWithoutRunningAnything) {
  const ChunkGrid grid = ChunkGrid::regular({1'000'000, 1000}, {10, 1000});
  std::atomic<int> tasks = 0;
  const LayerPtr x =
      source("x", grid, [](const Coords&) { return 1.0; }, {.hook = [&](const ChunkIndex&) { ++tasks; }});
  const LayerPtr rest = combined("rest", grid, x, straight(2), summed("total", x, {0}), {{1}}, -1);
  const Context context({.threads = 2, .memory = std::int64_t{1} << 30});
  const PlanReport report = context.explain({sink("out", rest, nullptr)}, 100'000);
  EXPECT_EQ(tasks, 0);
  EXPECT_NE(report.text.find("100000 ranks"), std::string::npos) << report.text;
  EXPECT_NE(report.text.find("99999"), std::string::npos) << report.text;
  EXPECT_EQ(report.json.front(), '{');
  EXPECT_EQ(report.dot.substr(0, 12), "digraph plan");
  EXPECT_EQ(context.state()->counters().tasks_planned, 0);
}

TEST(Explain, SpeaksOfTheContextsOwnRanksUnlessToldOthers) {
  const Watchdog watchdog("explaining");
  for_contexts([](Context& context) {
    const PlanReport own = context.explain(Doubled().sinks());
    EXPECT_EQ(own.text, context.explain(Doubled().sinks(), context.size()).text);
    expect_same_on_all(context, own.text + own.json);
  });
}

TEST(Explain, TellsWithWhichSentenceARunWouldBeRefused) {
  const Watchdog watchdog("refusing");
  for_ranks([](std::unique_ptr<Transport> ranks) {
    Context context(watched(std::move(ranks)), {.threads = 1, .memory = 16});
    const PlanReport plan = context.explain(Doubled().sinks());
    std::string refused;
    try {
      context.compute(Doubled().sinks());
    } catch (const RankError& error) {
      EXPECT_EQ(error.code, ErrorCode::memory);
      refused = error.what();
    }
    EXPECT_NE(refused, "");
    EXPECT_EQ(plan.refusal, refused);
  });
  Context roomy({.threads = 1, .memory = 1 << 30});
  EXPECT_EQ(roomy.explain(Doubled().sinks()).refusal, "");
}

TEST(Trace, OfAllRanksComesTogetherOnRank0) {
  const Watchdog watchdog("traces");
  for_contexts(
      [](Context& context) {
        context.compute(Doubled().sinks());
        const std::string text = context.state()->gather_trace();
        if (context.rank() != 0) {
          EXPECT_EQ(text, "");
        } else {
          for (int rank = 0; rank < context.size(); ++rank)
            EXPECT_NE(text.find("rank " + std::to_string(rank)), std::string::npos) << text;
          EXPECT_NE(text.find("\"scale\""), std::string::npos) << text;
          EXPECT_NE(text.find("\"out\""), std::string::npos) << text;
        }
        expect_works(context);
      },
      {.threads = 2, .trace = true});
}

TEST(Trace, ThatWasNotAskedForIsEmptyButWhole) {
  const Watchdog watchdog("empty traces");
  for_contexts([](Context& context) {
    expect_works(context);
    EXPECT_EQ(context.state()->gather_trace().empty(), context.rank() != 0);
  });
}

TEST(Quiet, NothingIsPrintedWhateverHappens) {
  const Watchdog watchdog("capturing output");
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  for_contexts([](Context& context) {
    expect_works(context);
    Doubled broken;
    broken.reading.hook = [](const ChunkIndex&) { throw StorageError("no room"); };
    EXPECT_THROW(context.compute(broken.sinks()), RankError);
    EXPECT_THROW(context.state()->on_all_ranks("checking", [] { throw InputError("nothing"); }), RankError);
    context.explain(Doubled().sinks(), 1000);
  });
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(Quiet, ALogThatWasAskedForGetsOneLineOfRank0) {
  const Watchdog watchdog("logging");
  for_ranks([](std::unique_ptr<Transport> ranks) {
    std::mutex mutex;
    std::vector<std::string> lines;
    const int rank = ranks->rank(), size = ranks->size();
    const auto log = std::make_shared<const Log>(LogLevel::info, [&](LogLevel, const std::string& line) {
      const std::lock_guard lock(mutex);
      lines.push_back(line);
    });
    const Context context(watched(std::move(ranks)), {.threads = 3, .memory = 1 << 20, .log = log});
    if (rank != 0) {
      EXPECT_TRUE(lines.empty());
      return;
    }
    ASSERT_FALSE(lines.empty());
    const std::string expected = std::to_string(size) + (size == 1 ? " rank" : " ranks") + " x 3 threads, ";
    EXPECT_EQ(lines[0].substr(0, expected.size()), expected);
    EXPECT_NE(lines[0].find("1.0 MiB of memory per rank"), std::string::npos) << lines[0];
  });
}

}  // namespace
}  // namespace dunlin::test
