// The smallest limit of all groups above a process is found, in both versions, in containers and out of them.

#include "cgroup_memory.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "support/temporary_folder.hpp"

namespace dunlin {
namespace {

struct File {
  const char *path, *content;
};

std::optional<std::int64_t> limit_of(const std::vector<File>& files) {
  const test::TemporaryFolder root;
  for (const auto& [path, content] : files) {
    std::filesystem::create_directories(std::filesystem::path(root / path).parent_path());
    std::ofstream(root / path) << content;
  }
  return cgroup_memory_limit(root.path());
}

TEST(CgroupMemory, TheSmallestLimitAboveThisProcessHolds) {
  struct Case {
    const char* why;
    std::vector<File> files;
    std::optional<std::int64_t> limit;
  };
  const Case cases[] = {
      {"no groups at all", {}, std::nullopt},
      {"version 2, its own group",
       {{"proc/self/cgroup", "0::/job/step\n"}, {"sys/fs/cgroup/job/step/memory.max", "1000\n"}},
       1000},
      {"version 2, unlimited",
       {{"proc/self/cgroup", "0::/job/step\n"}, {"sys/fs/cgroup/job/step/memory.max", "max\n"}},
       std::nullopt},
      {"version 2, a group above is smaller",
       {{"proc/self/cgroup", "0::/job/step\n"},
        {"sys/fs/cgroup/job/step/memory.max", "1000\n"},
        {"sys/fs/cgroup/job/memory.max", "400\n"}},
       400},
      {"version 2, a group beside does not count",
       {{"proc/self/cgroup", "0::/job/step\n"}, {"sys/fs/cgroup/job/other/memory.max", "400\n"}},
       std::nullopt},
      {"version 2 in a container whose path is the host's",
       {{"proc/self/cgroup", "0::/docker/abc\n"}, {"sys/fs/cgroup/memory.max", "700\n"}},
       700},
      {"version 1, memory beside other controllers",
       {{"proc/self/cgroup", "5:cpu,cpuacct:/\n4:memory,hugetlb:/slurm/job_1\n"},
        {"sys/fs/cgroup/memory/slurm/job_1/memory.limit_in_bytes", "2000\n"},
        {"sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"}},
       2000},
      {"version 1, the process is in the root group",
       {{"proc/self/cgroup", "4:memory:/\n"}, {"sys/fs/cgroup/memory/memory.limit_in_bytes", "3000\n"}},
       3000},
      {"both at once, memory in version 1",
       {{"proc/self/cgroup", "4:memory:/a\n0::/b\n"},
        {"sys/fs/cgroup/memory/a/memory.limit_in_bytes", "2000\n"},
        {"sys/fs/cgroup/unified/b/memory.max", "max\n"}},
       2000},
      {"lines that are none", {{"proc/self/cgroup", "nonsense\n\n0::/\n"}, {"sys/fs/cgroup/memory.max", "5\n"}}, 5},
  };
  for (const auto& [why, files, limit] : cases) EXPECT_EQ(limit_of(files), limit) << why;
}

}  // namespace
}  // namespace dunlin
