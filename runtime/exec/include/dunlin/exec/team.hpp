#pragma once
// Where the workers of a rank sit: what stealing and memory go by. A plain description, made by the context from the
// node's topology, so that any machine can be pretended in a test.
//
//   two domains of two cores:   domain {0, 0, 1, 1}     near {{1, 2, 3}, {0, 3, 2}, {3, 0, 1}, {2, 1, 0}}

#include <functional>
#include <memory>
#include <vector>

namespace dunlin {

struct Team {
  /// Memory domain of each worker, from 0, without gaps.
  std::vector<int> domain;
  /// For each worker, all others, the nearest first.
  std::vector<std::vector<int>> near;
  /// Called by each worker before its first task; what it returns lives until after the last. May be empty.
  std::function<std::shared_ptr<void>(int worker)> settle;

  int workers() const { return static_cast<int>(domain.size()); }
  int domains() const;
  /// Workers without a place: one domain, the next in number the nearest.
  static Team anywhere(int workers);
};

}  // namespace dunlin
