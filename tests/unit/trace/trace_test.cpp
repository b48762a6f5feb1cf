// Spans are recorded per thread with their bytes, and a trace that is off records nothing.

#include "dunlin/trace/trace.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace dunlin {
namespace {

TEST(Trace, IsOffUnlessAskedFor) {
  Trace trace;
  { SpanTimer timer(&trace, 0, "read", "io"); }
  { SpanTimer timer(nullptr, 0, "read", "io"); }
  EXPECT_FALSE(trace.enabled());
  EXPECT_TRUE(trace.events().empty());
}

TEST(Trace, SpansSayWhatWhenAndHowMuch) {
  Trace trace;
  trace.enable(2);
  {
    SpanTimer outer(&trace, 1, "outer", "task");
    SpanTimer inner(&trace, 1, "inner", "io");
    inner.bytes(30);
    inner.bytes(12);
  }
  ASSERT_EQ(trace.events().size(), 2u);
  EXPECT_TRUE(trace.events()[0].empty());
  const auto& events = trace.events()[1];
  ASSERT_EQ(events.size(), 2u);
  EXPECT_STREQ(events[0].name, "inner") << "spans are recorded when they end";
  EXPECT_STREQ(events[0].category, "io");
  EXPECT_EQ(events[0].bytes, 42);
  EXPECT_EQ(events[1].bytes, 0);
  EXPECT_LE(events[1].begin_ns, events[0].begin_ns);
  EXPECT_LE(events[0].begin_ns, events[0].end_ns);
  EXPECT_LE(events[0].end_ns, events[1].end_ns);
}

TEST(Trace, SpansSayStoredBytesBesideThoseInMemory) {
  Trace trace;
  trace.enable(1);
  {
    SpanTimer timer(&trace, 0, "read", "io");
    timer.bytes(4096);
    timer.stored(1000);
    timer.stored(24);
  }
  EXPECT_EQ(trace.events()[0][0].bytes, 4096);
  EXPECT_EQ(trace.events()[0][0].stored, 1024);
}

TEST(Trace, CountersAreSampledWhereSpansEndButNotOftenerThanAPictureNeeds) {
  Counters counters;
  Trace trace;
  trace.enable(2, &counters);
  constexpr std::int64_t kMillisecond = 1'000'000;
  for (int k = 0; k < 100; ++k) {
    counters.bytes_read += 10;
    trace.record(k % 2, {"a", "b", k * kMillisecond, k * kMillisecond + 1, 0});
  }
  counters.bytes_written = 7;
  const std::vector<CounterSample> samples = trace.samples();
  EXPECT_GE(samples.size(), 20u);
  EXPECT_LE(samples.size(), 45u) << "every 5 ms on each of two threads, and the last";
  for (std::size_t k = 1; k < samples.size(); ++k) {
    EXPECT_GE(samples[k].time_ns, samples[k - 1].time_ns);
    EXPECT_GE(samples[k].bytes_read, samples[k - 1].bytes_read);
  }
  EXPECT_EQ(samples.back().bytes_read, 1000);
  EXPECT_EQ(samples.back().bytes_written, 7);
}

TEST(Trace, WithoutCountersThereAreNoSamples) {
  Trace trace;
  trace.enable(1);
  trace.record(0, {"a", "b", 0, 1, 0});
  EXPECT_TRUE(trace.samples().empty());
}

TEST(Trace, EnablingAgainKeepsWhatIsThere) {
  Trace trace;
  trace.enable(1);
  trace.record(0, {"a", "b", 0, 1, 0});
  trace.disable();
  trace.record(0, {"dropped", "b", 0, 1, 0});
  trace.enable(3);
  EXPECT_EQ(trace.events().size(), 3u);
  ASSERT_EQ(trace.events()[0].size(), 1u);
  trace.enable(1);
  EXPECT_EQ(trace.events().size(), 3u) << "fewer threads lose nothing";
}

TEST(Trace, KeptNamesOutliveTheirStringAndLaterNames) {
  Trace trace;
  const char* first = trace.keep(std::string("name 0"));
  for (int k = 1; k < 1000; ++k) trace.keep("name " + std::to_string(k));
  EXPECT_STREQ(first, "name 0");
}

TEST(Trace, ThreadsRecordSideBySide) {
  constexpr int kThreads = 4, kSpans = 1000;
  Trace trace;
  trace.enable(kThreads);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread)
    threads.emplace_back([&, thread] {
      for (int k = 0; k < kSpans; ++k) SpanTimer(&trace, thread, "task", "test").bytes(thread);
    });
  for (std::thread& thread : threads) thread.join();
  for (int thread = 0; thread < kThreads; ++thread) {
    const auto& events = trace.events()[static_cast<std::size_t>(thread)];
    ASSERT_EQ(events.size(), static_cast<std::size_t>(kSpans));
    for (const TraceEvent& event : events) EXPECT_EQ(event.bytes, thread);
  }
}

}  // namespace
}  // namespace dunlin
