#include "cgroup_memory.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <vector>

namespace dunlin {
namespace {

/// Where a hierarchy of groups may be mounted, and what its limit file is called.
struct Hierarchy {
  const char* mount;
  const char* file;
};
constexpr Hierarchy kVersion1 = {"/sys/fs/cgroup/memory", "memory.limit_in_bytes"};
constexpr Hierarchy kVersion2[] = {{"/sys/fs/cgroup", "memory.max"}, {"/sys/fs/cgroup/unified", "memory.max"}};

/// The smallest limit of a group and the groups above it. In a container the group's path may be the host's and thus
/// not exist here; the walk then ends at the mount's root, which is the container's own group.
std::optional<std::int64_t> smallest_limit(const std::string& root, const Hierarchy& hierarchy,
                                           const std::string& group) {
  std::optional<std::int64_t> smallest;
  for (std::filesystem::path path = group.empty() ? "/" : group;; path = path.parent_path()) {
    std::ifstream file(root + hierarchy.mount + path.string() + "/" + hierarchy.file);
    std::int64_t limit;
    if (file >> limit) smallest = std::min(limit, smallest.value_or(limit));  // "max" is no number: no limit
    if (path == path.root_path() || path.empty()) return smallest;
  }
}

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts{""};
  for (char c : text)
    if (c == at)
      parts.emplace_back();
    else
      parts.back() += c;
  return parts;
}

}  // namespace

// /proc/self/cgroup := line*     line := number ":" controllers ":" path
//   version 1: controllers are names with commas between them; version 2: number 0 and no controllers
std::optional<std::int64_t> cgroup_memory_limit(const std::string& root) {
  std::optional<std::int64_t> smallest;
  const auto consider = [&](const Hierarchy& hierarchy, const std::string& group) {
    const auto limit = smallest_limit(root, hierarchy, group);
    if (limit) smallest = std::min(*limit, smallest.value_or(*limit));
  };
  std::ifstream groups(root + "/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1), group = line.substr(second + 1);
    const std::vector<std::string> names = split(controllers, ',');
    if (controllers.empty())
      for (const Hierarchy& hierarchy : kVersion2) consider(hierarchy, group);
    else if (std::find(names.begin(), names.end(), "memory") != names.end())
      consider(kVersion1, group);
  }
  return smallest;
}

}  // namespace dunlin
