// MPI processes: the promises of all transports, and what is MPI's own: communicators of the caller's, threads, errors.

#include "dunlin/transport/mpi_transport.hpp"

#include <gtest/gtest.h>
#include <mpi.h>

#include <algorithm>
#include <random>
#include <string>
#include <thread>

#include "conformance/traffic.hpp"
#include "conformance/transport_tests.hpp"
#include "support/resident.hpp"
#include "support/watchdog.hpp"

namespace dunlin {
namespace {

using test::pattern;
using test::Traffic;

int world_rank() {
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  return rank;
}

/// One message from every rank to the next, of the transport's own communicator.
void ring(Transport& ranks, std::int64_t ordinal, std::size_t size, int salt = 0) {
  const int next = (ranks.rank() + 1) % ranks.size(), previous = (ranks.rank() + ranks.size() - 1) % ranks.size();
  if (ranks.size() == 1) return;
  const auto bytes = pattern(ranks.rank() + salt, next, ordinal, size);
  std::vector<std::byte> into(size);
  Traffic traffic(ranks);
  traffic.send(next, ordinal, bytes, size);
  traffic.receive(previous, ordinal, into);
  traffic.finish();
  EXPECT_TRUE(into == pattern(previous + salt, ranks.rank(), ordinal, size)) << "edge " << ordinal;
}

TEST(MpiTransport, PiecesOfOneByteAndMessagesOfAboutOnePieceAreSplitRight) {
  for (std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{1000}}) {
    const auto ranks = make_transport(MPI_COMM_WORLD, piece);
    std::int64_t ordinal = 0;
    for (std::size_t size : {1, 6, 7, 8, 999, 1000, 1001, 2000, 2001}) ring(*ranks, ordinal++, size);
    std::vector<std::byte> bytes = pattern(ranks->rank(), 0, 0, 1001);
    ranks->broadcast(bytes, 0);
    EXPECT_TRUE(bytes == pattern(0, 0, 0, 1001));
  }
}

TEST(MpiTransport, AMessageIsSeenBehindMoreOpenRequestsThanOnePollLooksAt) {
  const auto ranks = make_transport(MPI_COMM_WORLD);
  if (ranks->size() == 1) GTEST_SKIP() << "nobody to talk to";
  constexpr std::int64_t kEdges = 200;
  const int me = ranks->rank(), next = (me + 1) % ranks->size(), previous = (me + ranks->size() - 1) % ranks->size();
  std::vector<std::vector<std::byte>> sent, got(kEdges, std::vector<std::byte>(100));
  std::vector<RequestId> requests;
  Traffic traffic(*ranks);
  for (std::int64_t k = 0; k < kEdges; ++k) {
    sent.push_back(pattern(me, next, k, 100));
    requests.push_back(traffic.receive(previous, k, got[k]));
  }
  // the last edge first; the others only when it has arrived, though its receive is behind all of theirs
  traffic.send(next, kEdges - 1, sent.back(), 100);
  while (!traffic.done(requests.back())) traffic.step();
  for (std::int64_t k = 0; k < kEdges - 1; ++k) traffic.send(next, k, sent[k], 100);
  traffic.finish();
  for (std::int64_t k = 0; k < kEdges; ++k) EXPECT_TRUE(got[k] == pattern(previous, me, k, 100)) << "edge " << k;
}

TEST(MpiTransport, TransportsOnOneCommunicatorDoNotMix) {
  const auto one = make_transport(MPI_COMM_WORLD), two = make_transport(MPI_COMM_WORLD);
  if (one->size() == 1) GTEST_SKIP() << "nobody to talk to";
  const int me = one->rank(), next = (me + 1) % one->size(), previous = (me + one->size() - 1) % one->size();
  // The same edge of both: `one` sends first, `two` receives first. Then the caller's own messages, of any tag.
  const auto a = pattern(me, next, 1, 5000), b = pattern(me + 100, next, 1, 5000);
  std::vector<std::byte> from_one(5000), from_two(5000), own(5000);
  Traffic first(*one), second(*two);
  MPI_Request request;
  MPI_Irecv(own.data(), 5000, MPI_BYTE, MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &request);
  first.send(next, 1, a, 5000);
  second.receive(previous, 1, from_two);
  second.send(next, 1, b, 5000);
  first.receive(previous, 1, from_one);
  if (me == 0) one->raise_alarm();
  first.finish();
  second.finish();
  EXPECT_TRUE(from_one == pattern(previous, me, 1, 5000));
  EXPECT_TRUE(from_two == pattern(previous + 100, me, 1, 5000));

  // The agreements of both overlap, entered in one order and finished in the other.
  one->start_agreement(Agreement::of(Call::plan, 1));
  two->start_agreement(Agreement::of(Call::open, 2));
  Agreement result;
  while (!two->test_agreement(result)) std::this_thread::yield();
  EXPECT_EQ(result.sequence_max, 2);
  while (!one->test_agreement(result)) std::this_thread::yield();
  EXPECT_EQ(result.sequence_max, 1);
  EXPECT_FALSE(two->alarmed()) << "the alarm of one context is not another's";
  one->settle_alarm(true);

  int arrived = 0;
  MPI_Test(&request, &arrived, MPI_STATUS_IGNORE);
  EXPECT_FALSE(arrived) << "a receive of the caller's caught a message of ours";
  if (!arrived) MPI_Cancel(&request), MPI_Wait(&request, MPI_STATUS_IGNORE);
}

TEST(MpiTransport, DisjointCommunicatorsWorkAtOnce) {
  const int rank = world_rank();
  MPI_Comm half;
  MPI_Comm_split(MPI_COMM_WORLD, rank % 2, -rank, &half);  // in reverse order, too
  {
    const auto ranks = make_transport(half);
    if (rank % 2 == 0) {  // the even ones work more, and see an alarm; the odd ones neither
      for (std::int64_t k = 0; k < 10; ++k) ring(*ranks, k, 3000);
      ranks->raise_alarm();
      ranks->agree(Agreement::of(Call::run_end, 5));
      ranks->settle_alarm(true);
    }
    ring(*ranks, 77, 100'000);
    const Agreement all = ranks->agree(Agreement::of(Call::plan, 40 + rank % 2));
    EXPECT_TRUE(all.same_call());
    EXPECT_EQ(all.sequence_min, 40 + rank % 2);
    EXPECT_FALSE(ranks->alarmed());
  }
  MPI_Comm_free(&half);
}

TEST(MpiTransport, ADestructorThatAnExceptionPassesWaitsForNobody) {
  for (int round = 0; round < 3; ++round) {
    std::vector<std::byte> into(1000), large(1 << 20);  // outlive the transport, as a context's buffers do
    try {
      const auto ranks = make_transport(MPI_COMM_WORLD);
      const int next = (ranks->rank() + 1) % ranks->size();
      if (ranks->size() > 1) ranks->receive(next, 1, into);
      if (ranks->size() > 1 && ranks->rank() == 0) ranks->send(next, 2, large, large.size());
      if (ranks->rank() == 0) ranks->raise_alarm();
      throw InputError("a corrupt header");
    } catch (const InputError&) {}
    const auto again = make_transport(MPI_COMM_WORLD);
    ring(*again, 1, 1000);
    ring(*again, 2, large.size());  // the edge of the message that nobody took
    again->agree(Agreement::of(Call::plan, round));
    EXPECT_FALSE(again->alarmed()) << "the news of an earlier transport";
  }
}

TEST(MpiTransport, TheErrorHandlerOfTheCallersCommunicatorStays) {
  MPI_Comm mine;
  MPI_Comm_dup(MPI_COMM_WORLD, &mine);
  const auto kind = [&](MPI_Comm comm) {
    MPI_Errhandler handler;
    MPI_Comm_get_errhandler(comm, &handler);
    const bool fatal = handler == MPI_ERRORS_ARE_FATAL, returns = handler == MPI_ERRORS_RETURN;
    if (!fatal && !returns) MPI_Errhandler_free(&handler);
    return fatal ? "fatal" : returns ? "returns" : "other";
  };
  {
    const auto ranks = make_transport(mine);
    EXPECT_STREQ(kind(mine), "fatal");
  }
  EXPECT_STREQ(kind(mine), "fatal");
  MPI_Comm_free(&mine);
}

TEST(MpiTransport, AFailureNamesTheCallAndSaysWhatMpiSaid) {
  const auto ranks = make_transport(MPI_COMM_WORLD);
  try {
    ranks->receive(ranks->size(), 0, {});  // no such rank
    ADD_FAILURE() << "MPI took a rank that does not exist";
  } catch (const TransportError& error) {
    const std::string sentence = error.what();
    EXPECT_TRUE(sentence.starts_with("MPI_Irecv failed: ")) << sentence;
    EXPECT_NE(sentence.find("rank"), std::string::npos) << sentence;
    EXPECT_EQ(error.code, ErrorCode::storage);
  }
}

TEST(MpiTransport, AMessageTooLongForItsReceiveIsAnErrorOfTheReceiverAndTheOthersHearThatItLeft) {
#ifdef MPICH_VERSION
  GTEST_SKIP() << "MPICH takes the failure of one of several requests to the handler of MPI_COMM_WORLD, not to ours";
#endif
  for (bool checked : {false, true}) {
    auto ranks = make_transport(MPI_COMM_WORLD);
    if (checked) ranks = test::watched(std::move(ranks));  // what the failure leaves open is not the user's leak
    const int last = ranks->size() - 1;
    if (last == 0) GTEST_SKIP() << "nobody to talk to";
    const std::vector<std::byte> bytes(200, std::byte{1});
    std::vector<std::byte> into(20), other(8);
    Traffic traffic(*ranks);
    if (ranks->rank() == 0) traffic.send(last, 0, bytes, 200), traffic.finish();
    if (ranks->rank() == last) {
      traffic.receive(0, 1, other);  // stays open
      traffic.receive(0, 0, std::span(into).first(10));
      EXPECT_THROW(traffic.finish(), TransportError);
      EXPECT_EQ(into[10], std::byte{0}) << "nothing is written behind the receive";
      EXPECT_THROW(traffic.step(), TransportError) << "it is over";
    } else {
      EXPECT_THROW(ranks->agree(Agreement::of(Call::run_end, 0)), RankLeft);
    }
  }
}

/// What rank 0 does, and then goes; what the others, who rely on it, do meanwhile.
struct Leaving {
  const char* why;
  void (*leave)(Transport&);
  void (*wait)(Transport&);
};

void wait_for_edge(Transport& ranks, bool sends, int peer) {
  std::vector<std::byte> bytes(1 << 20);
  Traffic traffic(ranks);
  if (sends)
    traffic.send(peer, 5, bytes, bytes.size());
  else
    traffic.receive(peer, 5, bytes);
  traffic.finish();
}

const Leaving kLeavings[] = {
    {"an exception passes, the others receive", [](Transport&) { throw InputError("a corrupt header"); },
     [](Transport& ranks) { wait_for_edge(ranks, false, 0); }},
    {"an exception passes, the others send", [](Transport&) { throw InputError("a corrupt header"); },
     [](Transport& ranks) { wait_for_edge(ranks, true, 0); }},
    {"an exception passes, the others agree", [](Transport&) { throw InputError("a corrupt header"); },
     [](Transport& ranks) { ranks.agree(Agreement::of(Call::plan, 1)); }},
    {"an exception passes, the others wait for a broadcast", [](Transport&) { throw InputError("a corrupt header"); },
     [](Transport& ranks) {
       std::vector<std::byte> bytes;
       ranks.broadcast(bytes, 0);
     }},
    {"an exception passes, the others settle an alarm", [](Transport&) { throw InputError("a corrupt header"); },
     [](Transport& ranks) { ranks.settle_alarm(true); }},
    {"a receive is open, the others wait for one another",
     [](Transport& ranks) {
       static std::vector<std::byte> outlives(8);
       ranks.receive(1, 9, outlives);
     },
     [](Transport& ranks) {
       if (ranks.size() > 2) wait_for_edge(ranks, ranks.rank() == 1, ranks.rank() == 1 ? 2 : 1);
       ranks.agree(Agreement::of(Call::plan, 1));
     }},
    {"an agreement is open", [](Transport& ranks) { ranks.start_agreement(Agreement::of(Call::plan, 1)); },
     [](Transport& ranks) { wait_for_edge(ranks, false, 0); }},
    {"an alarm is not settled", [](Transport& ranks) { ranks.raise_alarm(); },
     [](Transport& ranks) { wait_for_edge(ranks, false, 0); }},
};

TEST(MpiTransport, RanksThatWaitForOneThatLeftInDisorderAreTold) {
  for (const Leaving& one : kLeavings) {
    SCOPED_TRACE(one.why);
    const test::Watchdog watchdog(one.why);
    auto ranks = make_transport(MPI_COMM_WORLD);
    if (ranks->size() == 1) GTEST_SKIP() << "nobody to wait for";
    if (ranks->rank() == 0) {
      try {
        const auto leaving = std::move(ranks);
        one.leave(*leaving);
      } catch (const InputError&) {}
      continue;
    }
    try {
      one.wait(*ranks);
      if (ranks->rank() == 1 || ranks->size() == 2) ADD_FAILURE() << "nothing was thrown";
    } catch (const RankLeft& consequence) {
      EXPECT_EQ(consequence.rank, 0);
      EXPECT_TRUE(std::string(consequence.what()).starts_with("rank 0 has left while rank")) << consequence.what();
    }
  }
}

TEST(MpiTransport, WhoLeavesByAgreementLeavesInOrderAlsoWhereAnExceptionPasses) {
  for (int round = 0; round < 3; ++round) {
    auto ranks = make_transport(MPI_COMM_WORLD);
    ranks->agree(Agreement::of(Call::leave, 0));
    if (ranks->rank() == round % ranks->size()) {
      try {
        const auto leaving = std::move(ranks);
        throw InputError("a corrupt header");
      } catch (const InputError&) {}
    } else {
      std::vector<Completion> done;
      for (int k = 0; k < 100; ++k) ranks->poll(done);  // nobody is told anything
    }
  }
}

TEST(MpiTransport, ASenderThatIsFarAheadIsHeldBack) {
  // 100,000 messages of 1,000 bytes, which MPI would all keep at the receiver.
  constexpr std::int64_t kMessages = 100'000;
  constexpr std::size_t kBytes = 1000;
  const auto ranks = make_transport(MPI_COMM_WORLD);
  if (ranks->size() == 1) GTEST_SKIP() << "nobody to talk to";
  const int last = ranks->size() - 1;
  const auto bytes = pattern(0, last, 0, kBytes);
  Traffic traffic(*ranks);
  const std::int64_t before = test::resident_bytes();
  if (ranks->rank() == 0) {
    for (std::int64_t k = 0; k < kMessages; ++k) {
      traffic.send(last, k, bytes, kBytes);
      if (k % 16 == 0) traffic.step();
    }
    for (int k = 0; k < 5000; ++k) traffic.step();
    EXPECT_GE(traffic.open(), kMessages - 1024) << "the rest is with its sender";
  }
  ranks->agree(Agreement::of(Call::plan, 0));
  if (ranks->rank() == last) {
    EXPECT_LE(test::resident_bytes() - before, 8 << 20);
    std::vector<std::byte> into(kBytes);
    for (std::int64_t k = 0; k < kMessages; ++k) {
      into.assign(kBytes, std::byte{0});
      traffic.receive(0, k, into);
      traffic.finish();
      ASSERT_TRUE(into == bytes);
    }
  }
  traffic.finish();
}

TEST(MpiTransport, SmallMessagesInAnyOrderPassTheCredit) {
  // More than the credit both ways between all, posted by each rank in an order of its own, poison among them.
  const auto ranks = make_transport(MPI_COMM_WORLD);
  if (ranks->size() == 1) GTEST_SKIP() << "nobody to talk to";
  constexpr std::int64_t kMessages = 3000;
  const int me = ranks->rank();
  struct Edge {
    int peer;
    std::int64_t ordinal;
    std::vector<std::byte> bytes, into;
  };
  std::vector<Edge> edges;
  for (int peer = 0; peer < ranks->size(); ++peer)
    for (std::int64_t k = 0; peer != me && k < kMessages; ++k)
      edges.push_back({peer, k, pattern(me, peer, k, k % 7 == 0 ? 0 : 40), std::vector<std::byte>(40)});
  for (unsigned round = 0; round < 3; ++round) {
    Traffic traffic(*ranks);
    std::shuffle(edges.begin(), edges.end(), std::mt19937(round * 100 + static_cast<unsigned>(me)));
    std::vector<RequestId> received;
    for (Edge& edge : edges) traffic.send(edge.peer, edge.ordinal, edge.bytes, 40);
    for (Edge& edge : edges) received.push_back(traffic.receive(edge.peer, edge.ordinal, edge.into));
    traffic.finish();
    for (std::size_t k = 0; k < edges.size(); ++k) {
      const Edge& edge = edges[k];
      const auto expected = pattern(edge.peer, me, edge.ordinal, edge.ordinal % 7 == 0 ? 0 : 40);
      ASSERT_EQ(traffic.bytes(received[k]), expected.size());
      ASSERT_TRUE(std::equal(expected.begin(), expected.end(), edge.into.begin()));
    }
    ranks->agree(Agreement::of(Call::run_end, round));
  }
}

template <class F>
std::string refusal(F&& call) {
  try {
    call();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(MpiTransport, AForeignThreadIsRefusedWhereMpiIsFunneled) {
  int level = 0;
  MPI_Query_thread(&level);
  if (level >= MPI_THREAD_SERIALIZED) GTEST_SKIP() << "this MPI gave more than MPI_THREAD_FUNNELED";
  std::thread([] {
    const std::string sentence = refusal([] { make_transport(MPI_COMM_WORLD); });
    EXPECT_TRUE(sentence.starts_with("this thread did not initialise MPI")) << sentence;
  }).join();
}

TEST(MpiTransport, WhatIsNoCommunicatorOfRanksIsRefused) {
  EXPECT_TRUE(refusal([] { make_transport(MPI_COMM_NULL); }).starts_with("expected a communicator, got MPI_COMM_NULL"));
  const std::string none = refusal([] { make_transport(MPI_COMM_WORLD, 0); });
  EXPECT_EQ(none, "expected messages of 1 byte to 1 GiB at most, got a limit of 0");
  int size = 0;
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  if (size < 2) return;
  MPI_Comm half, between;
  MPI_Comm_split(MPI_COMM_WORLD, world_rank() == 0, 0, &half);
  MPI_Intercomm_create(half, 0, MPI_COMM_WORLD, world_rank() == 0 ? 1 : 0, 0, &between);
  EXPECT_TRUE(refusal([&] { make_transport(between); }).starts_with("expected an intracommunicator"));
  MPI_Comm_free(&between);
  MPI_Comm_free(&half);
}

TEST(MpiTransport, RanksOfOneMachineShareANode) {
  const auto ranks = make_transport(MPI_COMM_WORLD);
  EXPECT_EQ(ranks->node_size(), ranks->size());
  EXPECT_EQ(ranks->node_rank(), ranks->rank());
}

}  // namespace
}  // namespace dunlin
