#pragma once
// The binary tree of ranks along which news spreads: rank r talks to (r − 1) / 2, 2r + 1 and 2r + 2.

#include <vector>

namespace dunlin {

inline constexpr int kMostNeighbours = 3;

inline std::vector<int> tree_neighbours(int rank, int size) {
  std::vector<int> neighbours;
  if (rank > 0) neighbours.push_back((rank - 1) / 2);
  for (int child = 0; child < 2; ++child)
    if (rank < (size - child) / 2) neighbours.push_back(2 * rank + 1 + child);  // no product that could overflow
  return neighbours;
}

}  // namespace dunlin
