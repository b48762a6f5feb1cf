#pragma once
// How far a sender may run ahead of a receiver with small messages.
//
// MPI takes small messages into its own memory where they wait for their receive, and calls them sent. A fast sender
// could so fill a slow receiver's node. Per peer at most kCreditMessages messages or kCreditBytes bytes, in two halves,
// are under way that nobody is known to have asked for:
//
//   eager … eager | probe | eager … eager | wait …      The first message beyond half of the credit is the *probe*: it
//        half               half                        goes synchronously (MPI_Issend completes when it is matched).
//                                                       Until it has, half of the credit is left; then messages wait.
//
// That the probe is matched tells that its receiver has posted all receives of lower ordinals, since it posts them in
// their order (transport.hpp): all that went before the probe is asked for. Three rules keep that true and the ranks
// from waiting in a circle:
//   1. only a message of a higher ordinal than all eager ones before it becomes a probe; one of a lower goes
//      synchronously as well, but tells nothing;
//   2. a message of a lower ordinal than the open probe always passes, synchronously: its sender keeps its memory;
//   3. only messages of higher ordinals than the open probe wait, and leave in order of ordinals.
//
// No deadlock. Take the edge e that is the first, in the order common to all ranks, of those that never complete. Its
// receive is posted, for all receives before it have completed. Its value is made, for the edges that its sender waits
// for come before e. So its message was handed to us, and waits. Then, by rule 3, a probe p of a lower ordinal to the
// same peer is open. But p comes before e, so it completes: e does not wait.
//
// Messages above kSmallMessage take no credit: MPI sends them when they are asked for. Pure bookkeeping, without MPI;
// some 100 bytes for each peer that was ever sent to.

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

namespace dunlin {

inline constexpr std::size_t kSmallMessage = std::size_t{64} << 10;
inline constexpr std::size_t kCreditBytes = std::size_t{1} << 20;
inline constexpr std::int64_t kCreditMessages = 1024;

class SendCredit {
 public:
  /// A message's place among those to its peer: ordinals begin anew with every epoch.
  struct Place {
    std::int64_t epoch, ordinal;
    friend auto operator<=>(const Place&, const Place&) = default;
  };
  struct Message {
    int peer;
    Place place;
    std::int64_t messages;  // pieces that it is sent in
    std::size_t bytes;
    std::size_t operation;  // meaning by the caller
  };
  /// eager: send it. synchronous, probe: send it so that it completes when it is matched, and call `confirm` then where
  /// it is the probe. wait: it is kept, `confirm` gives it back.
  enum class Way { eager, synchronous, probe, wait };

  Way admit(const Message& message);
  struct Admitted {
    Message message;
    Way way;  // not wait
  };
  /// The probe to `peer` is matched: what may leave now, in this order.
  std::vector<Admitted> confirm(int peer);
  /// How many messages wait.
  std::int64_t waiting() const { return waiting_; }

 private:
  struct Peer {
    std::int64_t messages = 0;  // eager ones since the last probe
    std::size_t bytes = 0;
    Place last{-1, -1};  // highest place of those, and of the last probe
    std::optional<Place> probe;
    std::map<Place, Message> waiting;
  };
  static bool fits(const Peer& peer, const Message& message);

  std::unordered_map<int, Peer> peers_;
  std::int64_t waiting_ = 0;
};

}  // namespace dunlin
