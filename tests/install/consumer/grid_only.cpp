// Uses one room alone: the geometry of chunks.

#include <dunlin/base/chunk_grid.hpp>

int main() {
  const auto grid = dunlin::ChunkGrid::regular({5, 7}, {2, 3});
  return grid.count() == 9 ? 0 : 1;
}
