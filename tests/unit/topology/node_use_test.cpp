// The first log line says what is used of what is there, and the hint what to type: for the usual ways to start a job.

#include "dunlin/topology/node_use.hpp"

#include <gtest/gtest.h>

#include <map>

namespace dunlin {
namespace {

/// Ranks on nodes of 8 cores of 2 PUs each.
NodeUse use(int ranks, int here, int threads, const char* allowed, Launcher launcher = Launcher::open_mpi,
            ThreadsFrom from = ThreadsFrom::cores) {
  return {.ranks = ranks,
          .ranks_here = here,
          .threads = threads,
          .threads_from = from,
          .counts = synthetic_topology("pack:2 numa:1 core:4 pu:2", allowed),
          .budget_bytes = std::int64_t{1} << 30,
          .launcher = launcher};
}

TEST(UseLine, SaysRanksThreadsCoresAndMemory) {
  EXPECT_EQ(use_line(use(2, 2, 1, "0-1")),
            "2 ranks x 1 thread, 2 of this node's 8 cores used, 1.0 GiB of memory per rank");
  EXPECT_EQ(use_line(use(1, 1, 8, "")),
            "1 rank x 8 threads, 8 of this node's 8 cores used, 1.0 GiB of memory per rank");
  EXPECT_EQ(use_line(use(8, 2, 4, "")),
            "8 ranks (2 on this node) x 4 threads, 8 of this node's 8 cores used, 1.0 GiB of memory per rank");
  EXPECT_EQ(use_line(use(4, 4, 4, "")),
            "4 ranks x 4 threads, 8 of this node's 8 cores used, 1.0 GiB of memory per rank")
      << "no more than there are";
  EXPECT_EQ(use_line(use(2, 2, 4, "0-1")),
            "2 ranks x 4 threads, 2 of this node's 8 cores used, 1.0 GiB of memory per rank")
      << "four threads on one core use one core";
  NodeUse shared = use(1, 1, 2, "0-3");
  shared.counts.job_cores = 2;
  EXPECT_EQ(use_line(shared),
            "1 rank x 2 threads, 2 of the 2 cores that the job may use of this node's 8 used, 1.0 GiB of memory per "
            "rank");
}

TEST(IdleHint, SaysWhatToTypeWhereMostCoresStayIdle) {
  struct Case {
    NodeUse use;
    const char* hint;
    const char* why;
  };
  const Case cases[] = {
      {use(2, 2, 1, "0-1"),
       "most cores stay idle: each rank is bound to 1 core; 'mpirun --bind-to none -n 2 …' or 'mpirun --map-by "
       "ppr:2:node:PE=4 …' gives it 4",
       "mpirun -n 2 binds each rank to a core"},
      {use(8, 2, 1, "0-1"),
       "most cores stay idle: each rank is bound to 1 core; 'mpirun --bind-to none -n 8 …' or 'mpirun --map-by "
       "ppr:2:node:PE=4 …' gives it 4",
       "the same on four nodes"},
      {use(2, 2, 1, "0-1", Launcher::slurm),
       "most cores stay idle: each rank is bound to 1 core; 'srun -n 2 -c 8 …' gives it 4",
       "srun without -c; it counts PUs"},
      {use(2, 2, 1, "0-1", Launcher::mpich),
       "most cores stay idle: each rank is bound to 1 core; 'mpiexec -bind-to none -n 2 …' gives it 4", "MPICH"},
      {use(1, 1, 1, "0", Launcher::none),
       "most cores stay idle: this process is bound to 1 core; start it without 'taskset' or with a wider one to give "
       "it 8",
       "no launcher"},
      {use(2, 2, 1, "0-1", Launcher::open_mpi, ThreadsFrom::environment),
       "most cores stay idle: each rank is bound to 1 core; 'mpirun --bind-to none -n 2 …' or 'mpirun --map-by "
       "ppr:2:node:PE=4 …' gives it 4, and so that it uses them, ask for OMP_NUM_THREADS=4",
       "bound and told"},
      {use(2, 2, 1, "", Launcher::open_mpi, ThreadsFrom::environment),
       "most cores stay idle: each rank was given 1 thread for 4 cores; ask for OMP_NUM_THREADS=4",
       "OMP_NUM_THREADS=1"},
      {use(1, 1, 3, "", Launcher::none, ThreadsFrom::caller),
       "most cores stay idle: this process was given 3 threads for 8 cores; ask for 8 threads", "--threads 3"},
  };
  for (const Case& it : cases) {
    SCOPED_TRACE(it.why);
    EXPECT_EQ(idle_hint(it.use), it.hint);
  }
  EXPECT_EQ(idle_hint(use(2, 2, 2, "0-3")), std::nullopt) << "exactly half is enough";
  EXPECT_EQ(idle_hint(use(2, 2, 4, "")), std::nullopt);
  EXPECT_EQ(idle_hint(use(16, 16, 1, "")), std::nullopt) << "more ranks than cores";
}

TEST(CrowdingWarning, SaysWhereThreadsWaitForOneAnother) {
  EXPECT_EQ(crowding_warning(use(4, 4, 4, "")),
            "16 threads (4 on each of 4 ranks) share this node's 8 cores: they will wait for one another");
  EXPECT_EQ(crowding_warning(use(2, 2, 4, "0-1")),
            "4 threads of a rank share the 1 core that it is bound to: they will wait for one another");
  EXPECT_EQ(crowding_warning(use(2, 2, 4, "")), std::nullopt);
  EXPECT_EQ(crowding_warning(use(1, 1, 1, "0")), std::nullopt);
}

TEST(LauncherOf, TellsMpirunInsideASlurmJobFromSrun) {
  using Variables = std::map<std::string, const char*>;
  const auto launcher = [](const Variables& set) {
    return launcher_of([&](const char* name) { return set.contains(name) ? set.at(name) : nullptr; });
  };
  EXPECT_EQ(launcher({}), Launcher::none);
  EXPECT_EQ(launcher({{"OMPI_COMM_WORLD_SIZE", "2"}, {"OMPI_COMMAND", "x"}}), Launcher::open_mpi);
  EXPECT_EQ(launcher({{"OMPI_COMMAND", "x"}, {"SLURM_STEP_ID", "0"}, {"SLURM_PROCID", "0"}}), Launcher::open_mpi);
  EXPECT_EQ(launcher({{"OMPI_COMM_WORLD_SIZE", "2"}, {"SLURM_STEP_ID", "0"}, {"SLURM_PROCID", "1"}}), Launcher::slurm);
  EXPECT_EQ(launcher({{"SLURM_JOB_ID", "7"}}), Launcher::none) << "inside a batch script, started by nobody";
  EXPECT_EQ(launcher({{"PMI_SIZE", "2"}}), Launcher::mpich);
}

}  // namespace
}  // namespace dunlin
