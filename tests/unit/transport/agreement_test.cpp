// The record's promise: whatever the order and grouping in which records are merged, all ranks get the same one.

#include "dunlin/transport/agreement.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <vector>

namespace dunlin {
namespace {

Agreement record_of(int rank, std::mt19937& random) {
  const auto few = [&] { return static_cast<std::int64_t>(random() % 3); };  // few values: ties are common
  Agreement mine =
      Agreement::of(Call(random() % 3), few(), {static_cast<std::uint64_t>(few()), static_cast<std::uint64_t>(few())});
  if (few() == 0) {
    mine.failing_rank = rank;
    mine.failing_task = few();
    mine.failing_code = static_cast<std::int32_t>(few());
  }
  mine.peak_bytes = few();
  mine.peak_rank = rank;
  for (std::int64_t& value : mine.smallest) value = few() - 1;
  for (std::int64_t& value : mine.total) value = few();
  return mine;
}

/// Merges neighbours at random until one is left.
Agreement merge_all(std::vector<Agreement> records, std::mt19937& random) {
  std::shuffle(records.begin(), records.end(), random);
  while (records.size() > 1) {
    const std::size_t k = random() % (records.size() - 1);
    records[k] = merge(records[k], records[k + 1]);
    records.erase(records.begin() + static_cast<std::ptrdiff_t>(k) + 1);
  }
  return records.front();
}

TEST(Agreement, MergedInAnyOrderAndGroupingIsTheSameRecord) {
  std::mt19937 random(11);
  for (int trial = 0; trial < 300; ++trial) {
    std::vector<Agreement> records;
    for (int rank = 0; rank < 1 + trial % 9; ++rank) records.push_back(record_of(rank, random));
    const Agreement first = merge_all(records, random);
    for (int again = 0; again < 5; ++again) {
      const Agreement other = merge_all(records, random);
      ASSERT_EQ(std::memcmp(&first, &other, sizeof first), 0) << "trial " << trial << ", " << records.size();
    }
  }
}

TEST(Agreement, HashesThatDifferInOneWordOnlyAreNotTheSame) {
  const Agreement a = Agreement::of(Call::plan, 1, {1, 2}), b = Agreement::of(Call::plan, 1, {1, 3});
  EXPECT_TRUE(merge(a, a).same_hash());
  EXPECT_FALSE(merge(a, b).same_hash());
  EXPECT_TRUE(merge(a, b).same_call());
}

}  // namespace
}  // namespace dunlin
