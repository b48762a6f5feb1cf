#include "dunlin/transport/checked_transport.hpp"

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

std::string to_string(const End& end) {
  return (end.sends ? "the send of edge " : "the receive of edge ") + std::to_string(end.ordinal) +
         (end.sends ? " to rank " : " from rank ") + std::to_string(end.peer);
}

class CheckedTransport final : public Transport {
 public:
  CheckedTransport(std::unique_ptr<Transport> below, std::function<void(const std::string&)> report)
      : Transport(below->rank(), below->size()), below_(std::move(below)), report_(std::move(report)) {
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
    std::size_t bytes;  // sent; or the room there is
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
  void opened(RequestId request, const End& end, std::size_t bytes);
  void expect_sound(const Completion& completion);

  std::unique_ptr<Transport> below_;
  std::function<void(const std::string&)> report_;
  const std::thread::id thread_ = std::this_thread::get_id();
  std::unordered_map<std::int64_t, Open> open_;
  std::set<End> used_;      // since the last agreement, the open ones included
  std::set<End> reusable_;  // used and completed before the agreement under way
  bool agreement_open_ = false;
  bool failed_ = false;  // the transport below cannot go on
};

void CheckedTransport::expect_new(const End& end) const {
  expect_own_thread();
  if (end.peer < 0 || end.peer >= size() || end.peer == rank())
    broken(to_string(end) + ": a peer is another one of " + std::to_string(size()) + " ranks");
  if (end.ordinal < 0) broken(to_string(end) + ": an ordinal is not negative");
  if (used_.contains(end)) broken(to_string(end) + ": its ordinal was used already since the last agreement");
}

void CheckedTransport::opened(RequestId request, const End& end, std::size_t bytes) {
  used_.insert(end);
  if (!open_.emplace(static_cast<std::int64_t>(request), Open{end, bytes}).second)
    broken("the transport gave the name of an open request again, for " + to_string(end));
}

RequestId CheckedTransport::send(int peer, std::int64_t ordinal, std::span<const std::byte> bytes,
                                 std::size_t planned) {
  const End end{peer, true, ordinal};
  expect_new(end);
  if (bytes.size() > planned)
    broken(to_string(end) + " has " + std::to_string(bytes.size()) + " bytes, planned were " + std::to_string(planned));
  const RequestId request = below([&](Transport& ranks) { return ranks.send(peer, ordinal, bytes, planned); });
  opened(request, end, bytes.size());
  return request;
}

RequestId CheckedTransport::receive(int peer, std::int64_t ordinal, std::span<std::byte> into) {
  const End end{peer, false, ordinal};
  expect_new(end);
  if (into.empty()) broken(to_string(end) + " has room for no byte");
  const RequestId request = below([&](Transport& ranks) { return ranks.receive(peer, ordinal, into); });
  opened(request, end, into.size());
  return request;
}

void CheckedTransport::expect_sound(const Completion& completion) {
  const auto found = open_.find(static_cast<std::int64_t>(completion.request));
  if (found == open_.end())
    broken("the transport completed request " + std::to_string(static_cast<std::int64_t>(completion.request)) +
           ", which is not open");
  const auto [end, bytes] = found->second;
  open_.erase(found);
  if (end.sends ? completion.bytes != bytes : completion.bytes > bytes)
    broken(to_string(end) + " completed with " + std::to_string(completion.bytes) + " bytes of " +
           std::to_string(bytes));
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
                                                  std::function<void(const std::string&)> report) {
  require(below != nullptr && report != nullptr, "a checked transport has one below and somebody to report to");
  return std::make_unique<CheckedTransport>(std::move(below), std::move(report));
}

}  // namespace dunlin
