#include <mpi.h>

#include "support/ranks.hpp"

namespace dunlin::test {

bool ranks_share_memory() { return false; }

int most_of_all(int mine) {
  int most = 0;
  MPI_Allreduce(&mine, &most, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
  return most;
}

void for_ranks(const std::function<void(std::unique_ptr<Transport>)>& body, std::size_t piece_bytes) {
  body(make_transport(MPI_COMM_WORLD, piece_bytes));
}

}  // namespace dunlin::test
