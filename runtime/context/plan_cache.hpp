#pragma once
// Plans of earlier runs, by all that they depend on: the structure of the rewritten graph, the cluster, and what the
// kernels' costs say. Kernels, scalars and buffers are bound to a plan when it is used, so a time step with new ones
// finds the plan of the last.
//
// A cache keeps the plans used last, up to a number of bytes; one larger than that is kept alone.

#include <list>
#include <memory>

#include "dunlin/plan/schedule.hpp"

namespace dunlin {

struct CachedPlan {
  LayerPlan plan;  // for no graph: for_graph binds it
  std::shared_ptr<const Schedule> schedule;
};

class PlanCache {
 public:
  /// What a rewritten graph's plan on this cluster goes by.
  static Hash128 key(const LayerGraph& rewritten, const Cluster& cluster);

  /// Null where there is none; what is found counts as used.
  const CachedPlan* find(const Hash128& key);
  void keep(const Hash128& key, CachedPlan plan);

  std::int64_t reused = 0, made = 0;

 private:
  static constexpr std::int64_t kMostBytes = 64 << 20;
  struct Entry {
    Hash128 key;
    CachedPlan plan;
    std::int64_t bytes;
  };
  std::list<Entry> entries_;  // the last used first
  std::int64_t bytes_ = 0;
};

}  // namespace dunlin
