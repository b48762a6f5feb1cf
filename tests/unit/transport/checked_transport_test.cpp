// Every promise that the checked transport watches over is broken here once, and the sentence says which.

#include "dunlin/transport/checked_transport.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "dunlin/transport/local_transport.hpp"

namespace dunlin {
namespace {

/// Rank 0 of two, watched; rank 1, not watched, in the test's hands too.
class CheckedTransport : public testing::Test {
 protected:
  LocalHub hub_{2};
  std::unique_ptr<Transport> peer_ = hub_.transport(1);
  std::vector<std::string> leaks_;
  std::unique_ptr<Transport> watched_ =
      make_checked_transport(hub_.transport(0), [this](const std::string& leak) { leaks_.push_back(leak); });
  std::vector<std::byte> bytes_ = std::vector<std::byte>(8), into_ = std::vector<std::byte>(8);
  std::vector<Completion> done_;

  template <class F>
  void expect_broken(F&& call, const std::string& promise) {
    try {
      call();
      ADD_FAILURE() << "not noticed: " << promise;
    } catch (const InternalError& error) {
      EXPECT_NE(std::string(error.what()).find(promise), std::string::npos) << error.what();
    }
  }
  void agree_both() {
    Agreement result;
    watched_->start_agreement(Agreement::of(Call::plan, 1));
    peer_->start_agreement(Agreement::of(Call::plan, 1));
    EXPECT_TRUE(watched_->test_agreement(result));
    EXPECT_TRUE(peer_->test_agreement(result));
  }
};

TEST_F(CheckedTransport, AnOrdinalIsUsedOncePerPeerAndDirectionUntilTheNextAgreement) {
  watched_->send(1, 4, bytes_, 8);
  watched_->receive(1, 4, into_);  // the other direction is another edge
  expect_broken([&] { watched_->send(1, 4, bytes_, 8); }, "the send of edge 4 to rank 1: its ordinal was used already");
  agree_both();
  expect_broken([&] { watched_->send(1, 4, bytes_, 8); }, "used already");  // it is still open

  std::vector<std::byte> theirs(8);
  peer_->receive(0, 4, theirs);
  watched_->poll(done_);
  ASSERT_EQ(done_.size(), 1u);
  expect_broken([&] { watched_->send(1, 4, bytes_, 8); }, "used already");  // complete, but not agreed since
  agree_both();
  EXPECT_NO_THROW(watched_->send(1, 4, bytes_, 8));
}

TEST_F(CheckedTransport, PeersOrdinalsAndSizesAreThoseOfAnEdge) {
  expect_broken([&] { watched_->send(0, 0, bytes_, 8); }, "a peer is another one of 2 ranks");
  expect_broken([&] { watched_->receive(2, 0, into_); }, "a peer is another one of 2 ranks");
  expect_broken([&] { watched_->send(1, -1, bytes_, 8); }, "an ordinal is not negative");
  expect_broken([&] { watched_->send(1, 0, bytes_, 7); }, "has 8 bytes, planned were 7");
  expect_broken([&] { watched_->receive(1, 0, {}); }, "has room for no byte");
  EXPECT_NO_THROW(watched_->send(1, 0, {}, 8)) << "what was refused did not count as used";
}

TEST_F(CheckedTransport, CollectivesComeOneAtATime) {
  Agreement result;
  expect_broken([&] { watched_->test_agreement(result); }, "an agreement is tested that was not started");
  watched_->start_agreement(Agreement::of(Call::plan, 1));
  expect_broken([&] { watched_->start_agreement(Agreement::of(Call::plan, 2)); }, "still open");
  expect_broken([&] { watched_->broadcast(bytes_, 0); }, "still open");
  expect_broken([&] { watched_->settle_alarm(false); }, "still open");
}

TEST_F(CheckedTransport, AnAlarmThatThisRankKnowsIsSettledAsRaised) {
  watched_->raise_alarm();
  EXPECT_TRUE(watched_->alarmed());
  expect_broken([&] { watched_->settle_alarm(false); }, "as if nobody had raised it");
  watched_->settle_alarm(true);
  EXPECT_FALSE(watched_->alarmed());
}

TEST_F(CheckedTransport, CallsComeFromTheThreadThatMadeIt) {
  std::thread([&] { expect_broken([&] { watched_->poll(done_); }, "used by the thread that made it"); }).join();
}

TEST_F(CheckedTransport, TheBytesOfASendStayAsTheyAreUntilItCompletes) {
  watched_->send(1, 4, bytes_, 8);
  bytes_[3] = std::byte{1};
  peer_->receive(0, 4, into_);
  expect_broken([&] { watched_->poll(done_); }, "the send of edge 4 to rank 1: its bytes have changed");
}

TEST_F(CheckedTransport, BothEndsOfAnEdgeArePlannedAlike) {
  struct Case {
    const char* why;
    std::size_t sent, planned, room;
    const char* sentence;
  };
  const Case cases[] = {
      {"more room than planned", 4, 8, 16, "was planned with 16 bytes, at its sender with 8"},
      {"poison for another size", 0, 8, 16, "was planned with 16 bytes, at its sender with 8"},
      {"alike", 8, 8, 8, nullptr},
      {"shorter than planned", 3, 8, 8, nullptr},
      {"poison", 0, 8, 8, nullptr},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.why);
    const LocalHub hub(2);
    const auto silent = [](const std::string&) {};
    const auto first = make_checked_transport(hub.transport(0), silent, Ends::both);
    const auto second = make_checked_transport(hub.transport(1), silent, Ends::both);
    std::vector<std::byte> bytes(one.sent, std::byte{7}), into(one.room);
    first->send(1, 0, bytes, one.planned);
    second->receive(0, 0, into);
    done_.clear();
    if (one.sentence) {
      expect_broken([&] { second->poll(done_); }, one.sentence);
      continue;
    }
    second->poll(done_);
    ASSERT_EQ(done_.size(), 1u);
    EXPECT_EQ(done_[0].bytes, one.sent);
    EXPECT_EQ(std::count(into.begin(), into.end(), std::byte{7}), static_cast<std::ptrdiff_t>(one.sent));
    first->poll(done_);
    EXPECT_EQ(done_.at(1).bytes, one.sent);
  }
}

TEST_F(CheckedTransport, WhatIsOpenAtTheEndIsReportedNotThrown) {
  watched_->send(1, 4, bytes_, 8);
  watched_->start_agreement(Agreement::of(Call::plan, 1));
  watched_.reset();
  EXPECT_EQ(leaks_,
            (std::vector<std::string>{"rank 0: a transport was destroyed with the send of edge 4 to rank 1 open",
                                      "rank 0: a transport was destroyed with an agreement open"}));
}

TEST_F(CheckedTransport, AnOrderlyEndReportsNothing) {
  watched_->send(1, 4, bytes_, 8);
  peer_->receive(0, 4, into_);
  watched_->poll(done_);
  agree_both();
  watched_.reset();
  EXPECT_TRUE(leaks_.empty());
}

/// A transport below that completes what nobody asked for.
class Confused final : public Transport {
 public:
  explicit Confused(Completion lie) : Transport(0, 2), lie_(lie) {}
  RequestId send(int, std::int64_t, std::span<const std::byte>, std::size_t) override { return RequestId{0}; }
  RequestId receive(int, std::int64_t, std::span<std::byte>) override { return RequestId{1}; }
  void poll(std::vector<Completion>& done) override { done.push_back(lie_); }
  void start_agreement(const Agreement&) override {}
  bool test_agreement(Agreement&) override { return true; }
  void broadcast(std::vector<std::byte>&, int) override {}
  void raise_alarm() override {}
  void settle_alarm(bool) override {}

 private:
  Completion lie_;
};

TEST_F(CheckedTransport, TheTransportBelowIsHeldToItsOwnPromises) {
  struct Case {
    const char* why;
    Completion lie;
    const char* sentence;
  };
  const Case cases[] = {
      {"never asked for", {RequestId{9}, 8}, "completed request 9, which is not open"},
      {"a send of less than it was given",
       {RequestId{0}, 7},
       "the send of edge 0 to rank 1 completed with 7 bytes of 8"},
      {"a receive of more than fits",
       {RequestId{1}, 9},
       "the receive of edge 0 from rank 1 completed with 9 bytes of 8"},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.why);
    const auto watched = make_checked_transport(std::make_unique<Confused>(one.lie), [](const std::string&) {});
    watched->send(1, 0, bytes_, 8);
    watched->receive(1, 0, into_);
    expect_broken([&] { watched->poll(done_); }, one.sentence);
  }
}

}  // namespace
}  // namespace dunlin
