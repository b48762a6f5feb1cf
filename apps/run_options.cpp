#include "run_options.hpp"

#include <algorithm>

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
  line.option("--plan-format", "FORMAT", plan_format, "print the plan as text, json or dot (a drawing, for Graphviz)",
              how);
}

RunOptions::RunOptions(const RunWords& words)
    : progress_(progress_mode(words.progress)),
      trace_(words.trace),
      plan_(words.plan || !words.plan_ranks.empty() || !words.plan_format.empty()) {
  if (!words.threads.empty()) threads_ = static_cast<int>(parse_count("--threads", words.threads, 1, kMostThreads));
  if (!words.memory.empty()) memory_ = memory_size(words.memory);
  if (!words.plan_ranks.empty())
    plan_ranks_ = static_cast<int>(parse_count("--plan-ranks", words.plan_ranks, 1, kMostRanks));
  const std::vector<std::string> formats = {"text", "json", "dot"};
  const auto format = std::find(formats.begin(), formats.end(), words.plan_format);
  if (format != formats.end())
    plan_format_ = static_cast<PlanFormat>(format - formats.begin());
  else if (!words.plan_format.empty())
    throw UsageError("--plan-format is '" + words.plan_format + "': give text, json or dot" +
                     nearest_hint(words.plan_format, formats));
}

std::string RunOptions::plan_text(const std::string& title, const PlanReport& plan) const {
  if (plan_format_ == PlanFormat::json) return plan.json + "\n";
  return plan_format_ == PlanFormat::dot ? plan.dot : title + "\n" + plan.text;
}

Options RunOptions::context_options(int rank) const {
  Options options;
  options.threads = threads_;
  options.memory = memory_;
  options.trace = !trace_.empty() && !plan_;
  options.stop = &stop_flag();
  options.bind = true;  // one rank or all of a node's: the program has it to itself
  // Warnings always; the opening line, which says how many cores are used, where progress is told.
  if (rank == 0) options.log = stderr_log(plan_ || progress_ == ProgressMode::off ? LogLevel::warning : LogLevel::info);
  return options;
}

}  // namespace dunlin
