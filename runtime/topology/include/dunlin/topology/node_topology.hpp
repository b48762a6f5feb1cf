#pragma once
// What of this node the process may use: cores, memory, NUMA domains.
//
//   core     a physical core                       PU   a hardware thread: two per core where hyper-threading is on
//   allowed  in the process's binding (mpirun --bind-to, srun --cpu-bind, taskset) and in its cpuset
//   job      what the cpuset of the process's control group allows, bound or not: a share of a shared node
//   domain   processors with memory of their own (NUMA)
//
//   srun -n 2 --cpu-bind=sockets on a node of 2 sockets of 4 cores of 2 PUs, memory cgroup of 96 GiB:
//   allowed_cores 4, allowed_pus 8, node_cores 8, node_pus 16, allowed_domains 1, node_domains 2, memory_limit 96 GiB
//
// A core is allowed where any of its PUs is. All counts are at least 1. hwloc stays inside this room.

#include <cstdint>
#include <string>

#include "dunlin/base/error.hpp"

namespace dunlin {

struct NodeTopology {
  int allowed_cores = 1, allowed_pus = 1;
  int node_cores = 1, node_pus = 1;
  /// Cores and PUs that the job may use on this node, whatever this process is bound to: those of its cpuset.
  int job_cores = 1, job_pus = 1;
  /// NUMA domains with memory of their own and an allowed PU, and all of the node with any PU.
  int allowed_domains = 1, node_domains = 1;
  /// Memory of the node in bytes, and what this process may use of it: the smaller of that and the limits of its memory
  /// cgroups (which the other processes of its job may share). 0 where the system does not tell.
  std::int64_t node_memory = 0, memory_limit = 0;
  friend bool operator==(const NodeTopology&, const NodeTopology&) = default;
};

/// The system does not tell its topology.
struct TopologyError : StorageError {
  using StorageError::StorageError;
};

/// A description that hwloc does not take.
struct BadTopology : UsageError {
  explicit BadTopology(const std::string& description);
  std::string description;
};

/// The node under this process, by its binding at the time of the call (the union of its threads'). Takes milliseconds:
/// call once and keep; read_node_map() (node_map.hpp) tells this and more. Thread-safe. Throws TopologyError.
NodeTopology read_topology();

/// A pretended node, for tests and plans: `description` in hwloc's words ("pack:2 numa:1 core:4 pu:2"), the allowed PUs
/// as a list ("0-3,8"), all where empty. PUs are numbered in order of the description. Throws BadTopology.
NodeTopology synthetic_topology(const std::string& description, const std::string& allowed_pus = "");

}  // namespace dunlin
