// A context inside an MPI program: several on disjoint communicators, its host left as it was.

#include <gtest/gtest.h>
#include <mpi.h>

#include "../unit/context/context_fixture.hpp"

namespace dunlin::test {
namespace {

TEST(MpiContext, SeveralOnDisjointCommunicatorsRunAtTheSameTime) {
  const Watchdog watchdog("split communicators");
  int rank = 0, size = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  MPI_Comm half;
  MPI_Comm_split(MPI_COMM_WORLD, rank % 2, rank, &half);
  {
    Context all(watched(make_transport(MPI_COMM_WORLD)), {.threads = 1});
    Context mine(watched(make_transport(half)), {.threads = 2});
    EXPECT_EQ(all.size(), size);
    EXPECT_EQ(mine.size(), rank % 2 == 0 ? (size + 1) / 2 : size / 2);
    MPI_Comm_free(&half);  // the context has its own
    for (int k = 0; k < 3; ++k) {
      if (rank % 2 == 0) expect_works(mine);  // one half is ahead of the other
      expect_works(all);
      if (rank % 2 == 1) expect_works(mine);
    }
    // A failure in one half is none in the other.
    Doubled doubled;
    doubled.reading.hook = [&](const ChunkIndex&) {
      if (rank % 2 == 0) throw StorageError("no room");
    };
    if (rank % 2 == 0)
      EXPECT_THROW(mine.compute(doubled.sinks()), RankError);
    else
      EXPECT_EQ(mine.compute(doubled.sinks()).tasks, 24);
    expect_works(mine);
    expect_works(all);
  }
}

TEST(MpiContext, TwoOnOneCommunicatorDoNotHearEachOther) {
  const Watchdog watchdog("two contexts");
  Context first(watched(make_transport(MPI_COMM_WORLD)), {.threads = 2});
  Context second(watched(make_transport(MPI_COMM_WORLD)), {.threads = 1});
  for (int k = 0; k < 3; ++k) {
    expect_works(first);
    expect_works(second);
  }
}

void ignore(MPI_Comm*, int*, ...) {}

TEST(MpiContext, TheCallersErrorHandlerStays) {
  const Watchdog watchdog("error handlers");
  MPI_Errhandler own, before, now;
  MPI_Comm_create_errhandler(&ignore, &own);
  MPI_Comm_get_errhandler(MPI_COMM_WORLD, &before);
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, own);
  {
    Context context(watched(make_transport(MPI_COMM_WORLD)), {.threads = 2});
    expect_works(context);
    MPI_Comm_get_errhandler(MPI_COMM_WORLD, &now);
    EXPECT_EQ(now, own) << "while it lives";
    MPI_Errhandler_free(&now);
  }
  MPI_Comm_get_errhandler(MPI_COMM_WORLD, &now);
  EXPECT_EQ(now, own) << "and after";
  MPI_Errhandler_free(&now);
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, before);
  MPI_Errhandler_free(&before);
  MPI_Errhandler_free(&own);
}

TEST(MpiContext, ManyComeAndGo) {
  const Watchdog watchdog("many contexts");
  for (int k = 0; k < 100; ++k) {
    Context context(watched(make_transport(MPI_COMM_WORLD)), {.threads = 1});
    if (k % 20 == 0) expect_works(context);
  }
}

}  // namespace
}  // namespace dunlin::test
