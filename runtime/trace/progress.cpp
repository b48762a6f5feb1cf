#include "dunlin/trace/progress.hpp"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <system_error>
#include <utility>

#include "dunlin/trace/format.hpp"

namespace dunlin {
namespace {

constexpr auto kRedraw = std::chrono::milliseconds(200);
constexpr double kLogSoonest = 5, kLogLatest = 30;  // seconds after the last line
constexpr double kLogFraction = 0.05 - 1e-9;        // a twentieth of the tasks is enough, rounded or not
constexpr int kBarCells = 20;
constexpr const char* kWipeRest = "\033[K";
constexpr const char* kWipeLine = "\r\033[K";

std::int64_t steady_ns() {
  return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

int percent(const ProgressState& state) { return static_cast<int>(std::floor(100 * fraction_done(state))); }

std::string tasks(const ProgressState& state) {
  return std::to_string(state.tasks_done) + "/" + std::to_string(state.tasks_planned) + " tasks";
}

/// The numbers after the percentage: bytes, rate, time to come.
std::string amounts(const ProgressState& state, const std::string& separator) {
  const double bytes = static_cast<double>(state.bytes_read) + static_cast<double>(state.bytes_written);
  const auto rate = state.seconds > 0 ? static_cast<std::int64_t>(bytes / state.seconds) : 0;
  const double fraction = fraction_done(state);
  const double to_come = fraction > 0 ? state.seconds * (1 - fraction) / fraction : -1;
  return "read " + human_bytes(state.bytes_read) + separator + "wrote " + human_bytes(state.bytes_written) + separator +
         human_bytes(rate) + "/s" + separator + "ETA " + human_seconds(to_come);
}

/// While one lives, threads that are made here take no signals: those belong to the threads of the caller.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before_);
  }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

}  // namespace

double fraction_done(const ProgressState& state) {
  if (state.tasks_planned <= 0) return 0;
  return std::clamp(static_cast<double>(state.tasks_done) / static_cast<double>(state.tasks_planned), 0.0, 1.0);
}

std::string render_bar(const ProgressState& state, int columns) {
  const auto full = static_cast<std::size_t>(std::floor(kBarCells * fraction_done(state)));
  const std::string share = std::to_string(percent(state));
  std::string line = "[";
  line.append(full, '#').append(kBarCells - full, ' ').append("] ").append(3 - share.size(), ' ');
  line += share + " %  " + tasks(state) + "  " + amounts(state, "  ");
  line.resize(std::min(line.size(), static_cast<std::size_t>(std::max(columns, 0))));
  return line;
}

std::string render_log(const ProgressState& state) {
  return "progress: " + std::to_string(percent(state)) + " % (" + tasks(state) + "), " + amounts(state, ", ");
}

bool log_is_due(const ProgressState& last, const ProgressState& now) {
  const double seconds = now.seconds - last.seconds;
  if (seconds < kLogSoonest) return false;
  return seconds >= kLogLatest || fraction_done(now) - fraction_done(last) >= kLogFraction;
}

ProgressSink file_sink(std::FILE* stream) {
  return [stream](const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), stream);
    std::fflush(stream);
  };
}

Progress::Progress(const Counters& counters, ProgressMode mode, ProgressSink sink, int columns)
    : counters_(counters), mode_(mode), sink_(std::move(sink)), columns_(columns), start_ns_(steady_ns()) {
  if (mode_ == ProgressMode::off || !sink_) return;
  const SignalsBlocked blocked;
  try {
    thread_ = std::thread([this] { show_until_stopped(); });
  } catch (const std::system_error&) {
    // no thread, no display
  }
}

Progress::~Progress() { stop(); }

void Progress::stop() {
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Progress::show_until_stopped() try {
  ProgressState last;
  for (bool go_on = true; go_on;) {
    show(last);
    std::unique_lock lock(mutex_);
    go_on = !wake_.wait_for(lock, kRedraw, [this] { return stopped_; });
  }
  if (mode_ == ProgressMode::bar) sink_(kWipeLine);
} catch (...) {
  // A display that cannot be shown is no reason to fail a run.
}

void Progress::show(ProgressState& last) {
  const ProgressState now = state();
  if (mode_ == ProgressMode::bar) {
    std::string line = "\r";
    line += render_bar(now, columns_ - 1);  // a full last column would wrap on some terminals
    line += kWipeRest;
    sink_(line);
  } else if (log_is_due(last, now)) {
    sink_(render_log(now) + "\n");
    last = now;
  }
}

ProgressState Progress::state() const {
  return {.tasks_done = counters_.tasks_done.load(std::memory_order_relaxed),
          .tasks_planned = counters_.tasks_planned.load(std::memory_order_relaxed),
          .bytes_read = counters_.bytes_read.load(std::memory_order_relaxed),
          .bytes_written = counters_.bytes_written.load(std::memory_order_relaxed),
          .seconds = static_cast<double>(steady_ns() - start_ns_) * 1e-9};
}

}  // namespace dunlin
