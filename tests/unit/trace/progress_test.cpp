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

TEST(Progress, TheLogWaitsForTimeAndProgress) {
  const ProgressState last = {10, 100, 0, 0, 5};
  EXPECT_FALSE(log_is_due(last, {90, 100, 0, 0, 34})) << "too soon";
  EXPECT_FALSE(log_is_due(last, {14, 100, 0, 0, 500})) << "too little done";
  EXPECT_TRUE(log_is_due(last, {15, 100, 0, 0, 35})) << "30 s and 5 %";
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
