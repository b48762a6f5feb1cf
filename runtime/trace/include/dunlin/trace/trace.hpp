#pragma once
// What happened, when, for how long, on which thread, over how many bytes.
//
// A `Trace` collects spans per thread without locks on the way (one vector per thread, sized at start) and is switched
// off unless asked for: then `record` is one branch. Times are nanoseconds of the steady clock since the trace began;
// ranks are lined up by the wall clock at the start, which is enough to read a picture by.
//
//   Trace trace;  trace.enable(threads);
//   { SpanTimer timer(&trace, thread, "read air_temperature", "read");  …  timer.bytes(n); }
//   write_chrome_trace(...)                       // chrome_trace.hpp
//
// Threading: record(thread, …) only by that thread, 0 ≤ thread < threads; enable, disable and events() only while no
// thread records.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace dunlin {

struct TraceEvent {
  /// Both point to strings that outlive the trace: layer names of the plan, literals.
  const char* name;
  const char* category;
  std::int64_t begin_ns, end_ns, bytes;
};

class Trace {
 public:
  Trace();
  void enable(int threads);
  void disable() { enabled_ = false; }
  bool enabled() const { return enabled_; }

  std::int64_t now_ns() const;
  void record(int thread, const TraceEvent& event) {
    if (enabled_) events_[static_cast<std::size_t>(thread)].push_back(event);
  }
  /// Keeps a copy of a name for as long as the trace lives, and returns it: for names that do not outlive it. Only
  /// while no thread records.
  const char* keep(const std::string& name);

  /// Per thread, in the order of recording.
  const std::vector<std::vector<TraceEvent>>& events() const { return events_; }
  /// Wall clock at the trace's zero, nanoseconds since 1970.
  std::int64_t wall_start_ns() const { return wall_start_ns_; }

 private:
  bool enabled_ = false;
  std::int64_t steady_start_ns_, wall_start_ns_;
  std::vector<std::vector<TraceEvent>> events_;
  std::vector<std::unique_ptr<std::string>> names_;
};

/// Records one span from its construction to its destruction.
class SpanTimer {
 public:
  SpanTimer(Trace* trace, int thread, const char* name, const char* category)
      : trace_(trace && trace->enabled() ? trace : nullptr), thread_(thread), event_{name, category, 0, 0, 0} {
    if (trace_) event_.begin_ns = trace_->now_ns();
  }
  SpanTimer(const SpanTimer&) = delete;
  SpanTimer& operator=(const SpanTimer&) = delete;
  void bytes(std::int64_t count) { event_.bytes += count; }
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
