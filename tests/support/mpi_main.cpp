// Runs the tests on every process of an MPI job. Only failures are printed, each with its rank; all processes exit with
// the worst outcome of any, so that none looks well to the launcher while another is not.

#include <gtest/gtest.h>

#include <cstdio>
#include <exception>
#include <string>

#include "support/mpi_session.hpp"

namespace {

class FailuresOfARank final : public testing::EmptyTestEventListener {
 public:
  explicit FailuresOfARank(int rank) : rank_(rank) {}

 private:
  void OnTestStart(const testing::TestInfo& test) override {
    test_ = std::string(test.test_suite_name()) + "." + test.name();
  }
  /// GoogleTest holds its lock while it calls this: it must not be asked for anything.
  void OnTestPartResult(const testing::TestPartResult& result) override {
    if (!result.failed()) return;
    std::printf("rank %d: %s failed\n%s:%d\n%s\n", rank_, test_.c_str(), result.file_name() ? result.file_name() : "?",
                result.line_number(), result.message());
    std::fflush(stdout);
  }
  const int rank_;
  std::string test_ = "?";
};

int run(const dunlin::MpiSession& session) {
  int rank = 0;
  {
    const auto ranks = session.world();
    rank = ranks->rank();
  }
  auto& listeners = testing::UnitTest::GetInstance()->listeners();
  delete listeners.Release(listeners.default_result_printer());
  listeners.Append(new FailuresOfARank(rank));
  const int outcome = RUN_ALL_TESTS();
  const auto* tests = testing::UnitTest::GetInstance();

  auto mine = dunlin::Agreement::of(dunlin::Call::leave, 0);
  if (outcome != 0) mine.failing_rank = rank;
  const bool failed = session.world()->agree(mine).failed() || tests->test_to_run_count() == 0;
  if (rank == 0)
    std::printf("%d tests %s on every rank, %d skipped\n", tests->test_to_run_count(), failed ? "ran" : "passed",
                tests->skipped_test_count());
  return failed ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  dunlin::MpiSession session(argc, argv);
  testing::InitGoogleTest(&argc, argv);
  try {
    return run(session);
  } catch (const std::exception& error) {
    std::printf("the tests could not be run: %s\n", error.what());
    return 1;
  }
}
