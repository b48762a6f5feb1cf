#include "dunlin/topology/node_topology.hpp"

#include "dunlin/topology/node_map.hpp"

namespace dunlin {

BadTopology::BadTopology(const std::string& description)
    : UsageError("'" + description +
                 "' describes no node: give levels and counts as hwloc does, for example 'pack:2 numa:1 core:4 pu:2', "
                 "and processors as '0-3,8'"),
      description(description) {}

NodeTopology read_topology() { return read_node_map()->counts; }

NodeTopology synthetic_topology(const std::string& description, const std::string& allowed_pus) {
  return synthetic_node_map(description, allowed_pus)->counts;
}

}  // namespace dunlin
