#pragma once
// How far a run is, shown while it goes on.
//
//   terminal (bar)   one line that is drawn again every 0.2 s and wiped at the end:
//                    [########            ]  40 %  96/240 tasks  read 1.2 GiB  wrote 640.0 MiB  310.0 MiB/s  ETA 12.3 s
//   batch log (log)  a line of its own when 5 % more are done, but 5 s after the last at the earliest, and after 30 s
//                    whatever is done, so that a log shows that the job lives:
//                    progress: 40 % (96/240 tasks), read 1.2 GiB, wrote 640.0 MiB, 310.0 MiB/s, ETA 12.3 s
//
// The numbers are those of one rank (the one that shows them). Times to come are guessed from tasks done so far: "?"
// for as long as none is. What a display says is a pure function of a `ProgressState`.
//
//   Counters counters;                                            // the run writes these
//   Progress progress(counters, ProgressMode::bar, file_sink(stderr));
//   …                                                             // run
//   progress.stop();                                              // or its destructor

#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "dunlin/trace/counters.hpp"

namespace dunlin {

enum class ProgressMode { off, bar, log };

struct ProgressState {
  std::int64_t tasks_done = 0, tasks_planned = 0;
  std::int64_t bytes_read = 0, bytes_written = 0;
  double seconds = 0;  // since the display began
};

/// Done share of the tasks, in [0, 1]; 0 where none are planned yet.
double fraction_done(const ProgressState& state);
/// The bar's line, at most `columns` characters, without line end.
std::string render_bar(const ProgressState& state, int columns);
/// The log's line, without line end.
std::string render_log(const ProgressState& state);
/// Whether the log says `now` after it last said `last`.
bool log_is_due(const ProgressState& last, const ProgressState& now);

/// Takes pieces of text as they are to appear, line ends and control characters included.
using ProgressSink = std::function<void(const std::string& text)>;
/// Writes to a stream that outlives the sink, and flushes it.
ProgressSink file_sink(std::FILE* stream);

/// A display with a thread of its own from construction to `stop`; none in mode `off`. The sink is called by that
/// thread only, and never after `stop`. A sink that throws, or a system without a thread to spare, ends the display and
/// not the run. Signals are left to the caller's threads.
class Progress {
 public:
  /// `counters` outlive this object.
  Progress(const Counters& counters, ProgressMode mode, ProgressSink sink, int columns = 100);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  /// Wipes the bar and ends the display. Idempotent.
  void stop();

 private:
  void show_until_stopped();
  void show(ProgressState& last);
  ProgressState state() const;

  const Counters& counters_;
  ProgressMode mode_;
  ProgressSink sink_;
  int columns_;
  std::int64_t start_ns_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace dunlin
