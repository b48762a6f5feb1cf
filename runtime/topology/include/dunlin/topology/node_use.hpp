#pragma once
// What of a node a job uses, in the words of the first log line, and what to type where that is little. Pure functions.
//
//   mpirun -n 2 on a node of 64 cores, where Open MPI binds each of two ranks to one core:
//   use_line   "2 ranks x 1 thread, 2 of this node's 64 cores used, 96.0 GiB of memory per rank"
//   idle_hint  "most cores stay idle: each rank is bound to 1 core; 'mpirun --bind-to none -n 2 …' or
//               'mpirun --map-by ppr:2:node:PE=32 …' gives it 32"
//
// Cores are those that the job may use: on a shared node its share. Several nodes are taken to be alike.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "dunlin/topology/node_topology.hpp"

namespace dunlin {

enum class Launcher { none, open_mpi, mpich, slurm };

/// Who started this process, from its environment: `variable` returns a value or null, as getenv does.
Launcher launcher_of(const std::function<const char*(const char*)>& variable);

/// Who said how many threads a rank has.
enum class ThreadsFrom { cores, environment, caller };

struct NodeUse {
  int ranks = 1, ranks_here = 1;
  int threads = 1;  // of each rank
  ThreadsFrom threads_from = ThreadsFrom::cores;
  NodeTopology counts;
  std::int64_t budget_bytes = 0;  // of each rank
  Launcher launcher = Launcher::none;

  /// Cores that some thread can run on: ranks that the launcher bound to different cores count each with its own.
  int cores_used() const;
};

/// Ranks, threads, cores used of cores there, memory.
std::string use_line(const NodeUse& use);

/// What to type where less than half of the cores are used.
std::optional<std::string> idle_hint(const NodeUse& use);

/// What to say where more threads than PUs run in one rank's binding, or more than cores on the node.
std::optional<std::string> crowding_warning(const NodeUse& use);

}  // namespace dunlin
