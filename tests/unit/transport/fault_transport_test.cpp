// What a bad day brings: delays that change nothing but the time, failures at the call that was asked for.

#include "dunlin/transport/fault_transport.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <new>

#include "conformance/traffic.hpp"
#include "dunlin/transport/local_transport.hpp"

namespace dunlin {
namespace {

using test::Traffic;

/// The order in which rank 0 hears of 20 messages from each of three ranks, all sent before it looks first.
std::vector<std::int64_t> order_of_arrival(const Faults& faults) {
  std::vector<std::int64_t> order;
  run_local_ranks(4, [&](std::unique_ptr<Transport> ranks) {
    constexpr std::int64_t kEdges = 20;
    std::vector<std::byte> bytes(8);
    if (ranks->rank() > 0) {
      Traffic traffic(*ranks);
      for (std::int64_t k = 0; k < kEdges; ++k) traffic.send(0, k, bytes, 8);
      ranks->agree(Agreement::of(Call::plan, 0));
      traffic.finish();
      ranks->agree(Agreement::of(Call::leave, 1));
      return;
    }
    const auto late = make_fault_transport(std::move(ranks), faults);
    late->agree(Agreement::of(Call::plan, 0));
    for (int peer = 1; peer < 4; ++peer)
      for (std::int64_t k = 0; k < kEdges; ++k) late->receive(peer, k, bytes);
    std::vector<Completion> done;
    while (done.size() < 3 * kEdges) late->poll(done);
    for (const Completion& one : done) order.push_back(static_cast<std::int64_t>(one.request));
    late->agree(Agreement::of(Call::leave, 1));
  });
  return order;
}

TEST(FaultTransport, ASeedDecidesTheOrderOfArrival) {
  const auto planned = order_of_arrival({});
  EXPECT_TRUE(std::is_sorted(planned.begin(), planned.end()));
  const auto once = order_of_arrival({.seed = 1, .late = 0.5});
  EXPECT_FALSE(std::is_sorted(once.begin(), once.end()));
  EXPECT_EQ(once, order_of_arrival({.seed = 1, .late = 0.5})) << "the same day again";
  EXPECT_NE(once, order_of_arrival({.seed = 2, .late = 0.5}));
  EXPECT_TRUE(std::is_permutation(once.begin(), once.end(), planned.begin(), planned.end()));
}

TEST(FaultTransport, ALateSendLeavesWhenItsSenderLooksAgain) {
  LocalHub hub(2);
  const auto sender = make_fault_transport(hub.transport(0), {.late = 1, .longest_delay = 3});
  const auto receiver = hub.transport(1);
  std::vector<std::byte> bytes(8), into(8);
  std::vector<Completion> sent, received;
  sender->send(1, 0, bytes, 8);
  receiver->receive(0, 0, into);
  for (int k = 0; k < 100; ++k) receiver->poll(received);
  EXPECT_TRUE(received.empty()) << "it is held until its sender has looked";
  for (int k = 0; k < 3; ++k) sender->poll(sent);
  receiver->poll(received);
  EXPECT_EQ(received.size(), 1u);
  for (int k = 0; k < 3; ++k) sender->poll(sent);
  EXPECT_EQ(sent.size(), 1u) << "and its own completion may be late as well";
}

TEST(FaultTransport, TheCallThatWasAskedForFailsAndAllLaterOnes) {
  for (Fault fault : {Fault::network, Fault::memory}) {
    std::atomic<int> told = 0;
    run_local_ranks(3, [&](std::unique_ptr<Transport> ranks) {
      std::vector<std::byte> bytes(8);
      if (ranks->rank() > 0) {
        EXPECT_THROW(ranks->agree(Agreement::of(Call::plan, 1)), RankLeft);
        ++told;
        return;
      }
      const auto faulty = make_fault_transport(std::move(ranks), {.failures = {{TransportCall::send, 3, fault}}});
      for (std::int64_t k = 0; k < 2; ++k) EXPECT_NO_THROW(faulty->send(1, k, bytes, 8));
      if (fault == Fault::memory)
        EXPECT_THROW(faulty->send(1, 2, bytes, 8), std::bad_alloc);
      else
        EXPECT_THROW(faulty->send(1, 2, bytes, 8), TransportError);
      std::vector<Completion> done;
      try {
        faulty->poll(done);
        ADD_FAILURE() << "it goes on";
      } catch (const TransportError& error) {
        EXPECT_STREQ(error.what(), "injected fault: rank 0 cannot poll any more");
      }
      while (told < 2) std::this_thread::yield();  // though this rank has not gone
    });
    EXPECT_EQ(told, 2);
  }
}

}  // namespace
}  // namespace dunlin
