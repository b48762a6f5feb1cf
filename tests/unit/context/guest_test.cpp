// A context is a guest in its process: it leaves signals, floating-point settings, files and memory as they were.

#include <dirent.h>
#include <signal.h>
#include <unistd.h>

#include <cfenv>
#include <cstring>
#include <fstream>

#include "context_fixture.hpp"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();  // GCC installs no header for it
#endif

namespace dunlin::test {
namespace {

void run_once() {
  for_local_ranks(2, [](std::unique_ptr<Transport> ranks) {
    Context context(std::move(ranks), {.threads = 2});
    Doubled doubled;
    context.compute(doubled.sinks());
    doubled.reading.hook = [](const ChunkIndex&) { throw StorageError("no room"); };
    EXPECT_THROW(context.compute(doubled.sinks()), RankError);
  });
}

struct Signals {
  struct sigaction actions[65];
  sigset_t blocked;
  Signals() {
    std::memset(this, 0, sizeof *this);
    for (int signal = 1; signal < 65; ++signal) ::sigaction(signal, nullptr, &actions[signal]);
    ::pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
  }
};

TEST(Guest, SignalsAreHandledAsBefore) {
  const Watchdog watchdog("signals");
  const Signals before;
  run_once();
  const Signals after;
  for (int signal = 1; signal < 65; ++signal)
    EXPECT_EQ(before.actions[signal].sa_sigaction, after.actions[signal].sa_sigaction) << signal;
  EXPECT_EQ(std::memcmp(&before.blocked, &after.blocked, sizeof before.blocked), 0);
}

TEST(Guest, RoundingAndTrapsStayTheCallers) {
  const Watchdog watchdog("floating point");
  const int rounding = std::fegetround(), traps = ::fegetexcept();
  Context context({.threads = 2});
  for (int mode : {FE_UPWARD, FE_TOWARDZERO, FE_TONEAREST}) {
    ASSERT_EQ(std::fesetround(mode), 0);
    context.compute(Doubled().sinks());
    EXPECT_EQ(std::fegetround(), mode);
    EXPECT_EQ(::fegetexcept(), traps);
  }
  std::fesetround(rounding);
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
/// Sanitizers keep freed memory to watch it, so pages say nothing there; what is not freed does.
std::int64_t used_bytes() { return static_cast<std::int64_t>(__sanitizer_get_current_allocated_bytes()); }
#else
std::int64_t used_bytes() {
  std::ifstream file("/proc/self/statm");
  std::int64_t all = 0, resident = 0;
  file >> all >> resident;
  return resident * ::sysconf(_SC_PAGESIZE);
}
#endif

int open_files() {
  int count = 0;
  DIR* folder = ::opendir("/proc/self/fd");
  while (::readdir(folder)) ++count;
  ::closedir(folder);
  return count;
}

TEST(Guest, TwoHundredContextsComeAndGoWithoutATrace) {
  const Watchdog watchdog("200 contexts", std::chrono::seconds(120));
  for (int k = 0; k < 50; ++k) run_once();
  const std::int64_t used = used_bytes();
  const int files = open_files();
  for (int k = 0; k < 200; ++k) run_once();
  EXPECT_LE(used_bytes() - used, 1 << 20);
  EXPECT_EQ(open_files(), files);
}

TEST(Guest, SeveralContextsOfOneProcessLiveAtOnce) {
  const Watchdog watchdog("several contexts");
  Context first({.threads = 2}), second({.threads = 1});
  for (int k = 0; k < 3; ++k) {
    expect_works(first);
    expect_works(second);
  }
}

}  // namespace
}  // namespace dunlin::test
