// Locks of outputs: another job's output is left alone for as long as that job may live, and no longer.

#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <set>

#include "output_owner.hpp"
#include "storage_fixture.hpp"

namespace dunlin::test {
namespace {

namespace fs = std::filesystem;

/// The lock of this process, changed.
OutputOwner owner(const std::function<void(OutputOwner&)>& change) {
  OutputOwner one = OutputOwner::self();
  one.began -= 3600;
  change(one);
  return one;
}

/// The parent of this process: one that lives.
void parent(OutputOwner& one) { one.pid = ::getppid(), one.start = OutputOwner::start_of(one.pid); }
/// A process above the largest number there is.
void nobody(OutputOwner& one) { one.pid = 4'194'305, one.start = 1; }

/// A variable of the environment, for as long as it lives; none where `value` is null.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* now = std::getenv(name)) before_ = now;
    set(value);
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
  ~Variable() { set(before_ ? before_->c_str() : nullptr); }

 private:
  void set(const char* value) { value ? ::setenv(name_, value, 1) : ::unsetenv(name_); }
  const char* name_;
  std::optional<std::string> before_;
};

/// Makes a path look as if nobody had touched it for a while.
void age(const std::string& path) {
  fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::minutes(5));
}

struct LockCase {
  const char* why;
  std::optional<OutputOwner> lock;
  bool old;
  bool alive;
};

TEST(Lock, OfALiveJobIsRespectedAndThatOfADeadOneIsNot) {
  const Watchdog watchdog("locks");
  const TemporaryFolder folder;
  const Variable job("SLURM_JOB_ID", "77"), restart("SLURM_RESTART_COUNT", "2"), cluster("SLURM_CLUSTER_NAME", nullptr);
  const auto elsewhere = [](OutputOwner& one) { one.host = "another-host", one.boot = "b", one.pid = 77; };
  const LockCase cases[] = {
      {"a process that lives", owner(parent), true, true},
      {"a process that is gone", owner(nobody), false, false},
      {"another process with the same number", owner([](OutputOwner& one) { parent(one), one.start = 1; }), false,
       false},
      {"a process of another container, where it may have that number",
       owner([](OutputOwner& one) { nobody(one), one.pids = "pid:[1]"; }), true, true},
      {"from before this machine booted", owner([](OutputOwner& one) { parent(one), one.boot = "b", one.began = 9; }),
       false, false},
      {"a machine of the same name, which booted before the lock was made",
       owner([](OutputOwner& one) { nobody(one), one.boot = "b", one.began = std::time(nullptr); }), true, true},
      {"another host, of which nothing is known",
       owner([&](OutputOwner& one) { elsewhere(one), one.job = "Slurm 76", one.restart = 0; }), true, true},
      {"our own job on another host, before it was requeued",
       owner([&](OutputOwner& one) { elsewhere(one), one.restart = 1; }), false, false},
      {"another process of our own job on another host", owner(elsewhere), true, true},
      {"a job of the same number of another cluster",
       owner([&](OutputOwner& one) { elsewhere(one), one.job += " on c2", one.restart = 1; }), true, true},
      {"a job of the same number of another batch system, which counts no restarts",
       owner([&](OutputOwner& one) { elsewhere(one), one.job = "PBS 77", one.restart = 0; }), true, true},
      {"no lock yet, just made", std::nullopt, false, true},
      {"no lock, made long ago", std::nullopt, true, false},
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
        if (one.lock) write_text(partial + "/lock", one.lock->text());
        if (one.old) age(partial);
        before = snapshot(folder.path());
        return std::vector<std::byte>();
      });
      if (!one.alive) {
        write_one(context, folder / name, whole, {2});
        expect_holds(context, folder / name, whole);
        continue;
      }
      // --overwrite replaces what is complete, and takes nothing from a job that may be writing.
      for (const bool overwrite : {false, true}) {
        const auto error = rank_error_of([&] { write_one(context, folder / name, whole, {2}, "none", overwrite); });
        ASSERT_TRUE(error);
        EXPECT_EQ(error->code, ErrorCode::storage);
        const std::string text = error->what();
        EXPECT_NE(text.find("output " + (folder / name) + " is being written by another job ("), std::string::npos)
            << text;
        if (one.lock) {
          EXPECT_NE(text.find(one.lock->description()), std::string::npos) << text;
        }
        EXPECT_NE(text.find("if that job is surely gone, type: rm -r '" + partial + "'"), std::string::npos) << text;
      }
      context.state()->on_one_rank("looking", [&] {
        EXPECT_EQ(snapshot(folder.path()), before) << "theirs is as it was";
        return std::vector<std::byte>();
      });
    }
  });
}

TEST(Lock, SaysWhoHoldsIt) {
  const TemporaryFolder folder;
  const Variable job("SLURM_JOB_ID", "1234\n"), restart("SLURM_RESTART_COUNT", "1"), cluster("SLURM_CLUSTER_NAME", "c");
  Context context({.threads = 1});
  write_one(context, folder / "out.zarr", WholeArray::of({4}, DType::int32), {2}, "none", false,
            [&](const ChunkIndex&) {
              const std::string text = snapshot(folder.path()).at(".out.zarr.partial/lock");
              const std::optional<OutputOwner> said = OutputOwner::parse(text);
              ASSERT_TRUE(said) << text;
              EXPECT_EQ(said->pid, ::getpid());
              EXPECT_EQ(said->start, OutputOwner::start_of(::getpid()));
              EXPECT_EQ(said->job, "Slurm 1234? on c");
              EXPECT_EQ(said->restart, 1);
              EXPECT_NEAR(static_cast<double>(said->began), static_cast<double>(std::time(nullptr)), 600);
              EXPECT_TRUE(said->may_live());
            });
}

TEST(Lock, IsDescribedForPeople) {
  OutputOwner one{.host = "node17", .job = "Slurm 1234", .pid = 4711, .began = 1'700'000'000};
  EXPECT_EQ(one.description(), "process 4711 on node17, job Slurm 1234, since 2023-11-14T22:13:20Z");
  one.job.clear(), one.began = 0;
  EXPECT_EQ(one.description(), "process 4711 on node17");
  EXPECT_FALSE(OutputOwner::parse("")) << "made, not yet written";
  EXPECT_FALSE(OutputOwner::parse("host a\npid x\n")) << "no process";
  EXPECT_EQ(OutputOwner::parse("later 5\nhost a\npid 3\n")->pid, 3) << "keys of later versions are passed over";
}

TEST(Leftovers, OfRunsKilledWhileTheyRemovedSomethingGoWithTheNextRun) {
  const Watchdog watchdog("leftovers");
  const TemporaryFolder folder;
  Context context({.threads = 1});
  const WholeArray old = WholeArray::of({6}, DType::int32, 1), now = WholeArray::of({4}, DType::float64, 2);
  write_one(context, folder / "out.zarr", old, {2});
  write_text(folder / ".out.zarr.old/x/c/0", "replaced, half removed");
  write_text(folder / ".out.zarr.partial.12.345/x/c/0", "dead, half removed");
  age(folder / ".out.zarr.partial.12.345");
  write_text(folder / ".out.zarr.partial.13.345/lock", owner(nobody).text());
  write_text(folder / ".out.zarr.partial.14.345/lock", owner(parent).text());
  write_text(folder / ".out.zarr.partial.15.345/x/c/0", "moved this moment");
  const auto others = {".out.zarr.partial.copy/x", ".out.zarr.partial.7.partial/x", ".out.zarr.partial.7.old/x"};
  for (const char* other : others) {
    write_text(folder / other, "of no business");
    age(fs::path(folder / other).parent_path());
  }
  write_one(context, folder / "out.zarr", now, {2}, "none", true);
  expect_holds(context, folder / "out.zarr", now);
  std::set<std::string> left;
  for (const auto& entry : fs::directory_iterator(folder.path())) left.insert(entry.path().filename());
  EXPECT_EQ(left, (std::set<std::string>{"out.zarr", ".out.zarr.partial.14.345", ".out.zarr.partial.15.345",
                                         ".out.zarr.partial.copy", ".out.zarr.partial.7.partial",
                                         ".out.zarr.partial.7.old"}));
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
