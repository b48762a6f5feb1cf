#include "run_options.hpp"

#include "dunlin/base/byte_size.hpp"
#include "stop_signals.hpp"
#include "terminal.hpp"

namespace dunlin {
namespace {

constexpr std::int64_t kMostThreads = 4096, kMostRanks = 100'000'000;

ProgressMode progress_mode(const std::string& text) {
  const std::vector<std::string> known = {"auto", "bar", "log", "off"};
  if (text == "auto") return stderr_is_terminal() ? ProgressMode::bar : ProgressMode::log;
  if (text == "bar") return ProgressMode::bar;
  if (text == "log") return ProgressMode::log;
  if (text == "off") return ProgressMode::off;
  throw UsageError("--progress is '" + text + "': give auto, bar, log or off" + nearest_hint(text, known));
}

std::int64_t memory_size(const std::string& text) {
  std::int64_t bytes = 0;
  try {
    bytes = parse_byte_size(text);
  } catch (const BadByteSize& error) {
    throw UsageError(std::string("--memory: ") + error.what());
  }
  if (bytes < 1) throw UsageError("--memory is '" + text + "': a rank needs some, for example 200M");
  return bytes;
}

}  // namespace

void RunWords::declare(CommandLine& line) {
  constexpr auto how = CommandLine::Use::how;
  line.heading("Running");
  line.option("--threads", "N", threads, "threads of each rank (the cores that it is bound to)", how);
  line.option("--memory", "SIZE", memory, "memory of each rank for chunks, e.g. 200M (80 % of its share)", how);
  line.option("--progress", "HOW", progress, "auto, bar, log or off: bar on a terminal, else log", how);
  line.option("--trace", "FILE", trace, "write what happened when, for ui.perfetto.dev", how);
  line.flag("--plan", plan, "print the plan with its peak memory and bytes per rank, run nothing", how);
  line.option("--plan-ranks", "N", plan_ranks, "print the plan for N ranks, however many there are", how);
}

RunOptions::RunOptions(const RunWords& words)
    : progress_(progress_mode(words.progress)), trace_(words.trace), plan_(words.plan || !words.plan_ranks.empty()) {
  if (!words.threads.empty()) threads_ = static_cast<int>(parse_count("--threads", words.threads, 1, kMostThreads));
  if (!words.memory.empty()) memory_ = memory_size(words.memory);
  if (!words.plan_ranks.empty())
    plan_ranks_ = static_cast<int>(parse_count("--plan-ranks", words.plan_ranks, 1, kMostRanks));
}

Options RunOptions::context_options(int rank) const {
  Options options;
  options.threads = threads_;
  options.memory = memory_;
  options.trace = !trace_.empty() && !plan_;
  options.stop = &stop_flag();
  // Warnings always; the opening line, which says how many cores are used, where progress is told.
  if (rank == 0) options.log = stderr_log(plan_ || progress_ == ProgressMode::off ? LogLevel::warning : LogLevel::info);
  return options;
}

}  // namespace dunlin
