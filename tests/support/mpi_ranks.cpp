#include <mpi.h>

#include "support/ranks.hpp"

namespace dunlin::test {

void for_ranks(const std::function<void(std::unique_ptr<Transport>)>& body, std::size_t piece_bytes) {
  body(make_transport(MPI_COMM_WORLD, piece_bytes));
}

}  // namespace dunlin::test
