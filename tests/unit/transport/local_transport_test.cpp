// Local ranks: the promises of all transports, and what becomes of the others when one leaves.

#include "dunlin/transport/local_transport.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>

#include "conformance/traffic.hpp"
#include "conformance/transport_tests.hpp"

namespace dunlin {
namespace {

using test::Traffic;

class ManyRanks : public testing::TestWithParam<test::TransportCase> {};

TEST_P(ManyRanks, HoldsAt64) {
  test::for_local_ranks(64, [&](std::unique_ptr<Transport> ranks) { test::run_case(GetParam(), std::move(ranks)); });
}

/// The checks whose cost does not grow with the square of the ranks times a chunk.
std::vector<test::TransportCase> light_cases() {
  std::vector<test::TransportCase> light;
  for (const auto& one : test::transport_cases()) {
    const std::string name = one.check.name;
    if (one.over == test::Over::nothing &&
        (name.starts_with("Agreement") || name.starts_with("Alarm") || name.starts_with("ManyEdges")))
      if (name != "AgreementLeavesCompletionsToTheNextPoll") light.push_back(one);
  }
  return light;
}

INSTANTIATE_TEST_SUITE_P(All, ManyRanks, testing::ValuesIn(light_cases()),
                         [](const auto& info) { return std::string(info.param.check.name); });

/// The sentence of the exception that `body` ends with on some rank.
std::string sentence(int ranks, const std::function<void(std::unique_ptr<Transport>)>& body) {
  try {
    run_local_ranks(ranks, body);
  } catch (const std::exception& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(LocalTransport, OneRankAgreesAndBroadcastsAlone) {
  const auto alone = make_local_transport();
  EXPECT_EQ(alone->size(), 1);
  EXPECT_EQ(alone->node_size(), 1);
  EXPECT_TRUE(alone->agree(Agreement::of(Call::setup, 3)).same_call());
  std::vector<std::byte> bytes(3, std::byte{7});
  alone->broadcast(bytes, 0);
  EXPECT_EQ(bytes.size(), 3u);
}

TEST(LocalTransport, ASendCompletesOnlyWhenItsReceiveIsPosted) {
  run_local_ranks(2, [](std::unique_ptr<Transport> ranks) {
    Traffic traffic(*ranks);
    std::vector<std::byte> byte(1);
    if (ranks->rank() == 0) traffic.send(1, 0, byte, 1);
    for (int k = 0; k < 100; ++k) traffic.step();
    EXPECT_EQ(traffic.open(), ranks->rank() == 0 ? 1 : 0) << "even one byte is not copied ahead";
    ranks->agree(Agreement::of(Call::run_end, 1));
    if (ranks->rank() == 1) traffic.receive(0, 0, byte);
    traffic.finish();
  });
}

TEST(LocalTransport, TheExceptionOfABodyIsRethrownAfterAllHaveEnded) {
  std::atomic<int> ended = 0;
  EXPECT_EQ(sentence(4,
                     [&](std::unique_ptr<Transport> ranks) {
                       const int rank = ranks->rank();
                       ++ended;
                       if (rank > 0) throw UsageError("rank " + std::to_string(rank));
                     }),
            "rank 1");
  EXPECT_EQ(ended, 4);
}

TEST(LocalTransport, RanksThatWaitForOneThatLeftAreToldAndItsOwnErrorIsTheOneThrown) {
  struct Case {
    const char* where;
    void (*wait)(Transport&);
  };
  const Case cases[] = {
      {"agreement", [](Transport& ranks) { ranks.agree(Agreement::of(Call::plan, 1)); }},
      {"broadcast",
       [](Transport& ranks) {
         std::vector<std::byte> bytes;
         ranks.broadcast(bytes, 2);
       }},
      {"receive",
       [](Transport& ranks) {
         std::vector<std::byte> into(8);
         Traffic traffic(ranks);
         traffic.receive(2, 0, into);
         traffic.finish();
       }},
      {"send",
       [](Transport& ranks) {
         const std::vector<std::byte> bytes(8);
         Traffic traffic(ranks);
         traffic.send(2, 0, bytes, 8);
         traffic.finish();
       }},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.where);
    std::atomic<int> told = 0;
    EXPECT_EQ(sentence(3,
                       [&](std::unique_ptr<Transport> ranks) {
                         if (ranks->rank() == 2) throw InputError("the cause");
                         try {
                           one.wait(*ranks);
                         } catch (const RankLeft& consequence) {
                           EXPECT_EQ(consequence.rank, 2);
                           EXPECT_NE(std::string(consequence.what()).find("rank 2 has left"), std::string::npos);
                           ++told;
                           throw;
                         }
                       }),
              "the cause");
    EXPECT_EQ(told, 2);
  }
}

TEST(LocalTransport, ARankThatLeavesTakesItsOpenMessagesBack) {
  // Rank 1's receive must not find the bytes of rank 0, which are gone.
  LocalHub hub(2);
  auto first = hub.transport(0), second = hub.transport(1);
  {
    const std::vector<std::byte> bytes(100'000, std::byte{1});
    std::vector<std::byte> into(8);
    first->send(1, 0, bytes, bytes.size());
    first->receive(1, 1, into);
    first.reset();
  }
  std::vector<std::byte> into(100'000);
  second->receive(0, 0, into);
  second->send(0, 1, into, into.size());
  std::vector<Completion> done;
  EXPECT_THROW(second->poll(done), RankLeft);
  EXPECT_TRUE(done.empty());
  EXPECT_EQ(into.front(), std::byte{0});
}

TEST(LocalTransport, AMessageTooLongForItsReceiveIsAnErrorOfTheReceiver) {
  LocalHub hub(2);
  const auto first = hub.transport(0), second = hub.transport(1);
  const std::vector<std::byte> bytes(200, std::byte{1});
  std::vector<std::byte> into(20);
  std::vector<Completion> done;
  first->send(1, 0, bytes, 200);
  second->receive(0, 0, std::span(into).first(10));
  EXPECT_THROW(second->poll(done), TransportError);
  EXPECT_TRUE(done.empty());
  EXPECT_EQ(into[10], std::byte{0}) << "nothing is written behind the receive";
}

TEST(LocalTransport, WhatWasMatchedBeforeARankLeftStillArrives) {
  LocalHub hub(2);
  auto first = hub.transport(0), second = hub.transport(1);
  std::vector<std::byte> bytes(8, std::byte{5}), into(8);
  second->receive(0, 0, into);
  first->send(1, 0, bytes, 8);
  first.reset();
  std::vector<Completion> done;
  second->poll(done);
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].bytes, 8u);
  EXPECT_EQ(into, bytes);
}

TEST(LocalTransport, MisuseIsNamed) {
  EXPECT_THROW(LocalHub(0), UsageError);
  EXPECT_EQ(sentence(-3, [](auto) {}), "local ranks: expected at least 1, got -3");
  LocalHub hub(2);
  const auto rank = hub.transport(1);
  EXPECT_THROW(hub.transport(1), InternalError) << "taken twice";
  EXPECT_THROW(rank->send(1, 0, {}, 0), InternalError) << "to itself";
  EXPECT_THROW(rank->send(0, 0, std::vector<std::byte>(2), 1), InternalError) << "more than planned";
}

}  // namespace
}  // namespace dunlin
