#include "dunlin/transport/fault_transport.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <new>
#include <optional>
#include <random>
#include <thread>
#include <unordered_map>
#include <utility>

namespace dunlin {
namespace {

/// A send or receive that the transport below does not know of yet.
struct Held {
  std::int64_t request;
  bool sends;
  int peer;
  std::int64_t ordinal;
  std::span<const std::byte> bytes;
  std::span<std::byte> into;
  std::size_t planned;
  std::int64_t until;
};

struct LateCompletion {
  Completion completion;
  std::int64_t until;
};

const char* name(TransportCall call) {
  constexpr const char* names[] = {"send",           "receive",   "poll",        "start_agreement",
                                   "test_agreement", "broadcast", "raise_alarm", "settle_alarm"};
  return names[static_cast<int>(call)];
}

class FaultTransport final : public Transport {
 public:
  FaultTransport(std::unique_ptr<Transport> below, Faults faults)
      : Transport(below->rank(), below->size()),
        below_(std::move(below)),
        faults_(std::move(faults)),
        chance_(faults_.seed * 0x9e3779b97f4a7c15u + static_cast<std::uint64_t>(rank())) {
    node_size_ = below_->node_size();
    node_rank_ = below_->node_rank();
  }

  RequestId send(int peer, std::int64_t ordinal, std::span<const std::byte> bytes, std::size_t planned) override {
    enter(TransportCall::send);
    return open({next_request_++, true, peer, ordinal, bytes, {}, planned, delay()});
  }
  RequestId receive(int peer, std::int64_t ordinal, std::span<std::byte> into) override {
    enter(TransportCall::receive);
    return open({next_request_++, false, peer, ordinal, {}, into, 0, delay()});
  }
  void poll(std::vector<Completion>& done) override;
  void start_agreement(const Agreement& mine) override {
    enter(TransportCall::start_agreement);
    below_->start_agreement(mine);
  }
  bool test_agreement(Agreement& result) override;
  void broadcast(std::vector<std::byte>& bytes, int root) override {
    enter(TransportCall::broadcast);
    post(true);
    below_->broadcast(bytes, root);
  }
  void raise_alarm() override {
    enter(TransportCall::raise_alarm);
    below_->raise_alarm();
    alarmed_ = true;
  }
  void settle_alarm(bool any) override {
    enter(TransportCall::settle_alarm);
    post(true);
    below_->settle_alarm(any);
    hear_at_.reset();
    alarmed_ = below_->alarmed();
  }

 private:
  void enter(TransportCall call);
  [[noreturn]] void fail(TransportCall call) const {
    throw TransportError("injected fault: rank " + std::to_string(rank()) + " cannot " + name(call) + " any more");
  }
  /// The look until which something is held back: the present one where it is not late.
  std::int64_t delay() {
    if (faults_.late <= 0 || std::uniform_real_distribution<>(0, 1)(chance_) >= faults_.late) return looks_;
    return looks_ + std::uniform_int_distribution<>(1, std::max(1, faults_.longest_delay))(chance_);
  }
  RequestId open(const Held& edge);
  void pass_on(const Held& edge);
  void post(bool all);
  void look();
  void hear();

  std::unique_ptr<Transport> below_;
  Faults faults_;
  std::mt19937_64 chance_;
  std::array<std::int64_t, 8> calls_{};
  std::int64_t looks_ = 0, next_request_ = 0;
  bool broken_ = false;
  std::deque<Held> held_;
  std::unordered_map<std::int64_t, std::int64_t> ours_;  // the request below → the one that our user knows
  std::vector<LateCompletion> late_;
  std::vector<Completion> arrived_;
  std::optional<std::pair<Agreement, std::int64_t>> agreed_;  // and until when we keep it to ourselves
  std::optional<std::int64_t> hear_at_;                       // the alarm is below, but not heard yet
};

void FaultTransport::enter(TransportCall call) {
  if (broken_) fail(call);
  const std::int64_t count = ++calls_[static_cast<std::size_t>(call)];
  for (const Failing& failing : faults_.failures) {
    if (failing.call != call || failing.nth != count) continue;
    broken_ = true;
    // As a transport that fails: it lets go of everything, and goes with an alarm that nobody settles, so that the
    // others hear of it wherever they are.
    try {
      below_->raise_alarm();
    } catch (const TransportError&) {}
    below_.reset();
    if (failing.fault == Fault::memory) throw std::bad_alloc();
    fail(call);
  }
}

RequestId FaultTransport::open(const Held& edge) {
  const bool behind = std::ranges::any_of(
      held_, [&](const Held& other) { return other.peer == edge.peer && other.sends == edge.sends; });
  if (edge.until > looks_ || behind)
    held_.push_back(edge);
  else
    pass_on(edge);
  return RequestId{edge.request};
}

void FaultTransport::pass_on(const Held& edge) {
  const RequestId below = edge.sends ? below_->send(edge.peer, edge.ordinal, edge.bytes, edge.planned)
                                     : below_->receive(edge.peer, edge.ordinal, edge.into);
  ours_[static_cast<std::int64_t>(below)] = edge.request;
}

/// Passes on what has been held long enough, behind nothing of its peer and direction; or all of it.
void FaultTransport::post(bool all) {
  std::deque<Held> still;
  for (const Held& edge : std::exchange(held_, {})) {
    const bool behind = std::ranges::any_of(
        still, [&](const Held& other) { return other.peer == edge.peer && other.sends == edge.sends; });
    if (!all && (behind || edge.until > looks_))
      still.push_back(edge);
    else
      pass_on(edge);
  }
  held_ = std::move(still);
}

void FaultTransport::look() {
  ++looks_;
  if (faults_.pause.count() > 0) std::this_thread::sleep_for(faults_.pause);
  post(false);
}

void FaultTransport::hear() {
  if (alarmed_ || !below_->alarmed()) return;
  if (!hear_at_) hear_at_ = delay();
  if (*hear_at_ <= looks_) alarmed_ = true;
}

void FaultTransport::poll(std::vector<Completion>& done) {
  enter(TransportCall::poll);
  look();
  arrived_.clear();
  below_->poll(arrived_);
  hear();
  for (const Completion& one : arrived_) {
    const auto found = ours_.find(static_cast<std::int64_t>(one.request));
    require(found != ours_.end(), "a transport completes what it was given");
    late_.push_back({{RequestId{found->second}, one.bytes}, delay()});
    ours_.erase(found);
  }
  const auto first = static_cast<std::ptrdiff_t>(done.size());
  std::erase_if(late_, [&](const LateCompletion& one) {
    if (one.until > looks_) return false;
    done.push_back(one.completion);
    return true;
  });
  if (faults_.late > 0) std::shuffle(done.begin() + first, done.end(), chance_);
}

bool FaultTransport::test_agreement(Agreement& result) {
  enter(TransportCall::test_agreement);
  look();
  if (!agreed_) {
    Agreement all;
    const bool done = below_->test_agreement(all);
    hear();
    if (done) agreed_ = {all, delay()};
  }
  if (!agreed_ || agreed_->second > looks_) return false;
  result = agreed_->first;
  agreed_.reset();
  return true;
}

}  // namespace

std::unique_ptr<Transport> make_fault_transport(std::unique_ptr<Transport> below, Faults faults) {
  require(below != nullptr && faults.late >= 0 && faults.late <= 1, "faults are added to a transport, by a share");
  return std::make_unique<FaultTransport>(std::move(below), std::move(faults));
}

}  // namespace dunlin
