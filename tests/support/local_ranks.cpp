#include <gtest/gtest.h>

#include "dunlin/transport/local_transport.hpp"
#include "support/held_handles.hpp"
#include "support/ranks.hpp"

namespace dunlin::test {

HeldHandles held_handles() { return {}; }
int most_communicators() { return 0; }
bool ranks_share_memory() { return true; }
int most_of_all(int mine) { return mine; }

void for_local_ranks(int ranks, const std::function<void(std::unique_ptr<Transport>)>& body) {
  run_local_ranks(ranks, [&](std::unique_ptr<Transport> transport) {
    SCOPED_TRACE("rank " + std::to_string(transport->rank()) + " of " + std::to_string(ranks));
    body(std::move(transport));
  });
}

void for_ranks(const std::function<void(std::unique_ptr<Transport>)>& body, std::size_t) {
  for (int ranks = 1; ranks <= 4; ++ranks) for_local_ranks(ranks, body);
}

}  // namespace dunlin::test
