#include "dunlin/memory/worker_place.hpp"

#include "current_place.hpp"

namespace dunlin {

constinit thread_local WorkerPlace current_place;

WorkerPlace this_worker_place() { return current_place; }

AtPlace::AtPlace(WorkerPlace place) : before_(current_place) { current_place = place; }

AtPlace::~AtPlace() { current_place = before_; }

}  // namespace dunlin
