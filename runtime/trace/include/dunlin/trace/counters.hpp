#pragma once
// What a run has done so far on this rank, as plain counts. Written by the run's threads, readable by any thread at any
// time (a progress display, a live page); single counts are exact, a set of them is no snapshot of one instant.

#include <atomic>
#include <cstdint>

namespace dunlin {

struct Counters {
  std::atomic<std::int64_t> tasks_planned{0}, tasks_done{0};
  /// Bytes taken from and given to files, as stored (compressed where they are).
  std::atomic<std::int64_t> bytes_read{0}, bytes_written{0};
  /// Array bytes decoded from and encoded into files.
  std::atomic<std::int64_t> bytes_decoded{0}, bytes_encoded{0};
  std::atomic<std::int64_t> bytes_sent{0}, bytes_received{0}, messages_sent{0};
  /// Bytes reserved by admitted tasks now, and the most so far.
  std::atomic<std::int64_t> bytes_reserved{0}, peak_bytes_reserved{0};
};

}  // namespace dunlin
