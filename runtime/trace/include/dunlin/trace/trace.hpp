#pragma once
// What happened, when, for how long, on which thread, over how many bytes; and how the run's counts grew meanwhile.
//
// A `Trace` collects spans per thread without locks on the way (one vector per thread, sized at start) and is switched
// off unless asked for: then `record` is one branch. Times are nanoseconds of the steady clock since the trace began;
// ranks are lined up by the wall clock at the start, which is enough to read a picture by.
//
//   Trace trace;  trace.enable(threads, &counters);
//   { SpanTimer timer(&trace, thread, "read air_temperature", "read");  …  timer.bytes(n); timer.stored(m); }
//   write_chrome_trace(...)                       // chrome_trace.hpp
//
// Threading: record(thread, …) only by that thread, 0 ≤ thread < threads; enable, disable and events() only while no
// thread records.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "dunlin/trace/counters.hpp"

namespace dunlin {

struct TraceEvent {
  /// Both point to strings that outlive the trace: layer names of the plan, literals.
  const char* name;
  const char* category;
  /// `bytes` are those of the values in memory.
  std::int64_t begin_ns, end_ns, bytes;
  /// Taken from or given to files, as stored there: compressed where they are. 0 for spans that touch no file.
  std::int64_t stored = 0;
};

/// Counts of the run at one time.
struct CounterSample {
  std::int64_t time_ns, bytes_read, bytes_written, bytes_reserved;
};

class Trace {
 public:
  Trace();
  /// With counters, which outlive the trace, their growth is sampled where spans end, some hundred times a second at
  /// the most.
  void enable(int threads, const Counters* counters = nullptr);
  void disable() { enabled_ = false; }
  bool enabled() const { return enabled_; }

  std::int64_t now_ns() const;
  void record(int thread, const TraceEvent& event) {
    if (!enabled_) return;
    events_[static_cast<std::size_t>(thread)].push_back(event);
    if (counters_ && event.end_ns >= samples_[static_cast<std::size_t>(thread)].due_ns) sample(thread, event.end_ns);
  }
  /// Keeps a copy of a name for as long as the trace lives, and returns it: for names that do not outlive it. Only
  /// while no thread records.
  const char* keep(const std::string& name);

  /// Per thread, in the order of recording.
  const std::vector<std::vector<TraceEvent>>& events() const { return events_; }
  /// Samples of all threads and one of now, in the order of their times; none without counters. Only while no thread
  /// records.
  std::vector<CounterSample> samples() const;
  /// Wall clock at the trace's zero, nanoseconds since 1970.
  std::int64_t wall_start_ns() const { return wall_start_ns_; }

 private:
  /// Of one thread. Threads write side by side, so each has cache lines of its own.
  struct alignas(64) Samples {
    std::int64_t due_ns = 0;
    std::vector<CounterSample> taken;
  };
  void sample(int thread, std::int64_t now_ns);

  bool enabled_ = false;
  const Counters* counters_ = nullptr;
  std::vector<Samples> samples_;
  std::int64_t steady_start_ns_, wall_start_ns_;
  std::vector<std::vector<TraceEvent>> events_;
  std::vector<std::unique_ptr<std::string>> names_;
};

/// Records one span from its construction to its destruction.
class SpanTimer {
 public:
  SpanTimer(Trace* trace, int thread, const char* name, const char* category)
      : trace_(trace && trace->enabled() ? trace : nullptr), thread_(thread), event_{name, category, 0, 0, 0, 0} {
    if (trace_) event_.begin_ns = trace_->now_ns();
  }
  SpanTimer(const SpanTimer&) = delete;
  SpanTimer& operator=(const SpanTimer&) = delete;
  void bytes(std::int64_t count) { event_.bytes += count; }
  void stored(std::int64_t count) { event_.stored += count; }
  ~SpanTimer() {
    if (!trace_) return;
    event_.end_ns = trace_->now_ns();
    trace_->record(thread_, event_);
  }

 private:
  Trace* trace_;
  int thread_;
  TraceEvent event_;
};

}  // namespace dunlin
