#pragma once
// The file of --trace: begun before the work, so that a place that cannot be written to is told at once; complete under
// its name, or not there.
//
//   TraceFile file("run.json");      // .run.json.PID.partial exists and holds the document's first words
//   …                                // the run
//   file.finish(text);               // run.json
//
// Destroyed unfinished, it leaves nothing. What is no regular file (/dev/stderr, a pipe) is written to as it is. One
// process has it; it knows nothing of the others.

#include <string>

#include "dunlin/base/posix_file.hpp"

namespace dunlin {

class TraceFile {
 public:
  /// Throws IoFailure.
  explicit TraceFile(const std::string& path);
  ~TraceFile();
  TraceFile(const TraceFile&) = delete;
  TraceFile& operator=(const TraceFile&) = delete;

  /// Writes the whole document and publishes it. Throws IoFailure; then nothing is left.
  void finish(const std::string& text);

 private:
  void remove_partial() noexcept;
  std::string path_, partial_;
  PosixFile file_;
};

}  // namespace dunlin
