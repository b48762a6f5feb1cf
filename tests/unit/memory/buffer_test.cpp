// A pool lends aligned bytes that nobody else has, reuses what comes back, keeps no more than it may, and counts right
// whatever the threads do.

#include "dunlin/memory/buffer.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <optional>
#include <random>
#include <thread>
#include <vector>

#include "dunlin/memory/value.hpp"

namespace dunlin {
namespace {

constexpr std::size_t K = 1024, M = K * K;

TEST(BufferPool, LendsAlignedBytesOfTheSizeAskedFor) {
  BufferPool pool;
  struct Case {
    std::size_t size;
    const char* why;
  };
  const Case cases[] = {
      {0, "none"},
      {1, "one"},
      {64, "exactly one line"},
      {64 * K - 1, "the largest from the heap"},
      {64 * K, "the smallest that is mapped"},
      {M + 1, "just over a power of two"},
      {16 * M, "a chunk"},
  };
  for (const auto& [size, why] : cases) {
    SCOPED_TRACE(why);
    Buffer buffer = pool.allocate(size);
    EXPECT_FALSE(buffer.empty()) << "an allocated buffer is valid, even of size 0";
    EXPECT_EQ(buffer.size(), size);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffer.data()) % BufferPool::kAlignment, 0u);
    std::memset(buffer.data(), 0xAB, size);
    EXPECT_EQ(pool.lent_bytes(), size);
  }
  EXPECT_EQ(pool.lent_bytes(), 0u);
  EXPECT_EQ(pool.peak_lent_bytes(), 16 * M);
}

TEST(BufferPool, ReusesABlockForSizesOfItsClass) {
  BufferPool pool;
  const std::byte* first = pool.allocate(M).data();
  EXPECT_EQ(pool.kept_bytes(), M);
  Buffer again = pool.allocate(M - M / 16 + 1);  // rounds up to the same block
  EXPECT_EQ(again.data(), first);
  EXPECT_EQ(pool.kept_bytes(), 0u);
  Buffer other = pool.allocate(M);
  EXPECT_NE(other.data(), first) << "a block that is lent is nobody else's";
}

TEST(BufferPool, WastesAnEighthOfABlockAtMost) {
  BufferPool pool;
  for (std::size_t size = 64 * K; size < 64 * M; size += size / 7 + 1) {
    pool.allocate(size);
    EXPECT_GE(pool.kept_bytes(), size);
    EXPECT_LE(pool.kept_bytes(), size + size / 8 + 4 * K) << size;
    pool.trim();
  }
}

TEST(BufferPool, KeepsNoSmallBlocks) {
  BufferPool pool;
  pool.allocate(4 * K);
  EXPECT_EQ(pool.kept_bytes(), 0u) << "the heap has lists of its own";
}

TEST(BufferPool, LentAndKeptTogetherStayWithinTheLimit) {
  BufferPool pool(4 * M);
  { const Buffer a = pool.allocate(M), b = pool.allocate(2 * M); }
  EXPECT_EQ(pool.kept_bytes(), 3 * M);
  std::optional<Buffer> large = pool.allocate(3 * M);
  EXPECT_LE(pool.kept_bytes(), M) << "kept blocks of another size went back to make room";
  EXPECT_EQ(pool.lent_bytes(), 3 * M);
  const Buffer beyond = pool.allocate(4 * M);
  EXPECT_EQ(pool.kept_bytes(), 0u);
  EXPECT_EQ(pool.lent_bytes(), 7 * M) << "the limit refuses nothing";
  large.reset();
  EXPECT_EQ(pool.kept_bytes(), 0u) << "what comes back while the limit is reached goes to the system";
}

TEST(BufferPool, ALowerLimitGivesKeptBlocksBack) {
  BufferPool pool;
  { const Buffer a = pool.allocate(M), b = pool.allocate(M), c = pool.allocate(M); }
  EXPECT_EQ(pool.kept_bytes(), 3 * M);
  pool.set_keep_limit(2 * M);
  EXPECT_EQ(pool.kept_bytes(), 2 * M);
  pool.trim();
  EXPECT_EQ(pool.kept_bytes(), 0u);
  pool.set_keep_limit(0);
  pool.allocate(M);
  EXPECT_EQ(pool.kept_bytes(), 0u) << "a limit of nothing keeps nothing";
}

TEST(BufferPool, MoreThanTheSystemHasIsBadAllocAndNotCounted) {
  BufferPool pool;
  EXPECT_THROW(pool.allocate(std::numeric_limits<std::size_t>::max()), std::bad_alloc);
  EXPECT_THROW(pool.allocate(std::size_t{1} << 62), std::bad_alloc);
  EXPECT_EQ(pool.lent_bytes(), 0u);
  EXPECT_EQ(pool.peak_lent_bytes(), 0u);
  EXPECT_NO_THROW(pool.allocate(M));
}

TEST(Buffer, MovingHandsTheBlockOverAndGivesTheOldOneBack) {
  BufferPool pool;
  Buffer a = pool.allocate(100), b = pool.allocate(200);
  const std::byte* data = a.data();
  b = std::move(a);
  EXPECT_EQ(b.data(), data);
  EXPECT_EQ(b.size(), 100u);
  EXPECT_TRUE(a.empty());  // NOLINT: what a moved-from buffer says is promised
  EXPECT_EQ(a.size(), 0u);
  EXPECT_EQ(pool.lent_bytes(), 100u);
  Buffer& same = b;
  b = std::move(same);
  EXPECT_EQ(b.data(), data) << "moved onto itself";
  const Buffer c = std::move(b);
  EXPECT_EQ(c.data(), data);
  EXPECT_EQ(pool.lent_bytes(), 100u);
}

TEST(Buffer, ShrinkingChangesWhatItSaysAndNotWhatIsCounted) {
  BufferPool pool;
  Buffer buffer = pool.allocate(M);
  buffer.shrink(10);
  EXPECT_EQ(buffer.bytes().size(), 10u);
  EXPECT_EQ(pool.lent_bytes(), M);
  buffer = Buffer();
  EXPECT_EQ(pool.lent_bytes(), 0u);
  EXPECT_EQ(pool.kept_bytes(), M);
}

TEST(Buffer, MayOutliveItsPool) {
  Buffer buffer;
  {
    BufferPool pool;
    buffer = pool.allocate(M);
  }
  std::memset(buffer.data(), 1, buffer.size());
  EXPECT_EQ(buffer.data()[M - 1], std::byte{1});
}

TEST(Value, HoldsTheBytesOfABuffer) {
  BufferPool pool;
  Value value(pool.allocate(12));
  EXPECT_EQ(value.size(), 12u);
  EXPECT_FALSE(value.empty());
  EXPECT_TRUE(Value().empty());
}

TEST(BufferPool, ManyThreadsNeverShareABlock) {
  constexpr int kThreads = 4, kRounds = 4000;
  BufferPool pool(8 * M);
  const auto hammer = [&](int thread, int& damaged) {
    std::mt19937 random(static_cast<unsigned>(thread));
    std::vector<Buffer> held;
    const auto mark = [&](Buffer& buffer) {
      std::memset(buffer.data(), thread, 64), std::memset(buffer.data() + buffer.size() - 64, thread, 64);
    };
    const auto intact = [&](const Buffer& buffer) {
      return buffer.data()[0] == static_cast<std::byte>(thread) &&
             buffer.data()[buffer.size() - 1] == static_cast<std::byte>(thread);
    };
    for (int round = 0; round < kRounds; ++round) {
      if (held.size() < 8 && random() % 2) {
        held.push_back(pool.allocate(1024u << random() % 11));  // 1 KiB to 1 MiB: heap and mapped, few classes
        mark(held.back());
      } else if (!held.empty()) {
        std::swap(held[random() % held.size()], held.back());
        damaged += !intact(held.back());
        held.pop_back();
      }
      if (round % 1000 == 0) pool.trim();
    }
  };
  std::vector<std::thread> threads;
  std::vector<int> damaged(kThreads, 0);
  for (int thread = 0; thread < kThreads; ++thread)
    threads.emplace_back([&, thread] { hammer(thread + 1, damaged[static_cast<std::size_t>(thread)]); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(damaged, std::vector<int>(kThreads, 0));
  EXPECT_EQ(pool.lent_bytes(), 0u);
  EXPECT_LE(pool.kept_bytes(), 8 * M);
}

}  // namespace
}  // namespace dunlin
