// A context is a guest in a simulation that has messages of its own under way.

#include <mpi.h>

#include <atomic>

#include "../unit/context/centred.hpp"

namespace dunlin::test {
namespace {

int handled = 0;
void count_errors(MPI_Comm*, int*, ...) { ++handled; }

/// A simulation between two of its steps: receives from anybody, with any tag, are posted, its error handler is its
/// own.
class Simulation {
 public:
  static constexpr int kMessages = 20;

  explicit Simulation(MPI_Comm comm) : comm_(comm) {
    MPI_Comm_rank(comm, &rank_);
    MPI_Comm_size(comm, &size_);
    MPI_Comm_get_errhandler(comm, &before_);
    MPI_Comm_create_errhandler(&count_errors, &own_);
    MPI_Comm_set_errhandler(comm, own_);
    handled = 0;
  }
  ~Simulation() {
    MPI_Errhandler now;
    MPI_Comm_get_errhandler(comm_, &now);
    EXPECT_EQ(now, own_);
    EXPECT_EQ(handled, 0) << "an error of ours came to the simulation's handler";
    MPI_Errhandler_free(&now);
    MPI_Comm_set_errhandler(comm_, before_);
    MPI_Errhandler_free(&before_);
    MPI_Errhandler_free(&own_);
  }
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  void post_receives() {
    for (int k = 0; k < kMessages; ++k)
      MPI_Irecv(&got_[k], 1, MPI_INT, MPI_ANY_SOURCE, MPI_ANY_TAG, comm_, &receives_[k]);
  }
  void send(int from, int to) {
    for (int k = from; k < to; ++k) {
      sent_[k] = 1000 * rank_ + k;
      MPI_Isend(&sent_[k], 1, MPI_INT, (rank_ + 1) % size_, k, comm_, &sends_[k]);
    }
  }
  void finish() {
    MPI_Status statuses[kMessages];
    MPI_Waitall(kMessages, receives_, statuses);
    MPI_Waitall(kMessages, sends_, MPI_STATUSES_IGNORE);
    const int previous = (rank_ + size_ - 1) % size_;
    for (int k = 0; k < kMessages; ++k) {
      EXPECT_EQ(statuses[k].MPI_SOURCE, previous);
      EXPECT_EQ(statuses[k].MPI_TAG, k);
      EXPECT_EQ(got_[k], 1000 * previous + k) << "another's message";
    }
    int more = 0;
    MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, comm_, &more, MPI_STATUS_IGNORE);
    EXPECT_FALSE(more) << "a message of ours lies in the simulation's way";
  }

 private:
  MPI_Comm comm_;
  int rank_ = 0, size_ = 0;
  int got_[kMessages] = {}, sent_[kMessages] = {};
  MPI_Request receives_[kMessages], sends_[kMessages];
  MPI_Errhandler before_, own_;
};

TEST(MpiGuest, ASimulationsMessagesAndOursDoNotMeet) {
  const Watchdog watchdog("a simulation's messages");
  const NothingIsLeft nothing;
  Simulation simulation(MPI_COMM_WORLD);
  Context context(watched(make_transport(MPI_COMM_WORLD)), {.threads = 2});
  for (int step = 0; step < 3; ++step) {
    simulation.post_receives();
    expect_centred(context);
    simulation.send(0, Simulation::kMessages / 2);
    Centred broken;
    broken.reading.hook = [&](const ChunkIndex&) {
      if (context.rank() == step % context.size()) throw StorageError("no room");
    };
    EXPECT_THROW(context.compute(broken.sinks()), RankError);
    simulation.send(Simulation::kMessages / 2, Simulation::kMessages);
    expect_centred(context);
    simulation.finish();
  }
}

TEST(MpiGuest, ContextsOnHalvesRunAtOnceBesideASimulationOnAll) {
  const Watchdog watchdog("contexts on halves");
  const NothingIsLeft nothing;
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm half;
  MPI_Comm_split(MPI_COMM_WORLD, rank % 2, rank, &half);
  {
    Simulation simulation(MPI_COMM_WORLD);
    Context context(watched(make_transport(half)), {.threads = 2});
    simulation.post_receives();
    for (int k = 0; k < (rank % 2 ? 5 : 1); ++k) expect_centred(context);  // one half works longer
    simulation.send(0, Simulation::kMessages);
    expect_centred(context);
    simulation.finish();
  }
  MPI_Comm_free(&half);
}

}  // namespace
}  // namespace dunlin::test
