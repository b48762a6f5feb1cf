#pragma once
// The one line that a run ends with: what was done, bytes in and out, seconds, ranks x threads, peak memory, where it
// lies.
//
//   anomaly of air_temperature: read 6.6 MiB, wrote 5.1 MiB in 1.2 s, 2 ranks x 1 thread, peak memory 81.0 MiB per
//   rank: anomaly.zarr                                                                           (all in one line)

#include <cstdint>
#include <string>

namespace dunlin {

struct ClosingReport {
  /// "anomaly of air_temperature"
  std::string what;
  /// Of all ranks, as stored in files.
  std::int64_t bytes_read = 0, bytes_written = 0;
  double seconds = 0;
  int ranks = 1, threads = 1;
  /// Resident bytes of the rank that needed most; 0 where the system does not tell.
  std::int64_t peak_bytes = 0;
  /// Path of the output; may be empty.
  std::string where;
};

/// The line, without line end.
std::string closing_line(const ClosingReport& report);

/// "2 ranks x 1 thread"
std::string ranks_by_threads(int ranks, int threads);

}  // namespace dunlin
