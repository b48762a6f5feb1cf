#pragma once
// All that a plan knows of the machine: agreed once per context, equal on all ranks, so that plans are.

#include <cstdint>

namespace dunlin {

struct Cluster {
  int ranks = 1;
  int ranks_per_node = 1;
  int threads = 1;                     // the fewest of any rank
  std::int64_t budget_bytes = 0;       // the smallest of any rank
  std::int64_t node_memory_bytes = 0;  // what a process may use of the smallest node; 0: not known
  int instruction_level = 0;           // the lowest of any rank
};

}  // namespace dunlin
