// What messages cost over MPI, in microseconds, the best of several repeats:
//
//   mpirun -n 2 bin/transport_cost
//
// Rank 0 sends rank 1 a stream of small messages, as many at a time as the window says; then frames that carry as many
// of them at once, packed and unpacked: what coalescing could gain at most. Other ranks wait.

#include <mpi.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>
#include <limits>
#include <vector>

#include "dunlin/transport/mpi_transport.hpp"
#include "support/mpi_session.hpp"

namespace {

using dunlin::Agreement;
using dunlin::Call;
using dunlin::Completion;
using dunlin::Transport;

constexpr std::size_t kBytes = 64;
constexpr int kRepeats = 15;

/// Microseconds of one of `count` pieces of work, the best of several repeats; all ranks begin together.
double best(Transport& ranks, std::int64_t count, const std::function<void()>& work) {
  double fastest = std::numeric_limits<double>::max();
  for (int repeat = 0; repeat < kRepeats; ++repeat) {
    ranks.agree(Agreement::of(Call::plan, repeat));
    const auto start = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double, std::micro> taken = std::chrono::steady_clock::now() - start;
    fastest = std::min(fastest, taken.count() / static_cast<double>(count));
  }
  return fastest;
}

/// `count` messages of `size` bytes from rank 0 to rank 1, `window` at a time, each made and taken in by a copy.
void stream(Transport& ranks, std::int64_t count, std::size_t size, std::int64_t window) {
  if (ranks.rank() > 1) return;
  std::vector<std::byte> memory(size * static_cast<std::size_t>(window)), values(memory.size(), std::byte{1});
  std::vector<Completion> done;
  std::int64_t begun = 0, ended = 0;
  while (ended < count) {
    while (begun < count && begun - ended < window) {
      const auto message = std::span(memory).subspan(static_cast<std::size_t>(begun % window) * size, size);
      if (ranks.rank() == 0) {
        std::memcpy(message.data(), values.data(), size);
        ranks.send(1, begun, message, size);
      } else {
        ranks.receive(0, begun, message);
      }
      ++begun;
    }
    done.clear();
    ranks.poll(done);
    ended += static_cast<std::int64_t>(done.size());
  }
}

void report(const Transport& ranks, const char* what, double microseconds) {
  if (ranks.rank() == 0) std::printf("%-46s %8.3f us\n", what, microseconds);
}

void measure_streams(Transport& ranks) {
  constexpr std::int64_t kMessages = 16'384;
  for (std::int64_t window : {1, 16, 64, 256}) {
    const std::string at = ", window " + std::to_string(window);
    report(ranks, ("a message of 64 bytes" + at).c_str(),
           best(ranks, kMessages, [&] { stream(ranks, kMessages, kBytes, window); }));
  }
  for (std::size_t together : {8, 32})
    report(ranks, ("the same, " + std::to_string(together) + " in one frame, window 64").c_str(),
           best(ranks, kMessages,
                [&] { stream(ranks, kMessages / static_cast<std::int64_t>(together), together * kBytes, 64); }));
}

void measure_polls(Transport& ranks) {
  constexpr int kPolls = 20'000;
  std::vector<std::byte> memory(64 * kBytes);
  std::vector<Completion> done;
  for (std::size_t open : {0, 8, 64}) {
    const auto message = [&](std::size_t k) { return std::span(memory).subspan(k * kBytes, kBytes); };
    if (ranks.rank() == 0)
      for (std::size_t k = 0; k < open; ++k) ranks.receive(1, static_cast<std::int64_t>(k), message(k));
    report(ranks, ("a poll with " + std::to_string(open) + " open").c_str(), best(ranks, kPolls, [&] {
             for (int k = 0; k < kPolls && ranks.rank() == 0; ++k) ranks.poll(done);
           }));
    if (ranks.rank() == 1)
      for (std::size_t k = 0; k < open; ++k) ranks.send(0, static_cast<std::int64_t>(k), message(k), kBytes);
    while (ranks.rank() < 2 && done.size() < open) ranks.poll(done);
    done.clear();
  }
}

void measure_collectives(Transport& ranks) {
  constexpr int kTimes = 2'000;
  report(ranks, "an agreement", best(ranks, kTimes, [&] {
           for (int k = 0; k < kTimes; ++k) ranks.agree(Agreement::of(Call::plan, k));
         }));
  report(ranks, "MPI_Allreduce of 8 bytes", best(ranks, kTimes, [&] {
           for (int k = 0; k < kTimes; ++k) {
             std::int64_t mine = k, all = 0;
             MPI_Allreduce(&mine, &all, 1, MPI_INT64_T, MPI_MAX, MPI_COMM_WORLD);
           }
         }));
}

}  // namespace

int main(int argc, char** argv) {
  dunlin::MpiSession session(argc, argv);
  const auto ranks = session.world();
  if (ranks->size() < 2) {
    std::fprintf(stderr, "transport_cost: expected at least 2 ranks, got 1: start it with mpirun -n 2\n");
    return 2;
  }
  measure_streams(*ranks);
  measure_polls(*ranks);
  measure_collectives(*ranks);
}
