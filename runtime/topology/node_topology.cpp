#include "dunlin/topology/node_topology.hpp"

#include <hwloc.h>

#include <algorithm>
#include <memory>

#include "cgroup_memory.hpp"

namespace dunlin {
namespace {

struct DestroyTopology {
  void operator()(hwloc_topology_t topology) const { hwloc_topology_destroy(topology); }
};
using Topology = std::unique_ptr<hwloc_topology, DestroyTopology>;

struct FreeBitmap {
  void operator()(hwloc_bitmap_t bitmap) const { hwloc_bitmap_free(bitmap); }
};
using Bitmap = std::unique_ptr<hwloc_bitmap_s, FreeBitmap>;

Topology new_topology() {
  hwloc_topology_t topology;
  if (hwloc_topology_init(&topology) != 0) throw std::bad_alloc();
  return Topology(topology);
}

Bitmap new_bitmap() {
  Bitmap bitmap(hwloc_bitmap_alloc());
  if (!bitmap) throw std::bad_alloc();
  return bitmap;
}

/// Objects of a type with a processor in `cpus`; at least 1, since some virtual machines tell of no cores or domains.
int count(hwloc_topology_t topology, hwloc_obj_type_t type, hwloc_const_cpuset_t cpus) {
  int found = 0;
  for (hwloc_obj_t object = nullptr; (object = hwloc_get_next_obj_by_type(topology, type, object)) != nullptr;)
    found += hwloc_bitmap_intersects(object->cpuset, cpus) ? 1 : 0;
  return std::max(found, 1);
}

NodeTopology describe(hwloc_topology_t topology, hwloc_const_cpuset_t allowed) {
  const hwloc_const_cpuset_t all = hwloc_topology_get_topology_cpuset(topology);
  NodeTopology node;
  node.allowed_cores = count(topology, HWLOC_OBJ_CORE, allowed);
  node.allowed_pus = count(topology, HWLOC_OBJ_PU, allowed);
  node.allowed_domains = count(topology, HWLOC_OBJ_NUMANODE, allowed);
  node.node_cores = count(topology, HWLOC_OBJ_CORE, all);
  node.job_cores = count(topology, HWLOC_OBJ_CORE, hwloc_topology_get_allowed_cpuset(topology));
  node.node_pus = count(topology, HWLOC_OBJ_PU, all);
  node.node_domains = count(topology, HWLOC_OBJ_NUMANODE, all);
  node.node_memory = static_cast<std::int64_t>(hwloc_get_root_obj(topology)->total_memory);
  node.memory_limit = node.node_memory;
  return node;
}

/// The processors that the process is bound to and its cpuset allows.
Bitmap allowed_cpus(hwloc_topology_t topology) {
  Bitmap allowed = new_bitmap();
  if (hwloc_get_cpubind(topology, allowed.get(), HWLOC_CPUBIND_PROCESS) != 0)
    hwloc_bitmap_copy(allowed.get(), hwloc_topology_get_topology_cpuset(topology));  // a system without binding
  hwloc_bitmap_and(allowed.get(), allowed.get(), hwloc_topology_get_allowed_cpuset(topology));
  return allowed;
}

}  // namespace

BadTopology::BadTopology(const std::string& description)
    : UsageError("'" + description +
                 "' describes no node: give levels and counts as hwloc does, for example 'pack:2 numa:1 core:4 pu:2', "
                 "and processors as '0-3,8'"),
      description(description) {}

NodeTopology read_topology() {
  const Topology topology = new_topology();
  // The whole node is wanted, not only our cpuset's part of it.
  hwloc_topology_set_flags(topology.get(), HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED);
  // The x86 backend asks every processor in turn by moving this thread onto it; the system's own account is enough.
  hwloc_topology_set_components(topology.get(), HWLOC_TOPOLOGY_COMPONENTS_FLAG_BLACKLIST, "x86");
  if (hwloc_topology_load(topology.get()) != 0)
    throw TopologyError("cannot read this node's topology: hwloc found none; see what `lstopo` says");
  NodeTopology node = describe(topology.get(), allowed_cpus(topology.get()).get());
  if (const auto limit = cgroup_memory_limit())
    node.memory_limit = node.node_memory > 0 ? std::min(node.node_memory, *limit) : *limit;
  return node;
}

NodeTopology synthetic_topology(const std::string& description, const std::string& allowed_pus) {
  const Topology topology = new_topology();
  if (hwloc_topology_set_synthetic(topology.get(), description.c_str()) != 0 ||
      hwloc_topology_load(topology.get()) != 0)
    throw BadTopology(description);
  const Bitmap allowed = new_bitmap();
  if (allowed_pus.empty())
    hwloc_bitmap_copy(allowed.get(), hwloc_topology_get_topology_cpuset(topology.get()));
  else if (hwloc_bitmap_list_sscanf(allowed.get(), allowed_pus.c_str()) != 0)
    throw BadTopology(allowed_pus);
  return describe(topology.get(), allowed.get());
}

}  // namespace dunlin
