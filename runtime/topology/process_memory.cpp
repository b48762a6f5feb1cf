#include "dunlin/topology/process_memory.hpp"

#include <fstream>
#include <sstream>
#include <string>

namespace dunlin {
namespace {

/// The number of a line "NAME:   1234 kB" of /proc/self/status, in bytes. The peak is read here and not from getrusage,
/// whose peak a process inherits from the one that started it.
std::int64_t status_bytes(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (!line.starts_with(name + ":")) continue;
    std::int64_t kibibytes = 0;
    std::istringstream(line.substr(name.size() + 1)) >> kibibytes;
    return kibibytes * 1024;
  }
  return 0;
}

}  // namespace

std::int64_t resident_bytes() { return status_bytes("VmRSS"); }

std::int64_t peak_resident_bytes() { return status_bytes("VmHWM"); }

}  // namespace dunlin
