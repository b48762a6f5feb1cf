#pragma once
// Signals that ask for an end: SIGINT, SIGTERM, SIGUSR1 (which batch systems send ahead of a time limit).

#include <atomic>

namespace dunlin {

/// From now on these signals set a flag instead of ending the process. Calls of the system go on after them.
void catch_stop_signals();
/// The flag; true once a signal came.
const std::atomic<bool>& stop_flag();

}  // namespace dunlin
