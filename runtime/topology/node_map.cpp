#include "dunlin/topology/node_map.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "cgroup_memory.hpp"
#include "hwloc_binder.hpp"

namespace dunlin {
namespace {

/// Numbers objects by their first appearance.
class Numbering {
 public:
  int of(hwloc_obj_t object) { return numbers_.try_emplace(object, static_cast<int>(numbers_.size())).first->second; }

 private:
  std::map<hwloc_obj_t, int> numbers_;
};

/// The domain with memory whose processors `pu` is one of, the lowest where several are (HBM beside DRAM); null if
/// none.
hwloc_obj_t domain_of(hwloc_topology_t topology, hwloc_obj_t pu) {
  hwloc_obj_t found = nullptr;
  for (hwloc_obj_t node = nullptr; (node = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_NUMANODE, node));)
    if (node->attr->numanode.local_memory > 0 && hwloc_bitmap_isset(node->cpuset, pu->os_index) &&
        (!found || node->os_index < found->os_index))
      found = node;
  return found;
}

hwloc_obj_t ancestor_or(hwloc_topology_t topology, hwloc_obj_type_t type, hwloc_obj_t pu, hwloc_obj_t otherwise) {
  const hwloc_obj_t found = hwloc_get_ancestor_obj_by_type(topology, type, pu);
  return found ? found : otherwise;
}

std::vector<Pu> list_pus(hwloc_topology_t topology, hwloc_const_cpuset_t allowed) {
  Numbering cores, caches, domains, packages;
  std::vector<Pu> pus;
  for (hwloc_obj_t pu = nullptr; (pu = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_PU, pu));) {
    const hwloc_obj_t package = ancestor_or(topology, HWLOC_OBJ_PACKAGE, pu, hwloc_get_root_obj(topology));
    const hwloc_obj_t memory = domain_of(topology, pu), domain = memory ? memory : package;
    pus.push_back({.os = static_cast<int>(pu->os_index),
                   .core = cores.of(ancestor_or(topology, HWLOC_OBJ_CORE, pu, pu)),
                   .cache = caches.of(ancestor_or(topology, HWLOC_OBJ_L3CACHE, pu, domain)),
                   .domain = domains.of(domain),
                   .package = packages.of(package),
                   .allowed = hwloc_bitmap_isset(allowed, pu->os_index) != 0,
                   .job = hwloc_bitmap_isset(hwloc_topology_get_allowed_cpuset(topology), pu->os_index) != 0});
  }
  const auto place = [](const Pu& pu) { return std::tie(pu.package, pu.domain, pu.cache, pu.core); };
  std::stable_sort(pus.begin(), pus.end(), [&](const Pu& a, const Pu& b) { return place(a) < place(b); });
  return pus;
}

/// How many different numbers the chosen PUs have; at least 1.
template <class Chosen>
int count(const std::vector<Pu>& pus, int Pu::*number, Chosen chosen) {
  std::set<int> found;
  for (const Pu& pu : pus)
    if (chosen(pu)) found.insert(pu.*number);
  return std::max(1, static_cast<int>(found.size()));
}

NodeTopology count_all(const std::vector<Pu>& pus) {
  const auto allowed = [](const Pu& pu) { return pu.allowed; };
  const auto job = [](const Pu& pu) { return pu.job; };
  const auto any = [](const Pu&) { return true; };
  NodeTopology node;
  node.allowed_cores = count(pus, &Pu::core, allowed);
  node.allowed_pus = count(pus, &Pu::os, allowed);
  node.allowed_domains = count(pus, &Pu::domain, allowed);
  node.job_cores = count(pus, &Pu::core, job);
  node.job_pus = count(pus, &Pu::os, job);
  node.node_cores = count(pus, &Pu::core, any);
  node.node_pus = count(pus, &Pu::os, any);
  node.node_domains = count(pus, &Pu::domain, any);
  return node;
}

NodeMap describe(hwloc_topology_t topology, hwloc_const_cpuset_t allowed) {
  NodeMap node;
  node.pus = list_pus(topology, allowed);
  node.counts = count_all(node.pus);
  node.counts.node_memory = static_cast<std::int64_t>(hwloc_get_root_obj(topology)->total_memory);
  node.counts.memory_limit = node.counts.node_memory;
  return node;
}

/// The processors that the process is bound to and its cpuset allows.
HwlocBitmap allowed_cpus(hwloc_topology_t topology) {
  HwlocBitmap allowed = new_bitmap();
  if (hwloc_get_cpubind(topology, allowed.get(), HWLOC_CPUBIND_PROCESS) != 0)
    hwloc_bitmap_copy(allowed.get(), hwloc_topology_get_topology_cpuset(topology));  // a system without binding
  hwloc_bitmap_and(allowed.get(), allowed.get(), hwloc_topology_get_allowed_cpuset(topology));
  return allowed;
}

}  // namespace

std::shared_ptr<const NodeMap> read_node_map() {
  HwlocTopology topology = new_topology();
  // The whole node is wanted, not only our cpuset's part of it.
  hwloc_topology_set_flags(topology.get(), HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED);
  // The x86 backend asks every processor in turn by moving this thread onto it; the system's own account is enough.
  hwloc_topology_set_components(topology.get(), HWLOC_TOPOLOGY_COMPONENTS_FLAG_BLACKLIST, "x86");
  if (hwloc_topology_load(topology.get()) != 0)
    throw TopologyError("cannot read this node's topology: hwloc found none; see what `lstopo` says");
  const auto node = std::make_shared<NodeMap>(describe(topology.get(), allowed_cpus(topology.get()).get()));
  NodeTopology& counts = node->counts;
  if (const auto limit = cgroup_memory_limit())
    counts.memory_limit = counts.node_memory > 0 ? std::min(counts.node_memory, *limit) : *limit;
  node->binder = std::make_shared<HwlocBinder>(std::move(topology));
  return node;
}

std::shared_ptr<const NodeMap> synthetic_node_map(const std::string& description, const std::string& allowed_pus) {
  const HwlocTopology topology = new_topology();
  if (hwloc_topology_set_synthetic(topology.get(), description.c_str()) != 0 ||
      hwloc_topology_load(topology.get()) != 0)
    throw BadTopology(description);
  const HwlocBitmap allowed = new_bitmap();
  if (allowed_pus.empty())
    hwloc_bitmap_copy(allowed.get(), hwloc_topology_get_topology_cpuset(topology.get()));
  else if (hwloc_bitmap_list_sscanf(allowed.get(), allowed_pus.c_str()) != 0)
    throw BadTopology(allowed_pus);
  return std::make_shared<const NodeMap>(describe(topology.get(), allowed.get()));
}

}  // namespace dunlin
