#pragma once
// A transport that watches its user: it passes every call on, and holds the user to the contract of transport.hpp.
//
//   auto ranks = make_checked_transport(make_local_transport(), [](const std::string& leak) { ... });
//
// A broken promise is InternalError, thrown by the call that breaks it, before it reaches the transport below:
//   - calls come from the thread that made it;
//   - peers are other ranks, ordinals are not negative, used once per peer and direction until the next agreement;
//   - a message has at most the planned size; a receive has room for at least one byte;
//   - one collective at a time; an agreement is tested only after it was started;
//   - the alarm is settled as raised where this rank knows that it was.
//   - the bytes of a send are the same when it completes as when it began.
// The transport below is held to its own: a completion names an open request, once, with no more bytes than planned.
// Requests or an agreement that are open when it is destroyed are told to `report`.
//
// Where all ranks are watched, `Ends::both`, they also hold one another to the plan: every message travels with what
// its sender knows of the edge, and the receiver compares. Poison then is a message of the knowledge alone.
//
//   message := ordinal:int64 planned:int64 poisoned:int64 byte*

#include <functional>
#include <memory>
#include <string>

#include "dunlin/transport/transport.hpp"

namespace dunlin {

enum class Ends { own, both };

/// Watches `below`. `report` gets one sentence per leak, from the destructor; it must not throw.
std::unique_ptr<Transport> make_checked_transport(std::unique_ptr<Transport> below,
                                                  std::function<void(const std::string&)> report,
                                                  Ends ends = Ends::own);

}  // namespace dunlin
