#pragma once
// Ranks that talk: the contract of all transports, and the only road between ranks.
//
// Data moves along *edges* that both ends planned alike: the n-th edge between a pair of ranks has the same ordinal at
// both, and the same size bound. An edge carries one message of at least one byte; a message of no bytes is *poison*:
// the sender failed before the value existed. Either way the receive completes, so no request is ever left behind.
//
//   sender                               receiver
//   id = send(peer, ordinal, bytes)      id = receive(peer, ordinal, into)       order of calls does not matter
//   poll(done)  → {id, n}                poll(done)  → {id, n}, n == 0 for poison
//
// The caller keeps `bytes` and `into` alive and untouched until `poll` names the id. Messages of any size up to the
// largest that memory holds go through; a transport splits what its system cannot take whole. Both ends of an edge must
// pass the same capacity: `send` gets the planned size (`planned`) beside the bytes, so that poison is split alike.
//
// The alarm spreads the news of a failure: after `raise_alarm` on any rank, `alarmed` becomes true on every rank that
// keeps polling, within a number of steps that grows with the logarithm of the ranks. `settle_alarm`, collective, is
// called after a run's closing agreement and leaves no message behind; it resets the alarm.
//
// Collectives (`start_agreement`, `broadcast`, `settle_alarm`) must be entered by all ranks in the same order;
// agreements are how the ranks find out that they are not.
//
// An ordinal may be used again after an agreement; until then each edge of a pair and direction has its own.
//
// Credit: a sender that is far ahead of its receiver may be held back, so that small messages do not pile up where
// nobody has asked for them yet. So a receive must not be kept from being posted until one of a higher ordinal from the
// same peer has completed: post them in order of ordinals, as plans do, or without waiting in between.
//
// Lifetime: every planned edge is completed, by poison if need be, before a transport goes. A destructor that finds
// open requests (an exception is passing) lets go of them without waiting for anybody, and the others are told that
// this rank has left: what would wait for ever throws RankLeft instead. A rank that goes in order has entered an
// agreement of Call::leave, or just has nothing open.
//
// Threading: all calls come from the thread that made the transport (MPI_THREAD_FUNNELED), except rank() and size().
// Errors: a transport that cannot go on throws TransportError, or std::bad_alloc. It has let go of all requests by
// then: no memory of the caller's is touched any more, the other ranks are told, and the transport is good for nothing
// but being destroyed.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "dunlin/base/error.hpp"
#include "dunlin/transport/agreement.hpp"

namespace dunlin {

/// The message layer failed: names the call and what it said.
struct TransportError : StorageError {
  using StorageError::StorageError;
};

/// A rank is gone that this one waits for. A consequence: the cause is what made `rank` leave.
struct RankLeft : TransportError {
  RankLeft(int rank, const std::string& waiting);
  int rank;
};

/// One running send or receive, unique within its transport.
enum class RequestId : std::int64_t {};

struct Completion {
  RequestId request;
  std::size_t bytes;  // received; for a send, sent. 0: poison
};

class Transport {
 public:
  virtual ~Transport() = default;
  int rank() const { return rank_; }
  int size() const { return size_; }
  /// Ranks that share this rank's node, this one included; and this rank's place among them, from 0.
  int node_size() const { return node_size_; }
  int node_rank() const { return node_rank_; }

  /// Starts sending `bytes` (or poison, where empty) along edge `ordinal` to `peer` ≠ rank(). `planned` ≥ bytes.size()
  /// is the size that both ends planned.
  virtual RequestId send(int peer, std::int64_t ordinal, std::span<const std::byte> bytes, std::size_t planned) = 0;
  /// Starts receiving edge `ordinal` from `peer` ≠ rank(); `into` has the planned size.
  virtual RequestId receive(int peer, std::int64_t ordinal, std::span<std::byte> into) = 0;
  /// Makes progress and appends what has completed since the last call.
  virtual void poll(std::vector<Completion>& done) = 0;

  /// Enters an agreement; one at a time.
  virtual void start_agreement(const Agreement& mine) = 0;
  /// True once all ranks have entered; then `result` is the merged record, and the agreement is over. Passes the alarm
  /// on as `poll` does, so that ranks that only wait here do not hold it up.
  virtual bool test_agreement(Agreement& result) = 0;
  /// Replaces `bytes` on every rank by those of rank `root`, whatever their size. Blocks.
  virtual void broadcast(std::vector<std::byte>& bytes, int root) = 0;

  virtual void raise_alarm() = 0;
  /// Blocks until no alarm message is under way, then forgets the alarm. `any` is what the closing agreement said, the
  /// same on all ranks: whether some rank raised it.
  virtual void settle_alarm(bool any) = 0;
  /// What `poll`, `test_agreement` or an own `raise_alarm` has learnt.
  bool alarmed() const { return alarmed_; }

  /// start_agreement, then test_agreement until all have entered, giving the processor away in between. Requests go on
  /// meanwhile; what completes is named by the next `poll`. Blocks.
  Agreement agree(const Agreement& mine);

 protected:
  Transport(int rank, int size) : rank_(rank), size_(size), node_size_(size), node_rank_(rank) {}
  int rank_, size_, node_size_, node_rank_;
  bool alarmed_ = false;
};

}  // namespace dunlin
