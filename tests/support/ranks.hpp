#pragma once
// One test body, run by ranks of either kind.
//
//   TEST(Context, AgreesOnItsCluster) {
//     for_ranks([](std::unique_ptr<Transport> ranks) { ... });
//   }
//
// In an executable that links `dunlin_test_local_ranks`, the body runs over 1, 2, 3 and 4 local ranks in turn, each
// rank a thread. In one made by dunlin_mpi_test it runs once per process, over all processes of the job. Assertions may
// be used freely; a fatal one ends the body of its own rank only, and other ranks that wait for it fail (local) or run
// into the test's time limit (MPI).

#include <functional>
#include <memory>

#include "dunlin/transport/mpi_transport.hpp"
#include "dunlin/transport/transport.hpp"

namespace dunlin::test {

/// `piece_bytes` is the largest single message over MPI; local ranks take messages whole.
void for_ranks(const std::function<void(std::unique_ptr<Transport>)>& body, std::size_t piece_bytes = kLargestPiece);

/// Whether for_ranks' ranks are threads of this process.
bool ranks_share_memory();
/// Over processes: the largest of a number over all of them, which must all ask; over local ranks the number itself.
int most_of_all(int mine);

/// The body over this many local ranks, each failure marked with its rank.
void for_local_ranks(int ranks, const std::function<void(std::unique_ptr<Transport>)>& body);

}  // namespace dunlin::test
