#include "output_run.hpp"

#include <algorithm>
#include <filesystem>

#include "dunlin/base/posix_file.hpp"
#include "dunlin/trace/report.hpp"
#include "terminal.hpp"

namespace dunlin {
namespace {

namespace fs = std::filesystem;

/// True where `path` is `other` or lies in it; either may be missing.
bool is_or_lies_in(const std::string& path, const std::string& other) {
  std::error_code ignored;
  const fs::path a = fs::weakly_canonical(path, ignored), b = fs::weakly_canonical(other, ignored);
  return std::mismatch(a.begin(), a.end(), b.begin(), b.end()).second == b.end();
}

}  // namespace

TraceInTheWay::TraceInTheWay(const std::string& trace, const std::string& other)
    : UsageError("--trace " + trace + " would be written into " + other + ": give a file elsewhere") {}

void print_once(ContextState& context, const std::function<std::string()>& text) {
  context.on_one_rank("writing to standard output", [&] {
    print(text());
    return std::vector<std::byte>{};
  });
}

OutputRun::OutputRun(Connection& connection, const RunOptions& options)
    : options_(options), context_(connection.take_transport(), options.context_options(connection.rank())) {}

void OutputRun::finish(const std::string& title, const Dataset& result, const OutputOptions& output) {
  ZarrOutput zarr(result, output.path, output.zarr);
  if (options_.plan()) {
    const PlanReport plan = zarr.explain(options_.plan_ranks());
    print_once(*context_.state(), [&] { return options_.plan_text(title + " to " + output.path, plan); });
    if (!plan.refusal.empty()) throw MemoryRefused(plan.refusal);
    return;
  }
  begin_trace(result, output.path);
  Progress progress(context_.state()->counters(), context_.rank() == 0 ? options_.progress() : ProgressMode::off,
                    file_sink(stderr), stderr_columns());
  const RunReport report = zarr.write();
  progress.stop();
  write_trace();
  print_once(*context_.state(), [&] { return closing(title, report, output.path); });
}

std::string OutputRun::closing(const std::string& title, const RunReport& report, const std::string& out) const {
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start_;
  return closing_line({.what = title,
                       .bytes_read = report.bytes_read,
                       .bytes_written = report.bytes_written,
                       .seconds = seconds.count(),
                       .ranks = context_.size(),
                       .threads = context_.state()->threads(),
                       .peak_bytes = report.peak_resident_bytes,
                       .where = out}) +
         "\n";
}

// Before the run: afterwards it would be too late to learn that the trace has no place.
void OutputRun::begin_trace(const Dataset& result, const std::string& out) {
  const std::string& trace = options_.trace();
  if (trace.empty()) return;
  context_.state()->on_one_rank("beginning the trace", [&] {
    for (const std::string& input : result.inputs)
      if (is_or_lies_in(trace, input)) throw TraceInTheWay(trace, input);
    if (is_or_lies_in(trace, out)) throw TraceInTheWay(trace, out);
    const fs::path folder = fs::path(trace).parent_path();
    if (path_kind(folder.empty() ? "." : folder.string()) != PathKind::directory)
      throw UsageError("--trace " + trace + ": there is no folder " + folder.string() + ": make it, or give another");
    if (path_kind(trace) == PathKind::directory)
      throw UsageError("--trace " + trace + " is a folder: give the name of a file in it");
    trace_file_.emplace(trace);
    return std::vector<std::byte>{};
  });
}

// The output is there already, so what fails here fails no run.
void OutputRun::write_trace() {
  if (options_.trace().empty()) return;
  try {
    const std::string text = context_.state()->gather_trace();
    if (trace_file_) trace_file_->finish(text);
  } catch (const std::exception& error) {
    context_.state()->log().warning("there is no trace: " + sentence_of(error));
  }
  trace_file_.reset();
}

}  // namespace dunlin
