#pragma once
// A command line that was understood: what to do once the ranks are connected.
//
// Parsing looks at nothing but the words, so that every rank comes to the same job, or the same error, alone. `run` is
// collective over the connection's ranks; what a job prints, rank 0 prints.

#include <memory>
#include <string>
#include <vector>

#include "support/connection.hpp"

namespace dunlin {

class Job {
 public:
  virtual ~Job() = default;
  /// True where it makes an output: signals then ask it to stop, and tasks that a launcher started must be one job.
  virtual bool writes() const { return false; }
  virtual void run(Connection& connection) = 0;
};

/// One subcommand.
struct Command {
  const char* name;
  const char* summary;
  /// The words behind the command's name. Throws UsageError, HelpAsked.
  std::unique_ptr<Job> (*parse)(const std::vector<std::string>& words);
};

/// All words behind the program's name. Throws UsageError.
std::unique_ptr<Job> parse_program(const std::vector<std::string>& words);

}  // namespace dunlin
