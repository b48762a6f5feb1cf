// A session begins MPI once, ends only what it began, and sees through launchers of another MPI.

#include "support/mpi_session.hpp"

#include <gtest/gtest.h>
#include <mpi.h>

#include <cstdlib>
#include <map>
#include <optional>
#include <string>

namespace dunlin {
namespace {

/// The launcher variables as a test wants them, and as they were afterwards.
class Environment {
 public:
  explicit Environment(const std::map<std::string, std::string>& wanted) {
    for (const char* name :
         {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_RANK", "SLURM_STEP_ID", "SLURM_NTASKS", "SLURM_STEP_NUM_TASKS"}) {
      const char* value = std::getenv(name);
      before_[name] = value ? std::optional<std::string>(value) : std::nullopt;
      unsetenv(name);
    }
    for (const auto& [name, value] : wanted) setenv(name.c_str(), value.c_str(), 1);
  }
  ~Environment() {
    for (const auto& [name, value] : before_) {
      if (value)
        setenv(name.c_str(), value->c_str(), 1);
      else
        unsetenv(name.c_str());
    }
  }

 private:
  std::map<std::string, std::optional<std::string>> before_;
};

TEST(MpiSession, AnInnerSessionLeavesMpiRunning) {
  int argc = 0;
  char** argv = nullptr;
  { MpiSession inner(argc, argv); }
  int finalized = 1;
  MPI_Finalized(&finalized);
  EXPECT_FALSE(finalized);
}

TEST(MpiSession, TheWorldIsAllProcessesAndItsThreadLevelIsEnough) {
  int argc = 0, size = 0;
  char** argv = nullptr;
  MpiSession session(argc, argv);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  EXPECT_EQ(session.world()->size(), size);
  EXPECT_GE(session.thread_level(), MpiSession::ThreadLevel::funneled);
}

TEST(MpiSession, LaunchedIsWhatTheEnvironmentSays) {
  struct Case {
    const char* why;
    std::map<std::string, std::string> environment;
    bool launched;
    int tasks;
  };
  const Case cases[] = {
      {"a shell", {}, false, 1},
      {"Open MPI's mpirun", {{"OMPI_COMM_WORLD_SIZE", "4"}}, true, 4},
      {"MPICH's mpiexec, or srun with pmi2", {{"PMI_SIZE", "3"}}, true, 3},
      {"srun --mpi=pmix",
       {{"PMIX_RANK", "0"}, {"SLURM_STEP_ID", "0"}, {"SLURM_STEP_NUM_TASKS", "8"}, {"SLURM_NTASKS", "16"}},
       true,
       8},
      {"srun --mpi=none", {{"SLURM_STEP_ID", "2"}, {"SLURM_NTASKS", "5"}}, false, 5},
      {"the batch script of a job of 16 tasks", {{"SLURM_NTASKS", "16"}}, false, 1},
      {"the batch step, where Slurm gives it a number",
       {{"SLURM_STEP_ID", "4294967291"}, {"SLURM_NTASKS", "16"}},
       false,
       1},
      {"mpirun that started its daemons by srun",
       {{"OMPI_COMM_WORLD_SIZE", "2"}, {"SLURM_STEP_ID", "0"}, {"SLURM_NTASKS", "16"}},
       true,
       2},
      {"nonsense is no number", {{"PMI_SIZE", "many"}}, true, 1},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.why);
    const Environment environment(one.environment);
    EXPECT_EQ(MpiSession::launched(), one.launched);
    EXPECT_NO_THROW(MpiSession::require_size(one.tasks));
    if (one.tasks > 1) {
      EXPECT_THROW(MpiSession::require_size(one.tasks - 1), LaunchMismatch);
    }
  }
}

TEST(MpiSession, MoreTasksThanRanksIsAUsageErrorWithTheWayOut) {
  const std::map<std::string, std::string> four_tasks{{"PMI_SIZE", "4"}};
  const Environment environment(four_tasks);
  try {
    MpiSession::require_size(1);
    FAIL() << "four single processes would write one file";
  } catch (const LaunchMismatch& error) {
    EXPECT_EQ(error.code, ErrorCode::usage);
    EXPECT_EQ(error.tasks, 4);
    EXPECT_EQ(error.ranks, 1);
    EXPECT_STREQ(error.what(),
                 "the launcher started 4 tasks (PMI_SIZE), but MPI joined only 1 of them, and each would do the whole "
                 "job: start with the mpirun of the MPI that this program was built with, or with srun --mpi=pmix, or "
                 "start one task");
  }
}

}  // namespace
}  // namespace dunlin
