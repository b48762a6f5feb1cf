// What a display says follows from the counts alone; a display says it at least once, cleans up, and never fails a run.

#include "dunlin/trace/progress.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace dunlin {
namespace {

constexpr std::int64_t M = 1 << 20;

TEST(Progress, TheBarShowsShareBytesRateAndTimeToCome) {
  struct Case {
    ProgressState state;
    const char *line, *why;
  };
  const Case cases[] = {
      {{96, 240, 1200 * M, 300 * M, 10},
       "[########            ]  40 %  96/240 tasks  read 1.2 GiB  wrote 300.0 MiB  150.0 MiB/s  ETA 15.0 s",
       "midway"},
      {{0, 240, 0, 0, 0},
       "[                    ]   0 %  0/240 tasks  read 0 B  wrote 0 B  0 B/s  ETA ?",
       "nothing done: nothing is known of the rest"},
      {{0, 0, 0, 0, 1},
       "[                    ]   0 %  0/0 tasks  read 0 B  wrote 0 B  0 B/s  ETA ?",
       "nothing planned"},
      {{240, 240, 10 * M, 10 * M, 4},
       "[####################] 100 %  240/240 tasks  read 10.0 MiB  wrote 10.0 MiB  5.0 MiB/s  ETA 0 ms",
       "all done"},
      {{239, 240, 0, 0, 239},
       "[################### ]  99 %  239/240 tasks  read 0 B  wrote 0 B  0 B/s  ETA 1.0 s",
       "never 100 % before the end"},
      {{9, 6, 0, 0, 1},
       "[####################] 100 %  9/6 tasks  read 0 B  wrote 0 B  0 B/s  ETA 0 ms",
       "counts read a moment apart"},
  };
  for (const auto& [state, line, why] : cases) EXPECT_EQ(render_bar(state, 200), line) << why;
}

TEST(Progress, TheBarFitsItsColumns) {
  const ProgressState state = {96, 240, 1200 * M, 300 * M, 10};
  for (const int columns : {200, 80, 40, 10, 1, 0, -5}) {
    const std::string line = render_bar(state, columns);
    EXPECT_LE(line.size(), static_cast<std::size_t>(std::max(columns, 0)));
    EXPECT_TRUE(render_bar(state, 200).starts_with(line)) << "what is most wanted stands first";
  }
}

TEST(Progress, TheLogSaysTheSameInALine) {
  EXPECT_EQ(render_log({96, 240, 1200 * M, 300 * M, 10}),
            "progress: 40 % (96/240 tasks), read 1.2 GiB, wrote 300.0 MiB, 150.0 MiB/s, ETA 15.0 s");
}

TEST(Progress, TheLogWaitsForProgressButNotForLong) {
  const ProgressState last = {10, 100, 0, 0, 5};
  struct Case {
    ProgressState now;
    bool due;
    const char* why;
  };
  const Case cases[] = {
      {{90, 100, 0, 0, 9.9}, false, "too soon, whatever is done"},
      {{15, 100, 0, 0, 10}, true, "5 s and 5 %"},
      {{14, 100, 0, 0, 34.9}, false, "less than 5 %, and less than 30 s"},
      {{10, 100, 0, 0, 35}, true, "30 s, and nothing done: the job lives"},
      {{0, 0, 0, 0, 35}, true, "30 s, and nothing planned yet"},
  };
  for (const Case& one : cases) EXPECT_EQ(log_is_due(last, one.now), one.due) << one.why;
}

/// Seconds at which a job that works evenly says something, looked at five times a second.
std::vector<double> said_at(double duration) {
  std::vector<double> said;
  ProgressState last;
  for (int tick = 0; tick * 0.2 <= duration; ++tick) {
    const double now = tick * 0.2;
    const ProgressState state = {static_cast<std::int64_t>(1000 * now / duration), 1000, 0, 0, now};
    if (!log_is_due(last, state)) continue;
    said.push_back(now);
    last = state;
  }
  return said;
}

TEST(Progress, ALongJobSaysSomethingEvery30SecondsAndAShortOneTwentyTimesAtMost) {
  EXPECT_TRUE(said_at(4).empty());
  EXPECT_LE(said_at(20).size(), 4u) << "5 s apart";
  EXPECT_EQ(said_at(200).size(), 20u) << "every 5 %";
  const std::vector<double> hours = said_at(3600);
  EXPECT_NEAR(static_cast<double>(hours.size()), 120, 2);
  for (std::size_t k = 1; k < hours.size(); ++k) EXPECT_LE(hours[k] - hours[k - 1], 30.2 + 1e-6);
}

TEST(Progress, ABarIsDrawnAtLeastOnceAndWipedAtTheEnd) {
  Counters counters;
  counters.tasks_planned = 4;
  counters.tasks_done = 1;
  std::vector<std::string> pieces;
  Progress progress(
      counters, ProgressMode::bar, [&](const std::string& text) { pieces.push_back(text); }, 60);
  progress.stop();
  const std::size_t count = pieces.size();
  ASSERT_GE(count, 2u);
  EXPECT_TRUE(pieces.front().starts_with("\r[#####               ]  25 %  1/4 tasks")) << pieces.front();
  EXPECT_EQ(pieces.back(), "\r\033[K");
  progress.stop();
  EXPECT_EQ(pieces.size(), count) << "nothing is said after the end";
}

TEST(Progress, OffAndWithoutASinkNothingIsSaid) {
  const Counters counters;
  int calls = 0;
  {
    Progress progress(counters, ProgressMode::off, [&](const std::string&) { ++calls; });
  }
  { Progress progress(counters, ProgressMode::bar, nullptr); }
  {
    Progress progress(counters, ProgressMode::log, [&](const std::string&) { ++calls; });
  }
  EXPECT_EQ(calls, 0) << "a short run says nothing in a log";
}

TEST(Progress, ASinkThatFailsEndsTheDisplayAndNotTheRun) {
  const Counters counters;
  int calls = 0;
  {
    Progress progress(counters, ProgressMode::bar, [&](const std::string&) {
      ++calls;
      throw std::runtime_error("the terminal went away");
    });
  }
  EXPECT_EQ(calls, 1);
}

TEST(Progress, AFileGetsWhatIsShown) {
  std::FILE* file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  file_sink(file)("one");
  file_sink(file)(std::string("\0two", 4));
  std::rewind(file);
  char read[16];
  EXPECT_EQ(std::string(read, std::fread(read, 1, sizeof read, file)), std::string("one\0two", 7));
  std::fclose(file);
}

}  // namespace
}  // namespace dunlin
