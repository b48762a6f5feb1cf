#pragma once
// Options that every command which computes has: how it runs, and what it says on the way. None of them changes a byte
// of the result.
//
//   --threads N   --memory SIZE   --progress auto|bar|log|off   --trace FILE   --plan   --plan-ranks N
//   --plan-format text|json|dot

#include <string>
#include <vector>

#include "command_line.hpp"
#include "dunlin/context/context.hpp"
#include "dunlin/trace/progress.hpp"

namespace dunlin {

/// The words, as they are typed.
struct RunWords {
  std::string threads, memory, progress = "auto", trace, plan_ranks, plan_format;
  bool plan = false;
  void declare(CommandLine& line);
};

class RunOptions {
 public:
  /// Throws UsageError.
  explicit RunOptions(const RunWords& words);

  /// Only the plan is asked for; for so many ranks (0: those that there are).
  bool plan() const { return plan_; }
  int plan_ranks() const { return plan_ranks_; }
  /// What is printed of a plan under `title`: for people with the title, for programs the document alone.
  std::string plan_text(const std::string& title, const PlanReport& plan) const;
  /// What a context of this run is made with: log on rank 0, stop flag, budget, threads.
  Options context_options(int rank) const;
  /// How progress is shown by rank 0.
  ProgressMode progress() const { return progress_; }
  /// Where the trace goes; empty: nowhere.
  const std::string& trace() const { return trace_; }

 private:
  int threads_ = 0, plan_ranks_ = 0;
  std::int64_t memory_ = 0;
  ProgressMode progress_ = ProgressMode::off;
  std::string trace_;
  bool plan_ = false;
  enum class PlanFormat { text, json, dot } plan_format_ = PlanFormat::text;
};

}  // namespace dunlin
