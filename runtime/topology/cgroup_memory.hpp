#pragma once
// The memory limits of Linux control groups, versions 1 and 2. A process is limited by its own group and all above it.

#include <cstdint>
#include <optional>
#include <string>

namespace dunlin {

/// The smallest limit on this process in bytes; nothing where no group limits it. `root` stands before /proc and /sys,
/// for tests. What cannot be read counts as no limit.
std::optional<std::int64_t> cgroup_memory_limit(const std::string& root = "");

}  // namespace dunlin
