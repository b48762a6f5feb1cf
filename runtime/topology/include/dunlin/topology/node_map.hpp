#pragma once
// Where each hardware thread of a node lies: in which core, last-level cache, NUMA domain and package.
//
//   srun -n 1 -c 4 on a node "pack:2 numa:1 core:2 pu:2", bound to PUs 0-3:
//   pu        0 1 2 3 4 5 6 7
//   core      0 0 1 1 2 2 3 3
//   domain    0 0 0 0 1 1 1 1        cache as domain where the system tells of none
//   package   0 0 0 0 1 1 1 1
//   allowed   x x x x
//
// Numbers are the node's own, from 0 without gaps, so that neighbours have neighbouring numbers. Where a virtual
// machine tells of no cores every PU is one, of no domains every package is one. A domain without memory or without
// processors (HBM, CXL) is none: its processors count to the domain with memory that they lie in, the lowest if there
// are several, else to a domain of their package.

#include <memory>
#include <string>
#include <vector>

#include "dunlin/topology/node_topology.hpp"

namespace dunlin {

class CpuBinder;

struct Pu {
  /// The system's number of this hardware thread, as in /proc/cpuinfo, taskset and masks.
  int os = 0;
  int core = 0, cache = 0, domain = 0, package = 0;
  /// In the process's binding and cpuset when the map was made; in the job's cpuset.
  bool allowed = true, job = true;
  friend bool operator==(const Pu&, const Pu&) = default;
};

/// An immutable picture of one node; cheap to share.
struct NodeMap {
  NodeTopology counts;
  /// In the node's order: by package, domain, cache, core.
  std::vector<Pu> pus;
  /// Binds threads of this process on this node; null for a pretended one.
  std::shared_ptr<const CpuBinder> binder;
};

/// The node under this process. Takes milliseconds: call once and share. Thread-safe. Throws TopologyError.
std::shared_ptr<const NodeMap> read_node_map();

/// A pretended node; see synthetic_topology.
std::shared_ptr<const NodeMap> synthetic_node_map(const std::string& description, const std::string& allowed_pus = "");

}  // namespace dunlin
