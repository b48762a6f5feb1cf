// What is set aside comes back as it was, places are reused, nothing stays on disk, and a disk that fails says so.

#include "dunlin/memory/spill.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <random>
#include <thread>
#include <vector>

#include "extents.hpp"
#include "support/small_disk.hpp"
#include "support/temporary_folder.hpp"

namespace dunlin {
namespace {

constexpr std::size_t K = 1024, M = K * K;

std::vector<std::byte> pattern(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<std::byte> bytes(size);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
  return bytes;
}

std::vector<std::byte> read_back(const SpilledBytes& spilled) {
  std::vector<std::byte> bytes(spilled.size());
  spilled.read(bytes);
  return bytes;
}

bool is_empty(const std::string& folder) { return std::filesystem::is_empty(folder); }

TEST(SpillFile, GivesBackTheBytesThatWereSetAside) {
  const test::TemporaryFolder folder;
  SpillFile file(folder.path());
  EXPECT_EQ(file.file_bytes(), 0u) << "nothing is touched before the first write";
  struct Case {
    std::size_t size;
    const char* why;
  };
  std::vector<SpilledBytes> spilled;
  std::vector<std::vector<std::byte>> expected;
  for (const auto& [size, why] : {Case{0, "none"},
                                  {1, "one"},
                                  {4 * K, "exactly a page"},
                                  {4 * K + 1, "a page and one"},
                                  {3 * M + 7, "a ragged chunk"}}) {
    SCOPED_TRACE(why);
    expected.push_back(pattern(size, static_cast<unsigned>(size)));
    spilled.push_back(file.write(expected.back()));
    EXPECT_EQ(spilled.back().size(), size);
    EXPECT_FALSE(spilled.back().empty());
  }
  for (std::size_t index = 0; index < spilled.size(); ++index) EXPECT_EQ(read_back(spilled[index]), expected[index]);
  EXPECT_EQ(file.held_bytes(), 8 * K + 2 + 3 * M + 7);
  EXPECT_EQ(file.written_bytes(), file.held_bytes());
  EXPECT_EQ(file.read_bytes(), file.held_bytes());
  spilled.clear();
  EXPECT_EQ(file.held_bytes(), 0u);
  EXPECT_EQ(file.peak_held_bytes(), 8 * K + 2 + 3 * M + 7);
  EXPECT_EQ(file.file_bytes(), 0u) << "the disk has its space back";
}

TEST(SpillFile, ReusesPlacesAndMovesHandThemOver) {
  const test::TemporaryFolder folder;
  SpillFile file(folder.path());
  const SpilledBytes keeper = file.write(pattern(M, 1));
  for (unsigned round = 0; round < 10; ++round) {
    SpilledBytes a = file.write(pattern(M, round)), b = file.write(pattern(M, round + 100));
    b = std::move(a);
    EXPECT_TRUE(a.empty());  // NOLINT: what a moved-from one says is promised
    EXPECT_EQ(read_back(b), pattern(M, round));
    EXPECT_EQ(file.held_bytes(), 2 * M);
  }
  EXPECT_EQ(file.file_bytes(), 3 * M);
  EXPECT_EQ(read_back(keeper), pattern(M, 1));
}

TEST(SpillFile, HasNoNameWhileInUse) {
  const test::TemporaryFolder folder;
  SpillFile file(folder.path());
  const SpilledBytes spilled = file.write(pattern(M, 1));
  EXPECT_TRUE(is_empty(folder.path())) << "a kill now would leave nothing behind";
}

TEST(SpillFile, IsEndedBySpilledBytesThatOutliveIt) {
  const test::TemporaryFolder folder;
  SpilledBytes spilled;
  {
    SpillFile file(folder.path());
    spilled = file.write(pattern(K, 1));
  }
  EXPECT_EQ(read_back(spilled), pattern(K, 1));
}

TEST(SpillFile, AFullDiskIsAnErrorThatSaysWhereAndLeavesTheFileAsItWas) {
  const auto disk = test::SmallDisk::mount(2 * M);
  if (!disk) GTEST_SKIP() << "no right to mount a small disk";
  SpillFile file(disk->path());
  const SpilledBytes first = file.write(pattern(M, 1));
  try {
    file.write(pattern(2 * M, 2));
    FAIL() << "two disks' worth were taken";
  } catch (const SpillError& error) {
    EXPECT_EQ(error.code, ErrorCode::storage);
    EXPECT_EQ(error.bytes, 2 * M);
    EXPECT_TRUE(error.path.starts_with(disk->path())) << error.path;
    const std::string sentence = error.what();
    EXPECT_TRUE(sentence.starts_with("memory is short and 2.0 MiB could not be set aside in " + disk->path()))
        << sentence;
    EXPECT_NE(sentence.find("No space left on device"), std::string::npos) << sentence;
    EXPECT_NE(sentence.find("(TMPDIR)"), std::string::npos) << sentence;
  }
  EXPECT_EQ(file.held_bytes(), M);
  EXPECT_EQ(file.file_bytes(), M);
  EXPECT_EQ(read_back(first), pattern(M, 1));
  const SpilledBytes second = file.write(pattern(M / 2, 3));
  EXPECT_EQ(read_back(second), pattern(M / 2, 3)) << "what the failed write had taken is free again";
}

TEST(SpillFile, AFileSizeLimitIsAnErrorWithoutTheRightToMountToo) {
  const test::TemporaryFolder folder;
  const pid_t child = ::fork();  // the limit and the signal's disposition are the process's
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{M, M};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    SpillFile file(folder.path());
    try {
      const SpilledBytes first = file.write(pattern(M / 2, 1));
      try {
        file.write(pattern(M, 2));
      } catch (const SpillError&) {
        ::_exit(read_back(first) == pattern(M / 2, 1) && file.held_bytes() == M / 2 ? 0 : 1);
      }
    } catch (...) {}
    ::_exit(2);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}

TEST(SpillFile, ADirectoryThatDoesNotExistIsAnErrorAtTheFirstWriteAndMayComeLater) {
  const test::TemporaryFolder folder;
  SpillFile file(folder / "missing");
  EXPECT_THROW(file.write(pattern(K, 1)), SpillError);
  EXPECT_EQ(file.held_bytes(), 0u);
  std::filesystem::create_directory(folder / "missing");
  EXPECT_EQ(read_back(file.write(pattern(K, 1))), pattern(K, 1));
}

/// The descriptor of the nameless file in `folder`, found as the system shows it.
std::string descriptor_of_spill_in(const std::string& folder) {
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const std::string target = std::filesystem::read_symlink(entry.path(), gone);
    if (!gone && target.starts_with(folder)) return entry.path();
  }
  return {};
}

TEST(SpillFile, BytesThatAreNotThereAnyMoreAreAnErrorOfTheDisk) {
  const test::TemporaryFolder folder;
  SpillFile file(folder.path());
  const SpilledBytes spilled = file.write(pattern(M, 1));
  const std::string descriptor = descriptor_of_spill_in(folder.path());
  ASSERT_FALSE(descriptor.empty());
  ASSERT_EQ(::truncate(descriptor.c_str(), K), 0);
  try {
    read_back(spilled);
    FAIL() << "a cut file was read whole";
  } catch (const SpillError& error) {
    EXPECT_EQ(error.code, ErrorCode::storage) << "not an input's fault";
    EXPECT_EQ(error.bytes, M);
    EXPECT_NE(std::string(error.what()).find("could not be read back from " + folder.path()), std::string::npos)
        << error.what();
  }
  EXPECT_EQ(file.read_bytes(), 0u);
}

TEST(SpillFile, ManyThreadsNeverShareAPlace) {
  const test::TemporaryFolder folder;
  SpillFile file(folder.path());
  std::vector<int> damaged(4, 0);
  std::vector<std::thread> threads;
  for (unsigned thread = 0; thread < 4; ++thread)
    threads.emplace_back([&, thread] {
      std::mt19937 random(thread);
      std::vector<std::pair<unsigned, SpilledBytes>> held;
      for (unsigned round = 0; round < 200; ++round) {
        if (held.size() < 8) {
          const unsigned seed = thread * 1000 + round;
          held.emplace_back(seed, file.write(pattern(1 + random() % (64 * K), seed)));
        } else {
          std::swap(held[random() % held.size()], held.back());
          damaged[thread] += read_back(held.back().second) != pattern(held.back().second.size(), held.back().first);
          held.pop_back();
        }
        if (round % 64 == 63) held.clear();  // now and then nothing is held and the file is cut
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(damaged, std::vector<int>(4, 0));
  EXPECT_EQ(file.held_bytes(), 0u);
}

TEST(Extents, TakeTheSmallestGapThatHoldsAndJoinNeighbours) {
  constexpr std::uint64_t page = Extents::kPage;
  Extents extents;
  EXPECT_EQ(extents.take(3 * page), 0u);
  EXPECT_EQ(extents.take(page - 1), 3 * page) << "sizes are rounded to pages";
  EXPECT_EQ(extents.take(2 * page), 4 * page);
  EXPECT_EQ(extents.take(page), 6 * page);
  extents.give_back(0, 3 * page);
  extents.give_back(4 * page, 2 * page);
  EXPECT_EQ(extents.take(2 * page), 4 * page) << "best fit, not first";
  EXPECT_EQ(extents.take(page), 0u);
  EXPECT_EQ(extents.take(page), page);
  extents.give_back(page, page);
  extents.give_back(3 * page, 5);
  EXPECT_EQ(extents.take(3 * page), page) << "three neighbours became one gap";
  extents.give_back(6 * page, page);
  EXPECT_EQ(extents.end(), 6 * page) << "a gap at the end is no gap";
  extents.give_back(page, 3 * page);
  extents.give_back(4 * page, 2 * page);
  EXPECT_EQ(extents.end(), page);
  extents.give_back(0, page);
  EXPECT_EQ(extents.end(), 0u);
  EXPECT_EQ(extents.take(0), 0u) << "nothing takes no room";
  EXPECT_EQ(extents.end(), 0u);
}

TEST(Extents, NeverOverlapWhateverIsTakenAndGivenBack) {
  std::mt19937 random(7);
  Extents extents;
  std::map<std::uint64_t, std::uint64_t> held;  // offset → size
  for (int round = 0; round < 20000; ++round) {
    if (held.size() < 40 && random() % 2) {
      const std::uint64_t size = 1 + random() % (8 * Extents::kPage), offset = extents.take(size);
      const auto after = held.lower_bound(offset);
      if (after != held.end()) {
        ASSERT_LE(offset + size, after->first);
      }
      if (after != held.begin()) {
        ASSERT_LE(std::prev(after)->first + std::prev(after)->second, offset);
      }
      held[offset] = size;
    } else if (!held.empty()) {
      const auto one = std::next(held.begin(), static_cast<std::ptrdiff_t>(random() % held.size()));
      extents.give_back(one->first, one->second);
      held.erase(one);
    }
    ASSERT_EQ(extents.end(),
              held.empty() ? 0 : std::prev(held.end())->first + Extents::rounded(std::prev(held.end())->second));
  }
}

TEST(LiesInMemory, TellsATmpfsFromADisk) {
  EXPECT_FALSE(lies_in_memory("/proc"));
  EXPECT_FALSE(lies_in_memory("/no/such/directory"));
  const auto disk = test::SmallDisk::mount(M);
  if (!disk) GTEST_SKIP() << "no right to mount a small disk";
  EXPECT_TRUE(lies_in_memory(disk->path()));
}

TEST(DefaultSpillDirectory, IsTmpdirElseTmp) {
  const char* before = std::getenv("TMPDIR");
  const std::string kept = before ? before : "";
  ::setenv("TMPDIR", "/local/scratch", 1);
  EXPECT_EQ(default_spill_directory(), "/local/scratch");
  EXPECT_EQ(SpillFile().directory(), "/local/scratch");
  ::setenv("TMPDIR", "", 1);
  EXPECT_EQ(default_spill_directory(), "/tmp");
  ::unsetenv("TMPDIR");
  EXPECT_EQ(default_spill_directory(), "/tmp");
  if (before) ::setenv("TMPDIR", kept.c_str(), 1);
}

}  // namespace
}  // namespace dunlin
