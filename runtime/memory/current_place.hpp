#pragma once
// The calling thread's place as a variable, so that asking for it costs no call. Set by AtPlace only.

#include "dunlin/memory/worker_place.hpp"

namespace dunlin {

extern constinit thread_local WorkerPlace current_place;

}  // namespace dunlin
