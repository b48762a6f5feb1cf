// What options mean: words become numbers and choices, and wrong ones are named with what would be right.

#include <gtest/gtest.h>

#include "output_options.hpp"
#include "run_options.hpp"

namespace dunlin {
namespace {

template <class Make>
std::string refusal(Make&& make) {
  try {
    make();
    return "accepted";
  } catch (const UsageError& error) {
    return error.what();
  }
}

TEST(RunOptions, TakeNumbersAndSizes) {
  RunWords words;
  words.threads = "3";
  words.memory = "200M";
  words.trace = "t.json";
  const RunOptions options(words);
  const Options context = options.context_options(1);
  EXPECT_EQ(context.threads, 3);
  EXPECT_EQ(context.memory, 200 << 20);
  EXPECT_TRUE(context.trace);
  EXPECT_NE(context.stop, nullptr);
  EXPECT_FALSE(options.plan());
}

TEST(RunOptions, LeaveToTheContextWhatIsNotSaid) {
  const Options context = RunOptions(RunWords{}).context_options(0);
  EXPECT_EQ(context.threads, 0);
  EXPECT_EQ(context.memory, 0);
  EXPECT_FALSE(context.trace);
}

TEST(RunOptions, OnlyRankZeroSpeaksAndLessIfAskedTo) {
  RunWords words;
  words.progress = "log";
  EXPECT_EQ(RunOptions(words).context_options(1).log, nullptr);
  EXPECT_TRUE(RunOptions(words).context_options(0).log->wants(LogLevel::info));
  words.progress = "off";
  const std::shared_ptr<const Log> log = RunOptions(words).context_options(0).log;
  EXPECT_FALSE(log->wants(LogLevel::info));
  EXPECT_TRUE(log->wants(LogLevel::warning));
}

TEST(RunOptions, ANumberOfPretendedRanksAsksForThePlan) {
  RunWords words;
  words.plan_ranks = "100000";
  EXPECT_TRUE(RunOptions(words).plan());
  EXPECT_EQ(RunOptions(words).plan_ranks(), 100000);
}

TEST(RunOptions, AFormatAsksForThePlanInIt) {
  const PlanReport plan{.text = "for people", .json = "{}", .dot = "digraph plan {}\n"};
  const auto told = [&](const char* format) {
    RunWords words;
    words.plan = true;
    words.plan_format = format;
    EXPECT_TRUE(RunOptions(words).plan());
    return RunOptions(words).plan_text("anomaly of sst", plan);
  };
  EXPECT_EQ(told(""), "anomaly of sst\nfor people");
  EXPECT_EQ(told("text"), "anomaly of sst\nfor people");
  EXPECT_EQ(told("json"), "{}\n") << "a document, nothing around it";
  EXPECT_EQ(told("dot"), "digraph plan {}\n");
  RunWords words;
  words.plan_format = "dot";
  EXPECT_TRUE(RunOptions(words).plan());
}

TEST(RunOptions, WrongWordsAreNamed) {
  const auto with = [](std::string RunWords::*word, const char* text) {
    RunWords words;
    words.*word = text;
    return refusal([&] { RunOptions{words}; });
  };
  EXPECT_EQ(with(&RunWords::threads, "two"), "--threads is 'two': give a whole number from 1 to 4096");
  EXPECT_EQ(with(&RunWords::memory, "much"),
            "--memory: 'much' is no amount of memory: give a number and K, M, G or T (binary units), for example 200M "
            "or 1.5GiB");
  EXPECT_EQ(with(&RunWords::memory, "0"), "--memory is '0': a rank needs some, for example 200M");
  EXPECT_EQ(with(&RunWords::progress, "bra"), "--progress is 'bra': give auto, bar, log or off; did you mean 'bar'?");
  EXPECT_EQ(with(&RunWords::plan_format, "jsn"),
            "--plan-format is 'jsn': give text, json or dot; did you mean 'json'?");
  EXPECT_EQ(with(&RunWords::plan_ranks, "0"), "--plan-ranks is '0': give a whole number from 1 to 100000000");
}

TEST(OutputOptions, TakeCodecChunksAndPath) {
  OutputWords words;
  words.out = "out.zarr";
  words.codec = "zstd:3";
  words.chunks = "time=1,lat=all";
  words.overwrite = true;
  const OutputOptions options(words);
  EXPECT_EQ(options.path, "out.zarr");
  EXPECT_EQ(options.zarr.codec.name, "zstd");
  EXPECT_EQ(options.zarr.codec.level, 3);
  EXPECT_FALSE(options.zarr.chunks.empty());
  EXPECT_TRUE(options.zarr.overwrite);
}

TEST(OutputOptions, NamesThatPromiseAnotherFormatAreRefused) {
  const auto named = [](const char* out) {
    OutputWords words;
    words.out = out;
    return refusal([&] { OutputOptions{words}; });
  };
  EXPECT_EQ(named("a/b.nc"), "OUT is 'a/b.nc', and what is written is a Zarr v3 hierarchy, a folder: name it a/b.zarr");
  EXPECT_EQ(named("b.zarr:sst"),
            "OUT is 'b.zarr:sst': a hierarchy is written as a whole, without :VARIABLE: give b.zarr");
  EXPECT_EQ(named(""), "OUT is empty: give the path of what is to be written, such as out.zarr");
  for (const char* good : {"out", "out.zarr", "a.nc.zarr", "2020-01-01T00:00", "x.ncx"})
    EXPECT_EQ(named(good), "accepted") << good;
}

TEST(OutputOptions, UnknownCodecsAreRefused) {
  OutputWords words;
  words.out = "out.zarr";
  words.codec = "zip";
  EXPECT_THROW(OutputOptions{words}, UsageError);
}

}  // namespace
}  // namespace dunlin
