#pragma once
// A transport on a bad day, for tests: passes every call on to another one, with faults that a seed or a count chooses.
//
//   auto ranks = make_fault_transport(make_transport(comm), {.seed = 7, .late = 0.3});
//   auto ranks = make_fault_transport(std::move(below), {.failures = {{TransportCall::send, 3, Fault::network}}});
//
// *Delays* keep the contract of transport.hpp, so its user must come to a right result all the same:
//   late        this share of sends, receives, completions, agreements and alarms is held back for 1 … longest_delay
//               later looks (`poll` or `test_agreement`); edges of one peer and direction keep their order, those of
//               different peers overtake one another, and what one look names comes in random order
//   pause       a slow rank: every look begins with a sleep
// *Failures* break it, at the n-th call of a kind on this rank, before the call has reached the transport below:
//   network     TransportError, as when the network is gone
//   memory      std::bad_alloc
// Either way what was open is let go, the others are told that this rank has left, and every later call is a
// TransportError.

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "dunlin/transport/transport.hpp"

namespace dunlin {

enum class TransportCall { send, receive, poll, start_agreement, test_agreement, broadcast, raise_alarm, settle_alarm };
enum class Fault { network, memory };

struct Failing {
  TransportCall call = TransportCall::send;
  /// Which one of the calls of this kind, from 1.
  std::int64_t nth = 1;
  Fault fault = Fault::network;
};

struct Faults {
  /// The rank is mixed in: ranks with one seed have different days.
  std::uint64_t seed = 0;
  /// From 0 to 1.
  double late = 0;
  int longest_delay = 16;
  std::chrono::microseconds pause{0};
  std::vector<Failing> failures;
};

/// The faults of one rank: ranks may have different ones.
std::unique_ptr<Transport> make_fault_transport(std::unique_ptr<Transport> below, Faults faults);

}  // namespace dunlin
