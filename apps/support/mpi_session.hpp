#pragma once
// MPI for as long as a program runs: initialised where nobody has, ended where we began it.
//
//   if (MpiSession::launched()) { MpiSession session(argc, argv);  run(session.world()); }
//   else                        { MpiSession::require_size(1);     run(make_local_transport()); }
//
// A program alone does not start MPI: it looks at what launchers leave in the environment. Where they say more tasks
// than there are ranks in the communicator (an `mpirun` of another MPI, an `srun` without --mpi=pmix), N single
// processes would each do the whole job and write the same file: `world` and `require_size` throw LaunchMismatch
// instead.
//
//   launched    OMPI_COMM_WORLD_SIZE, PMI_SIZE or PMIX_RANK is set
//   tasks       OMPI_COMM_WORLD_SIZE, else PMI_SIZE, else, inside a step of srun (SLURM_STEP_ID), SLURM_STEP_NUM_TASKS
//               or SLURM_NTASKS; else 1
//
// For programs, and for tests; the library takes the communicator that it is given.

#include <memory>

#include "dunlin/transport/transport.hpp"

namespace dunlin {

/// A launcher started more processes than MPI has made one job of.
struct LaunchMismatch : UsageError {
  LaunchMismatch(int tasks, int ranks, const std::string& told_by);
  int tasks, ranks;
};

class MpiSession {
 public:
  /// As MPI's thread levels, in their order.
  enum class ThreadLevel { single, funneled, serialized, multiple };

  /// Whether the environment says that a launcher started this process as part of an MPI job.
  static bool launched();
  /// Throws LaunchMismatch where the launcher started more than `ranks` tasks.
  static void require_size(int ranks);

  /// Initialises MPI with MPI_THREAD_FUNNELED unless it is initialised. Throws UsageError where it has already ended.
  MpiSession(int& argc, char**& argv);
  /// Ends MPI where the constructor began it. All transports are gone by then.
  ~MpiSession();
  MpiSession(const MpiSession&) = delete;
  MpiSession& operator=(const MpiSession&) = delete;

  /// The level that MPI gave.
  ThreadLevel thread_level() const;
  /// A transport over all processes of the job. Collective. Throws LaunchMismatch, and as make_transport.
  std::unique_ptr<Transport> world() const;

 private:
  bool began_ = false;
};

}  // namespace dunlin
