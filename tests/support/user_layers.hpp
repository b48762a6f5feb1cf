#pragma once
// Layers with kernels of users for tests: chunks of any length, values whose size only a run tells, objects, lists of
// tasks.

#include <vector>

#include "dunlin/graph/explicit.hpp"
#include "dunlin/graph/map.hpp"
#include "dunlin/graph/overlap.hpp"

namespace dunlin::test {

/// What `x` with halos has inside of them, from chunks of other lengths: every element is the sum of the extended
/// chunk's elements at distances that the halos allow along the last axis. `x`: float64, `halos` with a boundary each.
LayerPtr windowed(const LayerPtr& x, std::vector<Halo> halos);

/// The positive elements of every chunk of float64, one after the other: sizes that only a run tells. Empty chunks hold
/// one −1. Along axis 0 the lengths are unknown.
LayerPtr positives(const LayerPtr& x);

/// Every chunk, whatever it is, as an object: a std::vector<double>.
LayerPtr boxed(const LayerPtr& x);

/// One float64 per chunk of anything: a digest of all its bytes. Chunks of one element.
LayerPtr digest(const LayerPtr& x);

/// The digest of all chunks along axis `axis` of anything: the output has one chunk there.
LayerPtr digest_along(const LayerPtr& x, int axis);

/// A list of tasks, each the digest of its arguments in their order, as an object or as bytes (every other one).
LayerPtr digest_tasks(std::vector<std::vector<ExplicitTask::Argument>> arguments, std::vector<LayerPtr> inputs,
                      std::shared_ptr<const Partition> fixed = nullptr);

/// How the objects of `boxed` are carried.
const ValueOps& doubles_ops();

}  // namespace dunlin::test
