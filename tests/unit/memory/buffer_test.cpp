// A pool lends aligned bytes that nobody else has, reuses what comes back, keeps no more than it may, and counts right
// whatever the threads do.

#include "dunlin/memory/buffer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <thread>
#include <vector>

#include "dunlin/memory/value.hpp"
#include "dunlin/memory/worker_place.hpp"

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
      {513, "just over the last size that goes by lines"},
      {60 * K, "the largest from the heap"},
      {60 * K + 1, "the smallest that is mapped"},
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

TEST(BufferPool, WastesAnEighthOfASmallBlockOrLessThanALine) {
  for (std::size_t size = 1; size <= 60 * K; size += size / 50 + 1) {
    BufferPool pool;
    pool.allocate(size);
    EXPECT_GE(pool.kept_bytes(), size);
    EXPECT_LE(pool.kept_bytes(), size + std::max<std::size_t>(63, size / 8)) << size;
  }
}

TEST(BufferPool, KeepsSmallBlocksButNoMoreThanAMebibyteForEachWorker) {
  BufferPool pool;
  const std::byte* first = pool.allocate(4000).data();
  EXPECT_EQ(pool.kept_bytes(), 4 * K);
  EXPECT_EQ(pool.allocate(4 * K).data(), first) << "of the same class";
  {
    std::vector<Buffer> many;
    for (int index = 0; index < 600; ++index) many.push_back(pool.allocate(4 * K));
  }
  EXPECT_EQ(pool.kept_bytes(), M);
  pool.trim();
  EXPECT_EQ(pool.kept_bytes(), 0u);
  pool.set_keep_limit(16 * K);
  const Buffer large = pool.allocate(16 * K);
  pool.allocate(K);
  EXPECT_EQ(pool.kept_bytes(), 0u) << "the limit counts small blocks too";
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

TEST(BufferPool, ABlockReturnsToTheShelvesOfItsOwnDomain) {
  struct Case {
    std::size_t size;
    const char* why;
  };
  for (const auto& [size, why] : {Case{K, "small"}, Case{M, "mapped"}}) {
    SCOPED_TRACE(why);
    BufferPool pool(64 * M, 2);
    ASSERT_EQ(pool.domains(), 2);
    const std::byte* data = nullptr;
    {
      const AtPlace there({.domain = 1, .worker = 0});
      Buffer buffer = pool.allocate(size);
      EXPECT_EQ(buffer.domain(), 1);
      data = buffer.data();
      const AtPlace here({.domain = 0, .worker = 3});
      buffer = Buffer();  // given back from elsewhere
    }
    const Buffer near = pool.allocate(size, 0);
    EXPECT_NE(near.data(), data) << "a kept block of another domain is not lent while there is room for a new one";
    EXPECT_EQ(near.domain(), 0);
    EXPECT_EQ(pool.allocate(size, 1).data(), data);
    EXPECT_EQ(pool.allocate(size, 3).domain(), 1) << "domains count modulo those that the pool has";
  }
}

TEST(BufferPool, TheLimitHoldsForAllDomainsTogether) {
  BufferPool pool(4 * M, 4);
  {
    std::vector<Buffer> held;
    for (int domain = 0; domain < 4; ++domain) held.push_back(pool.allocate(M, domain));
  }
  EXPECT_EQ(pool.kept_bytes(), 4 * M);
  const Buffer fresh = pool.allocate(2 * M, 3);
  EXPECT_EQ(pool.kept_bytes(), 2 * M) << "kept blocks of other domains made room";
}

TEST(BufferPool, ThePeakIsTheMostAtOneInstantWhicheverWorkersHeldIt) {
  BufferPool pool;
  const auto at = [&](int worker, std::size_t size) {
    const AtPlace place({.domain = 0, .worker = worker});
    return pool.allocate(size);
  };
  for (int worker = 0; worker < 40; ++worker) at(worker, 1000);  // more workers than stripes, one after another
  EXPECT_EQ(pool.peak_lent_bytes(), 1000u);
  {
    const Buffer a = at(0, 1000), b = at(1, 500), c = at(17, 1);
    EXPECT_EQ(pool.lent_bytes(), 1501u);
  }
  { const Buffer a = at(2, 700), b = at(3, 700); }
  EXPECT_EQ(pool.peak_lent_bytes(), 1501u);
  { const Buffer a = at(4, M), b = at(5, 100); }
  EXPECT_EQ(pool.peak_lent_bytes(), M + 100);
  EXPECT_EQ(pool.lent_bytes(), 0u);
}

TEST(WorkerPlace, EndsWithItsScopeAndIsTheThreadsOwn) {
  EXPECT_EQ(this_worker_place(), WorkerPlace{});
  {
    const AtPlace outer({.domain = 1, .worker = 5});
    {
      const AtPlace inner({.domain = 2, .worker = 6});
      EXPECT_EQ(this_worker_place(), (WorkerPlace{2, 6}));
    }
    EXPECT_EQ(this_worker_place(), (WorkerPlace{1, 5}));
    std::thread([] { EXPECT_EQ(this_worker_place(), WorkerPlace{}); }).join();
  }
  EXPECT_EQ(this_worker_place(), WorkerPlace{});
}

TEST(Value, HoldsTheBytesOfABuffer) {
  BufferPool pool;
  Value value(pool.allocate(12));
  EXPECT_EQ(value.size(), 12u);
  EXPECT_FALSE(value.empty());
  EXPECT_TRUE(Value().empty());
}

/// Threads that lend, mark, hand over and return at random; returns how many marks were damaged.
int hammer(BufferPool& pool, int threads, int rounds) {
  std::mutex mutex;
  std::vector<Buffer> handed_over;  // each marked by whoever lent it
  std::atomic<int> damaged{0};
  const auto mark = [](Buffer& buffer, int thread) {
    std::memset(buffer.data(), thread, 64), std::memset(buffer.data() + buffer.size() - 64, thread, 64);
  };
  const auto intact = [](const Buffer& buffer) { return buffer.data()[0] == buffer.data()[buffer.size() - 1]; };
  const auto work = [&](int thread) {
    const AtPlace place({.domain = thread % 2, .worker = thread});
    std::mt19937 random(static_cast<unsigned>(thread));
    std::vector<Buffer> held;
    for (int round = 0; round < rounds; ++round) {
      if (held.size() < 8 && random() % 2) {
        held.push_back(pool.allocate(1024u << random() % 11));  // 1 KiB to 1 MiB: heap and mapped, few classes
        mark(held.back(), thread + 1);
      } else if (!held.empty()) {
        std::swap(held[random() % held.size()], held.back());
        damaged += !intact(held.back());
        const std::lock_guard guard(mutex);
        if (random() % 4 == 0) handed_over.push_back(std::move(held.back()));
        if (handed_over.size() > 16) handed_over.erase(handed_over.begin());  // returned by another than its taker
        held.pop_back();
      }
      if (round % 1000 == 0) pool.trim();
      if (round % 300 == 0) pool.set_keep_limit((random() % 8 + 1) * M);
    }
  };
  std::vector<std::thread> all;
  for (int thread = 0; thread < threads; ++thread) all.emplace_back(work, thread);
  for (std::thread& thread : all) thread.join();
  for (const Buffer& buffer : handed_over) damaged += !intact(buffer);
  return damaged;
}

TEST(BufferPool, ManyThreadsNeverShareABlock) {
  for (int threads : {2, 5}) {
    BufferPool pool(8 * M, 2);
    EXPECT_EQ(hammer(pool, threads, 4000), 0);
    EXPECT_EQ(pool.lent_bytes(), 0u);
    EXPECT_GE(pool.peak_lent_bytes(), M);
    EXPECT_LE(pool.kept_bytes(), 8 * M);
    pool.trim();
    EXPECT_EQ(pool.kept_bytes(), 0u) << "and nothing was lost on the way";
  }
}

TEST(Buffer, TheLastOneReturnedOnAnotherThreadEndsThePoolsState) {
  for (int round = 0; round < 200; ++round) {
    auto pool = std::make_unique<BufferPool>();
    Buffer small = pool->allocate(K), mapped = pool->allocate(M);
    std::thread other([small = std::move(small)]() mutable { small = Buffer(); });
    mapped = Buffer();
    pool.reset();
    other.join();
  }
}

}  // namespace
}  // namespace dunlin
