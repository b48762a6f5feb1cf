#include "conformance/transport.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "conformance/traffic.hpp"

namespace dunlin::test {
namespace {

constexpr Hash128 kHash{0x0123456789abcdef, 0xfedcba9876543210};

/// All ranks are here.
void meet(Transport& ranks) { ranks.agree(Agreement::of(Call::run_end, 0)); }

/// An edge that a rank takes part in, with what it carries and where it goes.
struct Edge {
  int peer;
  bool sends;
  std::int64_t ordinal;
  std::size_t planned;
  std::vector<std::byte> bytes = {};  // sent, or received into
  RequestId request = {};
};

void start(Traffic& traffic, Edge& edge) {
  edge.request = edge.sends ? traffic.send(edge.peer, edge.ordinal, edge.bytes, edge.planned)
                            : traffic.receive(edge.peer, edge.ordinal, edge.bytes);
}

/// Both directions between this rank and every other, one edge per size, ordinals from `first`; `carried(size)` of the
/// planned bytes are sent.
template <class Carried>
std::vector<Edge> all_to_all(const Transport& ranks, const std::vector<std::size_t>& sizes, std::int64_t first,
                             Carried carried) {
  std::vector<Edge> edges;
  for (int peer = 0; peer < ranks.size(); ++peer) {
    if (peer == ranks.rank()) continue;
    for (std::size_t k = 0; k < sizes.size(); ++k) {
      const auto ordinal = first + static_cast<std::int64_t>(k);
      edges.push_back({peer, true, ordinal, sizes[k], pattern(ranks.rank(), peer, ordinal, carried(sizes[k]))});
      edges.push_back({peer, false, ordinal, sizes[k], std::vector<std::byte>(sizes[k])});
    }
  }
  return edges;
}

void expect_arrived(const Transport& ranks, const Traffic& traffic, const Edge& edge, std::size_t carried) {
  ASSERT_TRUE(traffic.done(edge.request));
  EXPECT_EQ(traffic.bytes(edge.request), carried) << "edge " << edge.ordinal << ", planned " << edge.planned;
  if (edge.sends) return;
  const auto expected = pattern(edge.peer, ranks.rank(), edge.ordinal, carried);
  EXPECT_TRUE(std::equal(expected.begin(), expected.end(), edge.bytes.begin()))
      << "edge " << edge.ordinal << " of " << carried << " bytes from rank " << edge.peer << " came damaged";
}

void exchange(Transport& ranks, std::vector<Edge> edges, std::size_t (*carried)(std::size_t), unsigned seed) {
  std::shuffle(edges.begin(), edges.end(), std::mt19937(seed + static_cast<unsigned>(ranks.rank())));
  Traffic traffic(ranks);
  for (Edge& edge : edges) start(traffic, edge);
  traffic.finish();
  for (const Edge& edge : edges) expect_arrived(ranks, traffic, edge, carried(edge.planned));
}

std::size_t whole(std::size_t planned) { return planned; }
std::size_t none(std::size_t) { return 0; }

/// Sizes around what transports treat apart; 64 KiB is the piece size that the suite runs with over MPI.
const std::vector<std::size_t> kSizes{
    1,  // the smallest message
    4095,
    4096,
    4097,  // shared memory: eager or not
    65535,
    65536,
    65537,  // one piece, exactly one, two
    3 * 65536,
    3 * 65536 + 1,         // full pieces, and a last one of a byte
    std::size_t{3} << 20,  // a chunk
};

void messages_arrive_in_any_posting_order(Transport& ranks) {
  exchange(ranks, all_to_all(ranks, kSizes, 0, whole), whole, 1);
}

void many_edges_of_a_pair_are_told_apart(Transport& ranks) {
  const std::vector<std::size_t> sizes(ranks.size() > 4 ? 20 : 300, 24);
  exchange(ranks, all_to_all(ranks, sizes, 7, whole), whole, 2);
}

void poison_completes_both_ends_with_no_bytes(Transport& ranks) {
  exchange(ranks, all_to_all(ranks, kSizes, 0, none), none, 3);
  // and leaves nothing behind that a later message could be taken for
  meet(ranks);
  exchange(ranks, all_to_all(ranks, kSizes, 0, whole), whole, 4);
}

void a_message_may_be_shorter_than_planned(Transport& ranks) {
  const auto half = [](std::size_t planned) { return (planned + 1) / 2; };
  exchange(ranks, all_to_all(ranks, kSizes, 0, half), half, 5);
}

void ordinals_of_any_size_are_edges(Transport& ranks) {
  // 2^20 apart: where a transport counts in less, the order of the planned edges must tell them apart
  const std::int64_t wrap = std::int64_t{1} << 20;
  Traffic traffic(ranks);
  std::vector<Edge> edges;
  for (std::int64_t ordinal : {std::int64_t{5}, 5 + wrap, 5 + 2 * wrap, std::int64_t{1} << 40})
    for (Edge& edge : all_to_all(ranks, {100}, ordinal, whole)) edges.push_back(std::move(edge));
  for (Edge& edge : edges) start(traffic, edge);
  traffic.finish();
  for (const Edge& edge : edges) expect_arrived(ranks, traffic, edge, 100);
}

void an_ordinal_serves_again_after_an_agreement(Transport& ranks) {
  for (unsigned run = 0; run < 5; ++run) {
    exchange(ranks, all_to_all(ranks, {8, 70'000}, 0, whole), whole, run);
    meet(ranks);
  }
}

void agreement_leaves_completions_to_the_next_poll(Transport& ranks) {
  Traffic traffic(ranks);
  auto edges = all_to_all(ranks, {16, 100'000}, 0, whole);
  for (Edge& edge : edges) start(traffic, edge);
  meet(ranks);  // by now some or all messages have gone
  traffic.finish();
  for (const Edge& edge : edges) expect_arrived(ranks, traffic, edge, edge.planned);
}

/// What the lowest, the middle or the highest rank does differently, and whether the ranks find out.
void agreement_tells_that_ranks_differ(Transport& ranks) {
  for (int odd : {0, ranks.size() / 2, ranks.size() - 1}) {
    const bool alone = ranks.size() == 1, mine = ranks.rank() == odd;
    const Agreement same = ranks.agree(Agreement::of(Call::plan, 7, kHash));
    EXPECT_TRUE(same.same_call() && same.same_hash() && !same.failed());
    EXPECT_EQ(same.sequence_min, 7);
    EXPECT_EQ(same.hash_max, kHash);

    EXPECT_EQ(ranks.agree(Agreement::of(Call::plan, mine ? 8 : 7, kHash)).same_call(), alone) << "sequence";
    EXPECT_EQ(ranks.agree(Agreement::of(mine ? Call::leave : Call::plan, 7, kHash)).same_call(), alone) << "call";
    for (int word : {0, 1}) {
      Hash128 other = kHash;
      if (mine) other[word] ^= 1;
      const Agreement differing = ranks.agree(Agreement::of(Call::plan, 7, other));
      EXPECT_EQ(differing.same_hash(), alone) << "hash word " << word;
      EXPECT_TRUE(differing.same_call());
    }
  }
}

void agreement_names_the_lowest_failing_rank(Transport& ranks) {
  for (int lowest = 0; lowest < ranks.size(); ++lowest) {
    Agreement mine = Agreement::of(Call::run_end, 1);
    if (ranks.rank() >= lowest) {
      mine.failing_rank = ranks.rank();
      mine.failing_task = 1000 - ranks.rank();  // the highest rank has the lowest task: the rank decides
      mine.failing_code = 3 + ranks.rank();
    }
    const Agreement all = ranks.agree(mine);
    EXPECT_TRUE(all.failed());
    EXPECT_EQ(all.failing_rank, lowest);
    EXPECT_EQ(all.failing_task, 1000 - lowest);
    EXPECT_EQ(all.failing_code, 3 + lowest);
  }
  EXPECT_FALSE(ranks.agree(Agreement::of(Call::run_end, 2)).failed());
}

void agreement_finds_peaks_minima_and_sums(Transport& ranks) {
  const std::int64_t size = ranks.size(), me = ranks.rank();
  Agreement mine = Agreement::of(Call::plan, 1);
  mine.peak_bytes = me < size / 2 ? 10 : 1000;  // several ranks have the largest peak
  mine.peak_rank = me;
  for (int k = 0; k < 6; ++k) mine.smallest[k] = k % 2 ? me - 3 : size - me;
  for (int k = 0; k < 8; ++k) mine.total[k] = (me + 1) << k;
  const Agreement all = ranks.agree(mine);
  EXPECT_EQ(all.peak_bytes, 1000);
  EXPECT_EQ(all.peak_rank, size / 2) << "the lowest rank of those with the largest peak";
  for (int k = 0; k < 6; ++k) EXPECT_EQ(all.smallest[k], k % 2 ? -3 : 1);
  for (int k = 0; k < 8; ++k) EXPECT_EQ(all.total[k], (size * (size + 1) / 2) << k);
}

void broadcast_replaces_bytes_of_any_size(Transport& ranks) {
  for (int root = 0; root < ranks.size(); ++root)
    for (std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{65536}, (std::size_t{1} << 20) + 3}) {
      const auto expected = pattern(root, 0, 9, size);
      auto bytes = ranks.rank() == root ? expected : pattern(ranks.rank(), 1, 9, 5 + 100 * size % 999);
      ranks.broadcast(bytes, root);
      EXPECT_TRUE(bytes == expected) << size << " bytes from rank " << root;
    }
}

/// A ring of messages is under way; one rank fails; the news stops all, and all edges are completed.
void run_ring_until_alarm(Transport& ranks, int failing, std::int64_t steps) {
  const int size = ranks.size(), me = ranks.rank();
  const int next = (me + 1) % size, previous = (me + size - 1) % size;
  Traffic traffic(ranks);
  std::int64_t poisoned = 0;
  for (std::int64_t step = 0; step < steps; ++step) {
    if (me == failing && step == steps / 2) ranks.raise_alarm();
    if (size == 1) continue;
    const auto bytes = pattern(me, next, step, 5000);
    std::vector<std::byte> into(5000);
    const bool poison = ranks.alarmed();
    poisoned += poison;
    traffic.receive(previous, step, into);
    traffic.send(next, step, poison ? std::span<const std::byte>{} : bytes, 5000);
    traffic.finish();
  }
  while (!ranks.alarmed()) traffic.step();
  EXPECT_TRUE(size == 1 || me != failing || poisoned == steps - steps / 2);
}

void alarm_reaches_all_and_settles_without_remains(Transport& ranks) {
  std::int64_t sequence = 0;
  for (int failing = 0; failing < ranks.size(); ++failing) {
    EXPECT_FALSE(ranks.alarmed());
    run_ring_until_alarm(ranks, failing, ranks.size() > 4 ? 4 : 20);
    EXPECT_TRUE(ranks.agree(Agreement::of(Call::run_end, ++sequence)).same_call());
    ranks.settle_alarm(true);
    EXPECT_FALSE(ranks.alarmed());
  }
  // a run without failure, and nothing left of those before
  exchange(ranks, all_to_all(ranks, {8, 70'000}, 100, whole), whole, 6);
  meet(ranks);
  EXPECT_FALSE(ranks.alarmed());
  ranks.settle_alarm(false);
  EXPECT_FALSE(ranks.alarmed());
}

void alarm_may_be_raised_by_many_and_late(Transport& ranks) {
  const int size = ranks.size();
  for (int round = 0; round < 10; ++round) {
    // every other rank raises, without hearing first; the others may not have heard when the alarm is settled
    if ((ranks.rank() + round) % 2 == 0) ranks.raise_alarm(), ranks.raise_alarm();
    Agreement mine = Agreement::of(Call::run_end, round);
    if (ranks.alarmed()) mine.failing_rank = ranks.rank();
    const Agreement all = ranks.agree(mine);
    EXPECT_EQ(all.failed(), size > 1 || round == 0 || round % 2 == 0);
    ranks.settle_alarm(all.failed());
    EXPECT_FALSE(ranks.alarmed()) << "round " << round;
  }
}

void alarm_passes_ranks_that_wait_in_an_agreement(Transport& ranks) {
  // Rank 0, the root of a tree if there is one, waits in the closing agreement already; the last rank raises; those
  // between poll until they know.
  const bool last = ranks.rank() == ranks.size() - 1;
  std::vector<Completion> done;
  if (last) ranks.raise_alarm();
  while (ranks.rank() > 0 && !ranks.alarmed()) {
    ranks.poll(done);
    std::this_thread::yield();
  }
  meet(ranks);
  ranks.settle_alarm(true);
  EXPECT_TRUE(done.empty());
}

void polls_of_an_idle_rank_bring_nothing(Transport& ranks) {
  std::vector<Completion> done;
  for (int k = 0; k < 10; ++k) ranks.poll(done);
  EXPECT_TRUE(done.empty());
  EXPECT_FALSE(ranks.alarmed());
  EXPECT_GE(ranks.node_size(), 1);
  EXPECT_LE(ranks.node_size(), ranks.size());
  EXPECT_LT(ranks.node_rank(), ranks.node_size());
  meet(ranks);
}

}  // namespace

const std::vector<TransportCheck>& transport_checks() {
  static const std::vector<TransportCheck> checks{
      {"PollsOfAnIdleRankBringNothing", polls_of_an_idle_rank_bring_nothing},
      {"MessagesArriveInAnyPostingOrder", messages_arrive_in_any_posting_order},
      {"ManyEdgesOfAPairAreToldApart", many_edges_of_a_pair_are_told_apart},
      {"PoisonCompletesBothEndsWithNoBytes", poison_completes_both_ends_with_no_bytes},
      {"AMessageMayBeShorterThanPlanned", a_message_may_be_shorter_than_planned},
      {"OrdinalsOfAnySizeAreEdges", ordinals_of_any_size_are_edges},
      {"AnOrdinalServesAgainAfterAnAgreement", an_ordinal_serves_again_after_an_agreement},
      {"AgreementLeavesCompletionsToTheNextPoll", agreement_leaves_completions_to_the_next_poll},
      {"AgreementTellsThatRanksDiffer", agreement_tells_that_ranks_differ},
      {"AgreementNamesTheLowestFailingRank", agreement_names_the_lowest_failing_rank},
      {"AgreementFindsPeaksMinimaAndSums", agreement_finds_peaks_minima_and_sums},
      {"BroadcastReplacesBytesOfAnySize", broadcast_replaces_bytes_of_any_size},
      {"AlarmReachesAllAndSettlesWithoutRemains", alarm_reaches_all_and_settles_without_remains},
      {"AlarmMayBeRaisedByManyAndLate", alarm_may_be_raised_by_many_and_late},
      {"AlarmPassesRanksThatWaitInAnAgreement", alarm_passes_ranks_that_wait_in_an_agreement},
  };
  return checks;
}

}  // namespace dunlin::test
