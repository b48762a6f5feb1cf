#include "output_owner.hpp"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <sstream>

namespace dunlin {
namespace {

/// By how much the time of a boot may be wrong, in seconds: clocks are set after it.
constexpr std::int64_t kClockError = 60;

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string host_name() {
  char name[256] = {};
  ::gethostname(name, sizeof name - 1);
  return name;
}

std::int64_t number_of(const std::string& text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::string boot_id() {
  const std::string text = text_of("/proc/sys/kernel/random/boot_id");
  return text.substr(0, text.find('\n'));
}

/// When this machine booted, in seconds since 1970; 0 where that is not told, so that nothing is dead by it.
std::int64_t boot_time() {
  std::ifstream file("/proc/stat");
  for (std::string key; file >> key; file.ignore(1 << 20, '\n')) {
    std::int64_t seconds = 0;
    if (key == "btime" && file >> seconds) return seconds;
  }
  return 0;
}

std::string pid_namespace() {
  char name[64] = {};
  return ::readlink("/proc/self/ns/pid", name, sizeof name - 1) > 0 ? name : "";
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  std::string text = value ? value : "";
  for (char& c : text)
    if (static_cast<unsigned char>(c) < ' ') c = '?';  // a lock has one line for it
  return text;
}

/// "Slurm 1234 on CLUSTER", "PBS 77.server": the first batch system that says it runs us.
std::string job_name() {
  if (const std::string id = variable("SLURM_JOB_ID"); !id.empty()) {
    const std::string cluster = variable("SLURM_CLUSTER_NAME");
    return "Slurm " + id + (cluster.empty() ? "" : " on " + cluster);
  }
  struct System {
    const char *name, *id;
  };
  for (const System& one : {System{"PBS", "PBS_JOBID"}, System{"LSF", "LSB_JOBID"}, System{"Flux", "FLUX_JOB_ID"}})
    if (const std::string id = variable(one.id); !id.empty()) return std::string(one.name) + " " + id;
  return "";
}

}  // namespace

/// Field 22 of /proc/PID/stat, after the name in parentheses.
std::int64_t OutputOwner::start_of(std::int64_t pid) {
  const std::string text = text_of("/proc/" + std::to_string(pid) + "/stat");
  const std::size_t after = text.rfind(')');
  if (after == std::string::npos) return 0;
  std::istringstream fields(text.substr(after + 1));
  std::string field;
  for (int k = 3; k <= 22; ++k) fields >> field;
  return number_of(field);
}

OutputOwner OutputOwner::self() {
  OutputOwner owner;
  owner.host = host_name();
  owner.boot = boot_id();
  owner.pids = pid_namespace();
  owner.job = job_name();
  owner.pid = ::getpid();
  owner.start = start_of(owner.pid);
  owner.restart = number_of(variable("SLURM_RESTART_COUNT"));
  owner.began = std::time(nullptr);
  return owner;
}

std::string OutputOwner::text() const {
  return "host " + host + "\npid " + std::to_string(pid) + "\nstart " + std::to_string(start) + "\nboot " + boot +
         "\npids " + pids + "\njob " + job + "\nrestart " + std::to_string(restart) + "\nbegan " +
         std::to_string(began) + "\n";
}

std::optional<OutputOwner> OutputOwner::parse(const std::string& text) {
  OutputOwner owner;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t blank = line.find(' ');
    if (blank == std::string::npos) continue;
    const std::string key = line.substr(0, blank), value = line.substr(blank + 1);
    if (key == "host") owner.host = value;
    if (key == "boot") owner.boot = value;
    if (key == "pids") owner.pids = value;
    if (key == "job") owner.job = value;
    if (key == "pid") owner.pid = number_of(value);
    if (key == "start") owner.start = number_of(value);
    if (key == "restart") owner.restart = number_of(value);
    if (key == "began") owner.began = number_of(value);
  }
  if (owner.host.empty() || owner.pid <= 0) return std::nullopt;
  return owner;
}

bool OutputOwner::may_live() const {
  const OutputOwner here = self();
  if (job.starts_with("Slurm ") && job == here.job && here.restart > restart) return false;
  if (host != here.host) return true;
  if (boot != here.boot) return boot.empty() || began <= 0 || boot_time() - kClockError <= began;
  if (pids != here.pids) return true;
  return (::kill(static_cast<pid_t>(pid), 0) == 0 || errno != ESRCH) && start_of(pid) == start;
}

std::string OutputOwner::description() const {
  const std::time_t seconds = began;
  std::tm utc{};
  char date[32] = {};
  if (began > 0 && ::gmtime_r(&seconds, &utc)) std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return "process " + std::to_string(pid) + " on " + host + (job.empty() ? "" : ", job " + job) +
         (*date ? std::string(", since ") + date : "");
}

}  // namespace dunlin
