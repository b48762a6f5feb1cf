#include "dunlin/transport/checked_transport.hpp"

#include <algorithm>
#include <cstring>
#include <set>
#include <thread>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace dunlin {
namespace {

/// An edge as one of its ends sees it.
struct End {
  int peer;
  bool sends;
  std::int64_t ordinal;
  friend auto operator<=>(const End&, const End&) = default;
};

/// What travels in front of a message where both ends are watched.
struct Knowledge {
  std::int64_t ordinal, planned, poisoned;
};

std::string to_string(const End& end) {
  return (end.sends ? "the send of edge " : "the receive of edge ") + std::to_string(end.ordinal) +
         (end.sends ? " to rank " : " from rank ") + std::to_string(end.peer);
}

class CheckedTransport final : public Transport {
 public:
  CheckedTransport(std::unique_ptr<Transport> below, std::function<void(const std::string&)> report, Ends ends)
      : Transport(below->rank(), below->size()),
        extra_(ends == Ends::both ? sizeof(Knowledge) : 0),
        report_(std::move(report)),
        below_(std::move(below)) {
    node_size_ = below_->node_size();
    node_rank_ = below_->node_rank();
  }
  ~CheckedTransport() override;

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
    End end;
    std::span<const std::byte> bytes;     // sent
    std::span<std::byte> into;            // the room there is
    std::vector<std::byte> message = {};  // as it travels
  };

  [[noreturn]] void broken(const std::string& promise) const {
    throw InternalError("rank " + std::to_string(rank()) + ": " + promise);
  }
  void expect(bool kept, const char* promise) const {
    if (!kept) broken(promise);
  }
  void expect_own_thread() const {
    expect(std::this_thread::get_id() == thread_, "a transport is used by the thread that made it only");
  }
  void expect_no_agreement() const {
    expect(!agreement_open_, "a collective is entered while an agreement is still open");
  }
  /// Passes a call on; where the transport below fails, what is open is no fault of the user.
  template <class Call>
  auto below(Call&& call) {
    try {
      return call(*below_);
    } catch (const TransportError&) {
      failed_ = true;
      throw;
    }
  }
  void expect_new(const End& end) const;
  void opened(RequestId request, Open&& open);
  void expect_sound(Completion& completion);
  void expect_sent(const Open& open, std::size_t bytes) const;
  std::size_t take_in(const Open& open, std::size_t bytes) const;

  const std::size_t extra_;  // bytes of knowledge in every message
  std::function<void(const std::string&)> report_;
  const std::thread::id thread_ = std::this_thread::get_id();
  std::unordered_map<std::int64_t, Open> open_;
  std::set<End> used_;      // since the last agreement, the open ones included
  std::set<End> reusable_;  // used and completed before the agreement under way
  bool agreement_open_ = false;
  bool failed_ = false;               // the transport below cannot go on
  std::unique_ptr<Transport> below_;  // last: it goes before what it may still use
};

void CheckedTransport::expect_new(const End& end) const {
  expect_own_thread();
  if (end.peer < 0 || end.peer >= size() || end.peer == rank())
    broken(to_string(end) + ": a peer is another one of " + std::to_string(size()) + " ranks");
  if (end.ordinal < 0) broken(to_string(end) + ": an ordinal is not negative");
  if (used_.contains(end)) broken(to_string(end) + ": its ordinal was used already since the last agreement");
}

void CheckedTransport::opened(RequestId request, Open&& open) {
  used_.insert(open.end);
  const std::string name = to_string(open.end);
  if (!open_.emplace(static_cast<std::int64_t>(request), std::move(open)).second)
    broken("the transport gave the name of an open request again, for " + name);
}

RequestId CheckedTransport::send(int peer, std::int64_t ordinal, std::span<const std::byte> bytes,
                                 std::size_t planned) {
  const End end{peer, true, ordinal};
  expect_new(end);
  if (bytes.size() > planned)
    broken(to_string(end) + " has " + std::to_string(bytes.size()) + " bytes, planned were " + std::to_string(planned));
  Open open{end, bytes, {}};
  const Knowledge known{ordinal, static_cast<std::int64_t>(planned), bytes.empty() ? 1 : 0};
  const auto first = std::as_bytes(std::span(&known, 1)).first(extra_);
  open.message.assign(first.begin(), first.end());
  open.message.insert(open.message.end(), bytes.begin(), bytes.end());
  const std::span<const std::byte> message(open.message);
  const RequestId request =
      below([&](Transport& ranks) { return ranks.send(peer, ordinal, message, planned + extra_); });
  opened(request, std::move(open));
  return request;
}

RequestId CheckedTransport::receive(int peer, std::int64_t ordinal, std::span<std::byte> into) {
  const End end{peer, false, ordinal};
  expect_new(end);
  if (into.empty()) broken(to_string(end) + " has room for no byte");
  Open open{end, {}, into};
  if (extra_ > 0) open.message.resize(into.size() + extra_);
  const std::span<std::byte> message = extra_ > 0 ? std::span(open.message) : into;
  const RequestId request = below([&](Transport& ranks) { return ranks.receive(peer, ordinal, message); });
  opened(request, std::move(open));
  return request;
}

void CheckedTransport::expect_sent(const Open& open, std::size_t bytes) const {
  if (bytes != open.message.size())
    broken(to_string(open.end) + " completed with " + std::to_string(bytes) + " bytes of " +
           std::to_string(open.message.size()));
  if (!std::equal(open.bytes.begin(), open.bytes.end(), open.message.begin() + static_cast<std::ptrdiff_t>(extra_)))
    broken(to_string(open.end) + ": its bytes have changed while it was under way");
}

/// Compares what the sender knew, and hands the bytes over; how many there are.
std::size_t CheckedTransport::take_in(const Open& open, std::size_t bytes) const {
  if (bytes > open.into.size() + extra_)
    broken(to_string(open.end) + " completed with " + std::to_string(bytes) + " bytes of " +
           std::to_string(open.into.size()));
  if (extra_ == 0) return bytes;
  if (bytes < extra_) broken(to_string(open.end) + ": its sender is not watched as both ends should be");
  Knowledge known;
  std::memcpy(&known, open.message.data(), sizeof known);
  if (known.ordinal != open.end.ordinal)
    broken(to_string(open.end) + " got the message of edge " + std::to_string(known.ordinal));
  if (known.planned != static_cast<std::int64_t>(open.into.size()))
    broken(to_string(open.end) + " was planned with " + std::to_string(open.into.size()) +
           " bytes, at its sender with " + std::to_string(known.planned));
  if ((known.poisoned != 0) != (bytes == extra_)) broken(to_string(open.end) + " lost its bytes on the way");
  std::copy(open.message.begin() + static_cast<std::ptrdiff_t>(extra_),
            open.message.begin() + static_cast<std::ptrdiff_t>(bytes), open.into.begin());
  return bytes - extra_;
}

void CheckedTransport::expect_sound(Completion& completion) {
  const auto found = open_.find(static_cast<std::int64_t>(completion.request));
  if (found == open_.end())
    broken("the transport completed request " + std::to_string(static_cast<std::int64_t>(completion.request)) +
           ", which is not open");
  const Open open = std::move(found->second);
  open_.erase(found);
  if (open.end.sends) {
    expect_sent(open, completion.bytes);
    completion.bytes = open.bytes.size();
  } else {
    completion.bytes = take_in(open, completion.bytes);
  }
}

void CheckedTransport::poll(std::vector<Completion>& done) {
  expect_own_thread();
  std::size_t first = done.size();
  below([&](Transport& ranks) { ranks.poll(done); });
  alarmed_ = below_->alarmed();
  for (; first < done.size(); ++first) expect_sound(done[first]);
}

void CheckedTransport::start_agreement(const Agreement& mine) {
  expect_own_thread();
  expect_no_agreement();
  reusable_ = used_;
  for (const auto& [request, open] : open_) reusable_.erase(open.end);
  below([&](Transport& ranks) { ranks.start_agreement(mine); });
  agreement_open_ = true;
}

bool CheckedTransport::test_agreement(Agreement& result) {
  expect_own_thread();
  expect(agreement_open_, "an agreement is tested that was not started");
  const bool done = below([&](Transport& ranks) { return ranks.test_agreement(result); });
  alarmed_ = below_->alarmed();
  if (!done) return false;
  agreement_open_ = false;
  for (const End& end : reusable_) used_.erase(end);
  reusable_.clear();
  return true;
}

void CheckedTransport::broadcast(std::vector<std::byte>& bytes, int root) {
  expect_own_thread();
  expect_no_agreement();
  expect(root >= 0 && root < size(), "a broadcast starts at one of the ranks");
  below([&](Transport& ranks) { ranks.broadcast(bytes, root); });
}

void CheckedTransport::raise_alarm() {
  expect_own_thread();
  below([](Transport& ranks) { ranks.raise_alarm(); });
  alarmed_ = below_->alarmed();
}

void CheckedTransport::settle_alarm(bool any) {
  expect_own_thread();
  expect_no_agreement();
  expect(any || !alarmed_, "an alarm is settled as if nobody had raised it, but this rank knows that somebody did");
  below([&](Transport& ranks) { ranks.settle_alarm(any); });
  alarmed_ = below_->alarmed();
}

CheckedTransport::~CheckedTransport() {
  if (failed_) return;
  const std::string where = "rank " + std::to_string(rank()) + ": a transport was destroyed with ";
  for (const auto& [request, open] : open_) report_(where + to_string(open.end) + " open");
  if (agreement_open_) report_(where + "an agreement open");
}

}  // namespace

std::unique_ptr<Transport> make_checked_transport(std::unique_ptr<Transport> below,
                                                  std::function<void(const std::string&)> report, Ends ends) {
  require(below != nullptr && report != nullptr, "a checked transport has one below and somebody to report to");
  return std::make_unique<CheckedTransport>(std::move(below), std::move(report), ends);
}

}  // namespace dunlin
