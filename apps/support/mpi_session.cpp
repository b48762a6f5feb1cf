#include "support/mpi_session.hpp"

#include <mpi.h>

#include <cstdlib>
#include <string>

#include "dunlin/transport/mpi_transport.hpp"

namespace dunlin {
namespace {

/// A whole number from the environment; -1 where the variable is missing or says something else.
long number(const char* variable) {
  const char* text = std::getenv(variable);
  if (text == nullptr || *text == '\0') return -1;
  char* end = nullptr;
  const long value = std::strtol(text, &end, 10);
  return *end == '\0' ? value : -1;
}

/// Slurm counts steps from 0; the batch script and its like carry numbers near 2^32.
bool inside_srun_step() {
  const long step = number("SLURM_STEP_ID");
  return step >= 0 && step < 0xfffffff0L;
}

struct Tasks {
  long count = 1;
  std::string told_by;
};

Tasks launched_tasks() {
  for (const char* variable : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"})
    if (const long count = number(variable); count > 0) return {count, variable};
  if (inside_srun_step())
    for (const char* variable : {"SLURM_STEP_NUM_TASKS", "SLURM_NTASKS"})
      if (const long count = number(variable); count > 0) return {count, variable};
  return {};
}

}  // namespace

LaunchMismatch::LaunchMismatch(int tasks, int ranks, const std::string& told_by)
    : UsageError("the launcher started " + std::to_string(tasks) + " tasks (" + told_by + "), but MPI joined only " +
                 std::to_string(ranks) +
                 " of them, and each would do the whole job: start with the mpirun of the MPI " +
                 "that this program was built with, or with srun --mpi=pmix, or start one task"),
      tasks(tasks),
      ranks(ranks) {}

bool MpiSession::launched() {
  for (const char* variable : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_RANK"})
    if (std::getenv(variable) != nullptr) return true;
  return false;
}

void MpiSession::require_size(int ranks) {
  const Tasks tasks = launched_tasks();
  if (tasks.count > ranks) throw LaunchMismatch(static_cast<int>(tasks.count), ranks, tasks.told_by);
}

MpiSession::MpiSession(int& argc, char**& argv) {
  int initialized = 0, finalized = 0;
  MPI_Initialized(&initialized);
  MPI_Finalized(&finalized);
  if (finalized) throw UsageError("MPI has ended and cannot be started again: keep one session for the whole program");
  if (initialized) return;
  int level = 0;
  if (MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &level) != MPI_SUCCESS)
    throw TransportError("MPI_Init_thread failed: see what the MPI library wrote");
  began_ = true;
}

MpiSession::~MpiSession() {
  int finalized = 0;
  MPI_Finalized(&finalized);
  if (began_ && !finalized) MPI_Finalize();
}

MpiSession::ThreadLevel MpiSession::thread_level() const {
  int level = MPI_THREAD_SINGLE;
  MPI_Query_thread(&level);
  if (level >= MPI_THREAD_MULTIPLE) return ThreadLevel::multiple;
  if (level >= MPI_THREAD_SERIALIZED) return ThreadLevel::serialized;
  return level >= MPI_THREAD_FUNNELED ? ThreadLevel::funneled : ThreadLevel::single;
}

std::unique_ptr<Transport> MpiSession::world() const {
  int size = 1;
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  require_size(size);
  return make_transport(MPI_COMM_WORLD);
}

}  // namespace dunlin
