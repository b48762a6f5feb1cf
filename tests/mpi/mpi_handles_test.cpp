// What a transport takes from MPI it gives back.

#include <gtest/gtest.h>
#include <mpi.h>

#include "conformance/traffic.hpp"
#include "dunlin/transport/mpi_transport.hpp"
#include "support/held_handles.hpp"

namespace dunlin {
namespace {

using test::held_handles;
using test::HeldHandles;
using test::most_communicators;

TEST(MpiHandles, TwoHundredTransportsLeaveNothing) {
  const HeldHandles before = held_handles();
  most_communicators();
  for (int k = 0; k < 200; ++k) {
    const auto ranks = make_transport(MPI_COMM_WORLD);
    Agreement mine = Agreement::of(Call::run_end, k);
    if (k % 10 == 0 && ranks->rank() == k % ranks->size()) {
      ranks->raise_alarm();
      mine.failing_rank = ranks->rank();
    }
    ranks->settle_alarm(ranks->agree(mine).failed());
  }
  EXPECT_EQ(most_communicators() - before.communicators, 3) << "data, control, and for a moment the node's";
  EXPECT_EQ(held_handles(), before);
}

TEST(MpiHandles, ARefusedTransportLeavesNothing) {
  const HeldHandles before = held_handles();
  EXPECT_THROW(make_transport(MPI_COMM_WORLD, 0), UsageError);
  EXPECT_EQ(held_handles(), before);
}

}  // namespace
}  // namespace dunlin
