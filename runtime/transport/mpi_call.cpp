#include "mpi_call.hpp"

#include <string>
#include <thread>

#include "dunlin/transport/transport.hpp"

namespace dunlin::mpi {

void fail(const char* call, int code) {
  char text[MPI_MAX_ERROR_STRING] = "";
  int length = 0;
  if (MPI_Error_string(code, text, &length) != MPI_SUCCESS) length = 0;
  throw TransportError(std::string(call) +
                       " failed: " + (length > 0 ? std::string(text, length) : "error " + std::to_string(code)) +
                       "; the ranks cannot talk any more: see what the MPI library wrote, and start the job again");
}

bool running() {
  int initialized = 0, finalized = 0;
  MPI_Initialized(&initialized);  // these two never fail, and may be called at any time
  MPI_Finalized(&finalized);
  return initialized && !finalized;
}

void wait_all(std::span<MPI_Request> requests, const std::function<void()>& while_waiting) {
  while (true) {
    int done = 0;
    DUNLIN_MPI(MPI_Testall, static_cast<int>(requests.size()), requests.data(), &done, MPI_STATUSES_IGNORE);
    if (done) return;
    while_waiting();
    std::this_thread::yield();
  }
}

}  // namespace dunlin::mpi
