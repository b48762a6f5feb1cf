// Uses the whole of an installed Dunlin through its umbrella header.

#include <dunlin/base/chunk_grid.hpp>
#if __has_include(<dunlin/dunlin.hpp>)
#include <dunlin/dunlin.hpp>
#endif

#include <cstdio>

int main() {
  const auto grid = dunlin::ChunkGrid::regular({10, 10}, {4, 4});
  if (grid.count() != 9) return 1;
  std::puts("an installed Dunlin works");
  return 0;
}
