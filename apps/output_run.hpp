#pragma once
// The run of a command that writes: context, progress, trace, closing line; or the plan alone.
//
//   OutputRun run(connection, options);                     // collective
//   const Dataset result = …(open_dataset(run.context(), …));
//   run.finish("anomaly of sst over time", result, output); // writes OUT and says so, or prints the plan

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "dunlin/labelled/dataset.hpp"
#include "output_options.hpp"
#include "run_options.hpp"
#include "support/connection.hpp"
#include "trace_file.hpp"

namespace dunlin {

/// FILE of --trace is an input, or lies where the output will be.
struct TraceInTheWay : UsageError {
  TraceInTheWay(const std::string& trace, const std::string& other);
};

/// Collective: rank 0 prints what `text` says, and all know whether that went well.
void print_once(ContextState& context, const std::function<std::string()>& text);

class OutputRun {
 public:
  /// Collective. `options` outlive the run.
  OutputRun(Connection& connection, const RunOptions& options);

  Context& context() { return context_; }
  /// Collective. `title` says what was done.
  void finish(const std::string& title, const Dataset& result, const OutputOptions& output);

 private:
  void begin_trace(const Dataset& result, const std::string& out);
  void write_trace();
  std::string closing(const std::string& title, const RunReport& report, const std::string& out) const;

  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  const RunOptions& options_;
  Context context_;
  std::optional<TraceFile> trace_file_;  // on rank 0
};

}  // namespace dunlin
