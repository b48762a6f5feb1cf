// Locks of outputs: another job's output is left alone for as long as that job may live, and no longer.

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "storage_fixture.hpp"

namespace dunlin::test {
namespace {

namespace fs = std::filesystem;

/// Field 22 of /proc/PID/stat: when the process was started.
std::string start_of(long pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::string field;
  for (int k = 3; k <= 22; ++k) fields >> field;
  return field;
}

std::string host() {
  char name[256] = {};
  ::gethostname(name, sizeof name - 1);
  return name;
}

std::string lock_of(const std::string& host, long pid, const std::string& start) {
  return host + "\n" + std::to_string(pid) + "\n" + start + "\n\n";
}

/// Makes a path look as if nobody had touched it for a while.
void age(const std::string& path) {
  fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::minutes(5));
}

struct LockCase {
  const char* why;
  std::string lock;  // empty: none
  bool old;
  bool alive;
};

TEST(Lock, OfALiveJobIsRespectedAndThatOfADeadOneIsNot) {
  const Watchdog watchdog("locks");
  const TemporaryFolder folder;
  const long parent = ::getppid(), nobody = 4'194'305;  // above the largest process number there is
  const LockCase cases[] = {
      {"a process that lives", lock_of(host(), parent, start_of(parent)), true, true},
      {"one on another host, of which nothing is known", lock_of("another-host", 77, "1"), true, true},
      {"a process that is gone", lock_of(host(), nobody, "1"), false, false},
      {"another process with the same number", lock_of(host(), parent, "1"), false, false},
      {"no lock yet, just made", "", false, true},
      {"no lock, made long ago", "", true, false},
  };
  for_ranks([&](std::unique_ptr<Transport> ranks) {
    Context context(std::move(ranks), {.threads = 2});
    const WholeArray whole = WholeArray::of({8}, DType::float64);
    int number = 0;
    for (const LockCase& one : cases) {
      SCOPED_TRACE(one.why);
      const std::string name = std::to_string(context.size()) + "-" + std::to_string(number++) + ".zarr";
      const std::string partial = folder / ("." + name + ".partial");
      std::map<std::string, std::string> before;
      context.state()->on_one_rank("preparing", [&] {
        write_text(partial + "/x/c/0", "theirs");
        if (!one.lock.empty()) write_text(partial + "/lock", one.lock);
        if (one.old) age(partial);
        before = snapshot(folder.path());
        return std::vector<std::byte>();
      });
      if (!one.alive) {
        write_one(context, folder / name, whole, {2});
        expect_holds(context, folder / name, whole);
        continue;
      }
      const auto error = rank_error_of([&] { write_one(context, folder / name, whole, {2}); });
      ASSERT_TRUE(error);
      EXPECT_EQ(error->code, ErrorCode::storage);
      const std::string text = error->what();
      EXPECT_NE(text.find("output " + (folder / name) + " is being written by another job ("), std::string::npos)
          << text;
      EXPECT_NE(text.find("wait for it, or remove " + partial + " if that job is gone"), std::string::npos) << text;
      context.state()->on_one_rank("looking", [&] {
        EXPECT_EQ(snapshot(folder.path()), before) << "theirs is as it was";
        return std::vector<std::byte>();
      });
    }
  });
}

TEST(Lock, SaysWhoHoldsIt) {
  const TemporaryFolder folder;
  Context context({.threads = 1});
  write_one(context, folder / "out.zarr", WholeArray::of({4}, DType::int32), {2}, "none", false,
            [&](const ChunkIndex&) {
              std::ifstream file(folder / ".out.zarr.partial/lock");
              std::string line;
              std::getline(file, line);
              EXPECT_EQ(line, host());
              std::getline(file, line);
              EXPECT_EQ(line, std::to_string(::getpid()));
              std::getline(file, line);
              EXPECT_EQ(line, start_of(::getpid()));
            });
}

TEST(InterruptedReplacement, IsUndoneByTheNextRun) {
  const Watchdog watchdog("an interrupted rename");
  const TemporaryFolder folder;
  const WholeArray old = WholeArray::of({6}, DType::int32, 1), now = WholeArray::of({4}, DType::float64, 2);
  Context context({.threads = 1});
  const auto interrupt = [&] {  // as a job leaves it that dies between its two renames
    fs::rename(folder / "out.zarr", folder / ".out.zarr.old");
    write_text(folder / ".out.zarr.partial/zarr.json", "complete, but not renamed");
    age(folder / ".out.zarr.partial");
  };
  write_one(context, folder / "out.zarr", old, {2});
  interrupt();
  const auto error = rank_error_of([&] { write_one(context, folder / "out.zarr", now, {2}); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, ErrorCode::usage) << "it is there again, and may not be overwritten";
  expect_holds(context, folder / "out.zarr", old);

  fs::remove_all(folder / ".out.zarr.partial");
  interrupt();
  write_one(context, folder / "out.zarr", now, {2}, "none", true);
  expect_holds(context, folder / "out.zarr", now);
  EXPECT_FALSE(fs::exists(folder / ".out.zarr.old"));
  EXPECT_FALSE(fs::exists(folder / ".out.zarr.partial"));
}

}  // namespace
}  // namespace dunlin::test
