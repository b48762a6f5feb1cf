// Before MPI begins, with too low a thread level, and after MPI has ended: a program of its own, since MPI begins once.

#include <mpi.h>

#include <cstdio>
#include <string>

#include "dunlin/transport/mpi_transport.hpp"

namespace {

int failures = 0;

void expect_sentence(const char* when, const std::string& found, const std::string& expected) {
  if (found.find(expected) != std::string::npos) return;
  std::printf("%s: expected \"…%s…\", got \"%s\"\n", when, expected.c_str(), found.c_str());
  ++failures;
}

template <class F>
std::string sentence(F&& call) {
  try {
    call();
  } catch (const dunlin::UsageError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

}  // namespace

int main(int argc, char** argv) {
  const auto make = [] { dunlin::make_transport(MPI_COMM_WORLD); };
  expect_sentence("before MPI", sentence(make), "needs MPI running, but it was not initialised");

  const bool single = argc > 1 && std::string(argv[1]) == "single";
  int level = MPI_THREAD_SINGLE;
  MPI_Init_thread(&argc, &argv, single ? MPI_THREAD_SINGLE : MPI_THREAD_FUNNELED, &level);
  std::unique_ptr<dunlin::Transport> survivor;
  if (level < MPI_THREAD_FUNNELED) {
    expect_sentence("single-threaded MPI", sentence(make), "MPI_Init_thread with MPI_THREAD_FUNNELED or more");
  } else {
    survivor = dunlin::make_transport(MPI_COMM_WORLD);
    survivor->agree(dunlin::Agreement::of(dunlin::Call::setup, 0));
  }
  MPI_Finalize();

  expect_sentence("after MPI", sentence(make), "or has ended");
  if (survivor)
    expect_sentence("a survivor", sentence([&] { survivor->start_agreement({}); }),
                    "MPI has ended, but a context still lives");
  survivor.reset();  // gives nothing back, and does not fail
  return failures == 0 ? 0 : 1;
}
