#include "dunlin/topology/node_use.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "dunlin/base/byte_size.hpp"

namespace dunlin {
namespace {

std::string counted(int count, const char* noun) { return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s"); }

/// "this node's 8 cores", or what the job may use of them.
std::string cores_there(const NodeTopology& counts) {
  if (counts.job_cores == counts.node_cores) return fmt::format("this node's {}", counted(counts.node_cores, "core"));
  return fmt::format("the {} that the job may use of this node's {}", counted(counts.job_cores, "core"),
                     counts.node_cores);
}

/// What to type so that the launcher binds each rank to its share of `share` cores.
std::string wider_binding(const NodeUse& use, int share) {
  switch (use.launcher) {
    case Launcher::slurm:  // counts PUs where the node has several to a core
      return fmt::format("'srun -n {} -c {} …' gives it {}", use.ranks,
                         std::max(use.counts.job_pus / use.ranks_here, 1), share);
    case Launcher::mpich:
      return fmt::format("'mpiexec -bind-to none -n {} …' gives it {}", use.ranks, share);
    case Launcher::open_mpi:
      return fmt::format("'mpirun --bind-to none -n {} …' or 'mpirun --map-by ppr:{}:node:PE={} …' gives it {}",
                         use.ranks, use.ranks_here, share, share);
    case Launcher::none:
      break;
  }
  return fmt::format("start it without 'taskset' or with a wider one to give it {}", share);
}

}  // namespace

Launcher launcher_of(const std::function<const char*(const char*)>& variable) {
  // mpirun inside a Slurm job leaves both kinds of variables, and so does Open MPI's library under srun; only mpirun
  // notes its command.
  if (variable("OMPI_COMMAND")) return Launcher::open_mpi;
  if (variable("SLURM_STEP_ID") && variable("SLURM_PROCID")) return Launcher::slurm;
  if (variable("OMPI_COMM_WORLD_SIZE")) return Launcher::open_mpi;
  return variable("PMI_SIZE") ? Launcher::mpich : Launcher::none;
}

int NodeUse::cores_used() const {
  return std::min(counts.job_cores, ranks_here * std::min(threads, counts.allowed_cores));
}

std::string use_line(const NodeUse& use) {
  const std::string here = use.ranks_here < use.ranks ? fmt::format(" ({} on this node)", use.ranks_here) : "";
  return fmt::format("{}{} x {}, {} of {} used, {} of memory per rank", counted(use.ranks, "rank"), here,
                     counted(use.threads, "thread"), use.cores_used(), cores_there(use.counts),
                     human_bytes(use.budget_bytes));
}

std::optional<std::string> idle_hint(const NodeUse& use) {
  const NodeTopology& counts = use.counts;
  if (use.cores_used() * 2 >= counts.job_cores) return std::nullopt;
  const int share = std::max(counts.job_cores / use.ranks_here, 1);
  const bool narrow = counts.allowed_cores < share;
  const bool few = use.threads < share && use.threads_from != ThreadsFrom::cores;
  const std::string more = use.threads_from == ThreadsFrom::environment ? fmt::format("OMP_NUM_THREADS={}", share)
                                                                        : fmt::format("{} threads", share);
  const char* who = use.ranks == 1 ? "this process" : "each rank";
  std::string hint = "most cores stay idle: ";
  if (narrow)
    hint += fmt::format("{} is bound to {}; {}{}", who, counted(counts.allowed_cores, "core"),
                        wider_binding(use, share), few ? ", and so that it uses them, ask for " + more : "");
  else
    hint += fmt::format("{} was given {} for {}; ask for {}", who, counted(use.threads, "thread"),
                        counted(share, "core"), more);
  return hint;
}

std::optional<std::string> crowding_warning(const NodeUse& use) {
  const int all = use.ranks_here * use.threads;
  if (use.threads > use.counts.allowed_pus)
    return fmt::format("{} of a rank share the {} that it is bound to: they will wait for one another",
                       counted(use.threads, "thread"), counted(use.counts.allowed_cores, "core"));
  if (all > use.counts.job_cores)
    return fmt::format("{} ({} on each of {}) share {}: they will wait for one another", counted(all, "thread"),
                       use.threads, counted(use.ranks_here, "rank"), cores_there(use.counts));
  return std::nullopt;
}

}  // namespace dunlin
