// What a transport takes from MPI it gives back. The MPI functions that give and take are counted here, in front of the
// library's (MPI's profiling interface: each MPI_X is also PMPI_X).

#include <gtest/gtest.h>
#include <mpi.h>

#include "conformance/traffic.hpp"
#include "dunlin/transport/mpi_transport.hpp"

namespace {
struct Held {
  int communicators = 0, datatypes = 0, operations = 0;
  friend bool operator==(const Held&, const Held&) = default;
};
Held held, most;

int count(int code, int& number, int change) {
  if (code == MPI_SUCCESS) number += change;
  most.communicators = std::max(most.communicators, held.communicators);
  return code;
}
}  // namespace

extern "C" {
int MPI_Comm_dup(MPI_Comm comm, MPI_Comm* copy) { return count(PMPI_Comm_dup(comm, copy), held.communicators, 1); }
int MPI_Comm_split_type(MPI_Comm comm, int type, int key, MPI_Info info, MPI_Comm* part) {
  return count(PMPI_Comm_split_type(comm, type, key, info, part), held.communicators, 1);
}
int MPI_Comm_free(MPI_Comm* comm) { return count(PMPI_Comm_free(comm), held.communicators, -1); }
int MPI_Type_contiguous(int n, MPI_Datatype old, MPI_Datatype* type) {
  return count(PMPI_Type_contiguous(n, old, type), held.datatypes, 1);
}
int MPI_Type_free(MPI_Datatype* type) { return count(PMPI_Type_free(type), held.datatypes, -1); }
int MPI_Op_create(MPI_User_function* function, int commutes, MPI_Op* op) {
  return count(PMPI_Op_create(function, commutes, op), held.operations, 1);
}
int MPI_Op_free(MPI_Op* op) { return count(PMPI_Op_free(op), held.operations, -1); }
}

namespace dunlin {
namespace {

TEST(MpiHandles, TwoHundredTransportsLeaveNothing) {
  const Held before = held;
  most = held;
  for (int k = 0; k < 200; ++k) {
    const auto ranks = make_transport(MPI_COMM_WORLD);
    Agreement mine = Agreement::of(Call::run_end, k);
    if (k % 10 == 0 && ranks->rank() == k % ranks->size()) {
      ranks->raise_alarm();
      mine.failing_rank = ranks->rank();
    }
    ranks->settle_alarm(ranks->agree(mine).failed());
  }
  EXPECT_EQ(most.communicators - before.communicators, 3) << "data, control, and for a moment the node's";
  EXPECT_TRUE(held == before) << held.communicators << " communicators, " << held.datatypes << " datatypes, "
                              << held.operations << " operations are left";
}

TEST(MpiHandles, ARefusedTransportLeavesNothing) {
  const Held before = held;
  EXPECT_THROW(make_transport(MPI_COMM_WORLD, 0), UsageError);
  EXPECT_TRUE(held == before);
}

}  // namespace
}  // namespace dunlin
