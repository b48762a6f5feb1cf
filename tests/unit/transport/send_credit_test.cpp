// How far a sender runs ahead: which message goes how, and that no order of posting and matching stops for good.

#include "../../../runtime/transport/send_credit.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace dunlin {
namespace {

using Way = SendCredit::Way;
constexpr std::int64_t kHalf = kCreditMessages / 2;

SendCredit::Message message(std::int64_t ordinal, std::size_t bytes = 8, int peer = 1, std::int64_t epoch = 0) {
  return {peer, {epoch, ordinal}, 1, bytes, static_cast<std::size_t>(ordinal)};
}

TEST(SendCredit, HalfOfItGoesThenAProbeThenTheOtherHalfThenTheRestWaits) {
  SendCredit credit;
  std::int64_t k = 0;
  for (; k < kHalf; ++k) ASSERT_EQ(credit.admit(message(k)), Way::eager) << k;
  EXPECT_EQ(credit.admit(message(k++)), Way::probe);
  for (; k < 2 * kHalf + 1; ++k) ASSERT_EQ(credit.admit(message(k)), Way::eager) << k;
  for (; k < 2 * kHalf + 11; ++k) EXPECT_EQ(credit.admit(message(k)), Way::wait) << k;
  EXPECT_EQ(credit.waiting(), 10);
  EXPECT_EQ(credit.admit(message(0, 8, 2)), Way::eager) << "every peer has its own";

  const auto leaving = credit.confirm(1);
  ASSERT_EQ(leaving.size(), 10u);
  EXPECT_EQ(leaving.front().way, Way::probe) << "the half after the first probe is not confirmed yet";
  for (std::size_t j = 1; j < 10; ++j) EXPECT_EQ(leaving[j].way, Way::eager);
  EXPECT_TRUE(std::is_sorted(leaving.begin(), leaving.end(),
                             [](const auto& a, const auto& b) { return a.message.place < b.message.place; }));
  EXPECT_EQ(credit.waiting(), 0);
}

TEST(SendCredit, BytesCountAsWellAsMessages) {
  SendCredit credit;
  const std::size_t large = kCreditBytes / 2;
  EXPECT_EQ(credit.admit(message(0, large - 1)), Way::eager);
  EXPECT_EQ(credit.admit(message(1, 1)), Way::eager) << "exactly half";
  EXPECT_EQ(credit.admit(message(2, 1)), Way::probe);
  EXPECT_EQ(credit.admit(message(3, large)), Way::eager);
  EXPECT_EQ(credit.admit(message(4, 1)), Way::wait);

  SendCredit first;
  EXPECT_EQ(first.admit(message(0, large + 1)), Way::probe) << "more than half at once";
}

TEST(SendCredit, WhatComesBeforeTheProbePassesAndIsNone) {
  SendCredit credit;
  for (std::int64_t k = 100; k < 100 + kHalf; ++k) credit.admit(message(k));
  EXPECT_EQ(credit.admit(message(3)), Way::synchronous) << "it would tell nothing of those that went";
  EXPECT_EQ(credit.admit(message(1000)), Way::probe);
  EXPECT_EQ(credit.admit(message(4)), Way::synchronous);
  EXPECT_EQ(credit.admit(message(999)), Way::synchronous);
  EXPECT_EQ(credit.admit(message(0, 8, 1, 1)), Way::eager) << "ordinals of a later epoch come after";
}

/// A sender and a receiver of `count` messages; the receiver posts in order of ordinals, `window` at a time, and waits
/// for the first of them. Messages become ready in any order that stays within `reorder` of the planned one.
void expect_ends(std::int64_t count, std::int64_t window, std::int64_t reorder, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<std::pair<std::int64_t, std::int64_t>> ready;  // when, which
  for (std::int64_t k = 0; k < count; ++k) ready.emplace_back(k + static_cast<std::int64_t>(random()) % reorder, k);
  std::sort(ready.begin(), ready.end());
  SendCredit credit;
  std::set<std::int64_t> under_way, received;
  std::map<std::int64_t, bool> synchronous;       // and whether it is the probe
  std::int64_t unasked = 0, most = 0, first = 0;  // receives below first + window are posted
  const auto go = [&](std::int64_t ordinal, Way way) {
    under_way.insert(ordinal);
    if (way != Way::eager) synchronous[ordinal] = way == Way::probe;
    if (way == Way::eager && ordinal >= first + window) most = std::max(most, ++unasked);
  };
  const auto match = [&](auto&& self, std::int64_t ordinal) -> void {
    if (!under_way.contains(ordinal) || received.contains(ordinal)) return;
    received.insert(ordinal);
    const auto found = synchronous.find(ordinal);
    if (found == synchronous.end()) {
      unasked = std::max<std::int64_t>(0, unasked - 1);
    } else if (found->second) {
      for (const auto& [message, way] : credit.confirm(1)) {
        go(message.place.ordinal, way);
        if (message.place.ordinal < first + window) self(self, message.place.ordinal);
      }
    }
  };
  std::size_t next = 0;
  while (first < count) {
    const std::int64_t before = first + static_cast<std::int64_t>(next);
    for (int burst = static_cast<int>(random() % 2000); burst > 0 && next < ready.size(); --burst, ++next) {
      const std::int64_t ordinal = ready[next].second;
      const auto way = credit.admit(message(ordinal));
      if (way != Way::wait) go(ordinal, way);
    }
    for (int burst = static_cast<int>(random() % 200); burst > 0; --burst) {
      for (std::int64_t k = first; k < std::min(count, first + window); ++k) match(match, k);
      if (!received.contains(first)) break;
      while (received.contains(first)) ++first;
    }
    if (next == ready.size() && first + static_cast<std::int64_t>(next) == before && !received.contains(first)) {
      match(match, first);
      ASSERT_TRUE(received.contains(first)) << "stopped before " << first << " of " << count;
    }
  }
  EXPECT_EQ(credit.waiting(), 0);
  EXPECT_LE(most, kCreditMessages + 1);
}

TEST(SendCredit, NoOrderOfPostingAndMatchingStopsForGood) {
  for (unsigned seed = 0; seed < 20; ++seed)
    for (std::int64_t window : {1, 3, 100})
      for (std::int64_t reorder : {1, 50, 3000}) {
        SCOPED_TRACE("window " + std::to_string(window) + ", reorder " + std::to_string(reorder));
        expect_ends(3000, window, reorder, seed);
      }
}

}  // namespace
}  // namespace dunlin
