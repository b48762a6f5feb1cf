// Nothing is said unless asked for, nothing above the level, and one line at a time.

#include "dunlin/trace/log.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace dunlin {
namespace {

using Lines = std::vector<std::pair<LogLevel, std::string>>;

Lines said_at(LogLevel level) {
  Lines lines;
  const Log log(level, [&](LogLevel at, const std::string& line) { lines.emplace_back(at, line); });
  log.warning("w");
  log.info("i");
  log.debug("d");
  log.write(LogLevel::off, "never");
  return lines;
}

TEST(Log, SaysWhatItsLevelWantsAndNoMore) {
  const Lines all = {{LogLevel::warning, "w"}, {LogLevel::info, "i"}, {LogLevel::debug, "d"}};
  EXPECT_EQ(said_at(LogLevel::off), Lines());
  EXPECT_EQ(said_at(LogLevel::warning), Lines(all.begin(), all.begin() + 1));
  EXPECT_EQ(said_at(LogLevel::info), Lines(all.begin(), all.begin() + 2));
  EXPECT_EQ(said_at(LogLevel::debug), all);
}

TEST(Log, WithoutASinkDropsEverything) {
  const Log silent;
  const Log without(LogLevel::debug, nullptr);
  EXPECT_FALSE(silent.wants(LogLevel::warning));
  EXPECT_FALSE(without.wants(LogLevel::warning));
  EXPECT_NO_THROW(silent.warning("x"));
  EXPECT_NO_THROW(without.warning("x"));
}

TEST(Log, CallsItsSinkOneLineAtATime) {
  constexpr int kThreads = 4, kLines = 500;
  int inside = 0, overlaps = 0, lines = 0;  // plain numbers: the log's lock is what protects them
  const Log log(LogLevel::info, [&](LogLevel, const std::string&) {
    overlaps += ++inside != 1;
    ++lines;
    --inside;
  });
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread)
    threads.emplace_back([&] {
      for (int k = 0; k < kLines; ++k) log.info("line");
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(lines, kThreads * kLines);
  EXPECT_EQ(overlaps, 0);
}

}  // namespace
}  // namespace dunlin
