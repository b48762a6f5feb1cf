#include "stop_signals.hpp"

#include <signal.h>

namespace dunlin {
namespace {

// A handler can reach nothing else.
std::atomic<bool> stop{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may only touch lock-free atomics");

extern "C" void ask_to_stop(int) { stop = true; }

}  // namespace

void catch_stop_signals() {
  struct sigaction action {};
  action.sa_handler = ask_to_stop;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (int number : {SIGINT, SIGTERM, SIGUSR1}) sigaction(number, &action, nullptr);
}

const std::atomic<bool>& stop_flag() { return stop; }

}  // namespace dunlin
