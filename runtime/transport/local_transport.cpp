#include "dunlin/transport/local_transport.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <utility>

namespace dunlin {

namespace {

/// Whose message, and which of its edges.
using EdgeKey = std::pair<int, std::int64_t>;

/// One end of an edge, waiting for the other; the span of the other kind is empty.
struct Waiting {
  RequestId request;
  std::span<const std::byte> bytes;
  std::span<std::byte> into;
};

using WaitingEnds = std::map<EdgeKey, std::deque<Waiting>>;

struct Done {
  Completion completion;
  bool too_long;  // the message was larger than its receive
};

/// What concerns one rank, under one lock: messages for it, receives of it, and what it has yet to poll.
struct Mailbox {
  std::mutex mutex;
  WaitingEnds sends, receives;
  std::vector<Done> done;
};

std::optional<Waiting> take(WaitingEnds& ends, const EdgeKey& key) {
  const auto found = ends.find(key);
  if (found == ends.end()) return {};
  const Waiting first = found->second.front();
  found->second.pop_front();
  if (found->second.empty()) ends.erase(found);
  return first;
}

bool remove(WaitingEnds& ends, const EdgeKey& key, RequestId request) {
  const auto found = ends.find(key);
  if (found == ends.end()) return false;
  const auto erased = std::erase_if(found->second, [&](const Waiting& end) { return end.request == request; });
  if (found->second.empty()) ends.erase(found);
  return erased > 0;
}

/// One agreement under way. Two are enough: a rank enters the next but one only after all have left this one.
struct Round {
  std::int64_t number = 0;  // 0: never used
  int entered = 0;
  Agreement merged;
};

struct Broadcast {
  std::vector<std::byte> bytes;
  int readers;  // who have yet to copy
};

}  // namespace

struct LocalHub::State {
  explicit State(int ranks)
      : ranks(ranks), mailboxes(ranks), left(ranks), taken(ranks, false), agreements_entered(ranks, 0) {}

  const int ranks;
  std::vector<Mailbox> mailboxes;
  std::vector<std::atomic<bool>> left;
  std::atomic<int> departures = 0;
  /// The alarm of run n has been raised, runs counted by the settled alarms before it, from 1.
  std::atomic<std::int64_t> alarm = 0;

  std::mutex mutex;  // guards what follows
  std::condition_variable changed;
  std::vector<bool> taken;
  std::vector<std::int64_t> agreements_entered;
  std::array<Round, 2> rounds;
  std::map<std::int64_t, Broadcast> broadcasts;

  void deliver(int rank, Done done) {
    const std::scoped_lock lock(mailboxes[rank].mutex);
    mailboxes[rank].done.push_back(done);
  }
};

namespace {

class LocalTransport final : public Transport {
 public:
  LocalTransport(std::shared_ptr<LocalHub::State> hub, int rank) : Transport(rank, hub->ranks), hub_(std::move(hub)) {}
  ~LocalTransport() override;

  RequestId send(int peer, std::int64_t ordinal, std::span<const std::byte> bytes, std::size_t planned) override;
  RequestId receive(int peer, std::int64_t ordinal, std::span<std::byte> into) override;
  void poll(std::vector<Completion>& done) override;
  void start_agreement(const Agreement& mine) override;
  bool test_agreement(Agreement& result) override;
  void broadcast(std::vector<std::byte>& bytes, int root) override;
  void raise_alarm() override;
  void settle_alarm(bool any) override;

 private:
  struct Open {
    int peer;
    std::int64_t ordinal;
    bool sends;
  };

  RequestId open(int peer, std::int64_t ordinal, bool sends);
  std::optional<Open> lost_edge(std::vector<Completion>& done);
  void meet(const EdgeKey& key, Mailbox& mailbox, WaitingEnds Mailbox::*theirs, WaitingEnds Mailbox::*ours,
            const Waiting& end, int peer);
  bool withdraw(RequestId request, const Open& end);
  void drain(std::vector<Completion>* done);
  /// Throws, after this rank has let go of everything.
  template <class Error>
  [[noreturn]] void give_up(Error error) {
    leave();
    throw error;
  }
  void leave() noexcept;
  void hear_alarm() { alarmed_ = hub_->alarm.load(std::memory_order_acquire) > settled_; }

  std::shared_ptr<LocalHub::State> hub_;
  std::unordered_map<std::int64_t, Open> open_;
  std::vector<Done> drained_;
  std::size_t room_ = 0;  // completions that fit without taking memory
  std::int64_t next_request_ = 0;
  std::int64_t agreements_ = 0;  // entered so far
  std::int64_t broadcasts_ = 0;  // entered so far
  std::int64_t settled_ = 0;     // alarms settled so far
  bool too_long_ = false;        // a message did not fit its receive
  bool gone_ = false;            // this rank has left
};

/// Copies a message to where it belongs; its sender's and its receiver's completion.
std::pair<Done, Done> transfer(const Waiting& send, const Waiting& receive) {
  const std::size_t bytes = std::min(send.bytes.size(), receive.into.size());
  if (bytes > 0) std::memcpy(receive.into.data(), send.bytes.data(), bytes);
  return {{{send.request, send.bytes.size()}, false}, {{receive.request, bytes}, bytes < send.bytes.size()}};
}

RequestId LocalTransport::open(int peer, std::int64_t ordinal, bool sends) {
  require(peer >= 0 && peer < size() && peer != rank(), "a message goes to another rank of its transport");
  require(!gone_, "a transport that has failed is not used any more");
  try {
    if (open_.size() >= room_) {
      const std::scoped_lock lock(hub_->mailboxes[rank()].mutex);
      hub_->mailboxes[rank()].done.reserve(2 * room_ + 16);
      drained_.reserve(2 * room_ + 16);  // the two change places
      room_ = 2 * room_ + 16;
    }
    open_[next_request_] = {peer, ordinal, sends};
  } catch (const std::bad_alloc&) {
    leave();
    throw;
  }
  return RequestId{next_request_++};
}

/// Finds the other end of an edge in a mailbox and completes both, or leaves this one there.
void LocalTransport::meet(const EdgeKey& key, Mailbox& mailbox, WaitingEnds Mailbox::*theirs,
                          WaitingEnds Mailbox::*ours, const Waiting& end, int peer) {
  std::optional<Waiting> other;
  try {
    const std::scoped_lock lock(mailbox.mutex);
    other = take(mailbox.*theirs, key);
    if (!other) (mailbox.*ours)[key].push_back(end);
  } catch (const std::bad_alloc&) {
    open_.erase(static_cast<std::int64_t>(end.request));
    leave();
    throw;
  }
  if (!other) return;
  // Now it is ours alone: copied without the lock.
  const bool sends = ours == &Mailbox::sends;
  const auto [sent, received] = sends ? transfer(end, *other) : transfer(*other, end);
  hub_->deliver(peer, sends ? received : sent);
  hub_->deliver(rank(), sends ? sent : received);
}

RequestId LocalTransport::send(int peer, std::int64_t ordinal, std::span<const std::byte> bytes, std::size_t planned) {
  require(bytes.size() <= planned, "a message is larger than its edge was planned");
  const Waiting mine{open(peer, ordinal, true), bytes, {}};
  meet({rank(), ordinal}, hub_->mailboxes[peer], &Mailbox::receives, &Mailbox::sends, mine, peer);
  return mine.request;
}

RequestId LocalTransport::receive(int peer, std::int64_t ordinal, std::span<std::byte> into) {
  const Waiting mine{open(peer, ordinal, false), {}, into};
  meet({peer, ordinal}, hub_->mailboxes[rank()], &Mailbox::sends, &Mailbox::receives, mine, peer);
  return mine.request;
}

/// Takes in what has completed; without `done`, only forgets it.
void LocalTransport::drain(std::vector<Completion>* done) {
  drained_.clear();
  {
    Mailbox& mine = hub_->mailboxes[rank()];
    const std::scoped_lock lock(mine.mutex);
    if (done != nullptr) done->reserve(done->size() + mine.done.size());
    drained_.swap(mine.done);
  }
  for (const Done& one : drained_) {
    open_.erase(static_cast<std::int64_t>(one.completion.request));
    too_long_ = too_long_ || one.too_long;
    if (done != nullptr && !one.too_long) done->push_back(one.completion);
  }
}

/// An edge whose other end has left for good: what that rank matched before is in our mailbox by now, so what is still
/// open after another look never completes.
std::optional<LocalTransport::Open> LocalTransport::lost_edge(std::vector<Completion>& done) {
  for (const auto& [request, end] : open_) {
    if (!hub_->left[end.peer].load(std::memory_order_acquire)) continue;
    const auto waiting = std::pair(request, end);
    drain(&done);  // may change what we walk over
    if (open_.contains(waiting.first)) return waiting.second;
    return {};
  }
  return {};
}

void LocalTransport::poll(std::vector<Completion>& done) {
  require(!gone_, "a transport that has failed is not used any more");
  hear_alarm();
  std::optional<Open> lost;
  try {
    drain(&done);
    if (hub_->departures.load(std::memory_order_acquire) > 0) lost = lost_edge(done);
  } catch (const std::bad_alloc&) {
    leave();
    throw;
  }
  if (too_long_)
    give_up(TransportError("rank " + std::to_string(rank()) +
                           " got a message that is larger than its receive: both ends of an edge must plan one size"));
  if (lost)
    give_up(RankLeft(lost->peer,
                     "rank " + std::to_string(rank()) + " waits for it at edge " + std::to_string(lost->ordinal)));
}

void LocalTransport::start_agreement(const Agreement& mine) {
  require(!gone_, "a transport that has failed is not used any more");
  const std::scoped_lock lock(hub_->mutex);
  hub_->agreements_entered[rank()] = ++agreements_;
  Round& round = hub_->rounds[agreements_ % 2];
  if (round.number != agreements_)
    round = {agreements_, 0, mine};
  else
    round.merged = merge(round.merged, mine);
  ++round.entered;
}

bool LocalTransport::test_agreement(Agreement& result) {
  hear_alarm();
  int absent = -1;
  {
    const std::scoped_lock lock(hub_->mutex);
    const Round& round = hub_->rounds[agreements_ % 2];
    if (round.entered == size()) {
      result = round.merged;
      return true;
    }
    for (int other = 0; hub_->departures > 0 && other < size() && absent < 0; ++other)
      if (hub_->left[other] && hub_->agreements_entered[other] < agreements_) absent = other;
  }
  if (absent >= 0) give_up(RankLeft(absent, "rank " + std::to_string(rank()) + " waits for it in an agreement"));
  return false;
}

void LocalTransport::broadcast(std::vector<std::byte>& bytes, int root) {
  require(root >= 0 && root < size(), "a broadcast starts at a rank of its transport");
  require(!gone_, "a transport that has failed is not used any more");
  const std::int64_t number = ++broadcasts_;
  {
    std::unique_lock lock(hub_->mutex);
    if (rank() == root) {
      if (size() > 1) hub_->broadcasts[number] = {bytes, size() - 1};
      hub_->changed.notify_all();
      return;
    }
    hub_->changed.wait(lock, [&] { return hub_->broadcasts.contains(number) || hub_->left[root]; });
    const auto found = hub_->broadcasts.find(number);
    if (found != hub_->broadcasts.end()) {
      bytes = found->second.bytes;
      if (--found->second.readers == 0) hub_->broadcasts.erase(found);
      return;
    }
  }
  give_up(RankLeft(root, "rank " + std::to_string(rank()) + " waits for its broadcast"));
}

void LocalTransport::raise_alarm() {
  // A rank that is a run behind must not take back the alarm of one that is ahead.
  std::int64_t raised = hub_->alarm.load();
  while (raised < settled_ + 1 && !hub_->alarm.compare_exchange_weak(raised, settled_ + 1)) {}
  alarmed_ = true;
}

void LocalTransport::settle_alarm(bool any) {
  if (any) ++settled_;
  alarmed_ = false;
}

/// Takes back an end that nobody has met; false where somebody has.
bool LocalTransport::withdraw(RequestId request, const Open& end) {
  Mailbox& mailbox = hub_->mailboxes[end.sends ? end.peer : rank()];
  const std::scoped_lock lock(mailbox.mutex);
  return end.sends ? remove(mailbox.sends, {rank(), end.ordinal}, request)
                   : remove(mailbox.receives, {end.peer, end.ordinal}, request);
}

LocalTransport::~LocalTransport() {
  if (!gone_) leave();
}

void LocalTransport::leave() noexcept {
  gone_ = true;
  std::erase_if(open_, [&](const auto& one) { return withdraw(RequestId{one.first}, one.second); });
  // The rest is being copied by others, to or from memory that goes when we return: that much must be waited for.
  while (!open_.empty()) {
    drain(nullptr);
    std::this_thread::yield();
  }
  const std::scoped_lock lock(hub_->mutex);
  hub_->left[rank()] = true;
  ++hub_->departures;
  hub_->changed.notify_all();
}

}  // namespace

LocalHub::LocalHub(int ranks) {
  if (ranks < 1) throw UsageError("local ranks: expected at least 1, got " + std::to_string(ranks));
  state_ = std::make_shared<State>(ranks);
}

std::unique_ptr<Transport> LocalHub::transport(int rank) const {
  require(rank >= 0 && rank < state_->ranks, "a rank of its hub");
  {
    const std::scoped_lock lock(state_->mutex);
    require(!state_->taken[rank], "the transport of a local rank is taken once");
    state_->taken[rank] = true;
  }
  return std::make_unique<LocalTransport>(state_, rank);
}

std::unique_ptr<Transport> make_local_transport() { return LocalHub(1).transport(0); }

void run_local_ranks(int ranks, const std::function<void(std::unique_ptr<Transport>)>& body) {
  const LocalHub hub(ranks);
  std::vector<std::exception_ptr> errors(ranks), consequences(ranks);
  const auto run = [&](int rank) {
    try {
      body(hub.transport(rank));
    } catch (const RankLeft&) {
      consequences[rank] = std::current_exception();
    } catch (...) {
      errors[rank] = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> threads;
    try {
      for (int rank = 0; rank < ranks; ++rank) threads.emplace_back(run, rank);
    } catch (...) {
      const int started = static_cast<int>(threads.size());
      errors[started] = std::current_exception();
      for (int rank = started; rank < ranks; ++rank) hub.transport(rank);  // leave, so that the others do not wait
    }
  }
  for (const auto* kind : {&errors, &consequences})
    for (const std::exception_ptr& error : *kind)
      if (error) std::rethrow_exception(error);
}

}  // namespace dunlin
