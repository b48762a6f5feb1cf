// dunlin: parse, connect, run; one error line, one exit code.

#include <exception>
#include <optional>

#include "dunlin/base/error.hpp"
#include "job.hpp"
#include "stop_signals.hpp"
#include "terminal.hpp"

namespace {

using namespace dunlin;

/// How a step ended: nothing, or the error of this program run.
struct Outcome {
  ErrorCode code = ErrorCode::none;
  std::string sentence;
  bool failed() const { return code != ErrorCode::none; }
};

template <class Step>
Outcome attempt(Step&& step) {
  try {
    step();
    return {};
  } catch (const std::exception& error) {
    return {code_of(error), sentence_of(error)};
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::unique_ptr<Job> job;
  Outcome outcome = attempt([&] { job = parse_program({argv + 1, argv + argc}); });
  const bool writes = !job || job->writes();
  // Also where the command line is wrong: `mpirun` sends SIGTERM to those that end a moment later than the first.
  if (writes) catch_stop_signals();

  std::optional<Connection> connection;
  const auto tasks = job && job->writes() ? Connection::Tasks::one_job : Connection::Tasks::any;
  const Outcome connected = attempt([&] { connection.emplace(argc, argv, tasks); });
  if (!outcome.failed()) outcome = connected;
  if (!outcome.failed()) outcome = attempt([&] { job->run(*connection); });

  const int rank = connection ? connection->rank() : Connection::launched_rank();
  if (outcome.failed() && rank == 0) print_error(outcome.sentence);
  return static_cast<int>(outcome.code);
}
