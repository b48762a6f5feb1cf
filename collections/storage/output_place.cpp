#include "output_place.hpp"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "dunlin/base/posix_file.hpp"
#include "dunlin/storage/storage.hpp"

namespace dunlin {
namespace {

namespace fs = std::filesystem;

std::string sibling(const std::string& path, const std::string& suffix) {
  fs::path plain(path);
  while (!plain.has_filename() && plain.has_parent_path()) plain = plain.parent_path();  // "out.zarr/"
  return (plain.parent_path() / ("." + plain.filename().string() + suffix)).string();
}

bool same_file(const struct stat& a, const struct stat& b) { return a.st_dev == b.st_dev && a.st_ino == b.st_ino; }

/// True where `inner` is `outer` or lies inside it, by device and inode, so that links and other spellings do not hide
/// it.
bool lies_in(const fs::path& inner, const fs::path& outer) {
  struct stat target {};
  if (::stat(outer.c_str(), &target) != 0) return false;
  std::error_code error;
  fs::path at = fs::weakly_canonical(fs::absolute(inner, error), error);
  for (;; at = at.parent_path()) {
    struct stat here {};
    if (::stat(at.c_str(), &here) == 0 && same_file(here, target)) return true;
    if (at == at.parent_path()) return false;
  }
}

bool is_zarr(const std::string& path) {
  for (const char* name : {"zarr.json", ".zgroup", ".zarray"})
    if (path_kind(path + "/" + name) == PathKind::file) return true;
  return false;
}

std::string host_name() {
  char name[256] = {};
  ::gethostname(name, sizeof name - 1);
  return name;
}

/// Start of a process in clock ticks since boot: field 22 of /proc/PID/stat, after the name in parentheses.
std::string start_of(long pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  const std::size_t after = text.rfind(')');
  if (after == std::string::npos) return "";
  std::istringstream fields(text.substr(after + 1));
  std::string field;
  for (int k = 3; k <= 22; ++k) fields >> field;
  return field;
}

struct Owner {
  std::string host, pid, start, job;
  std::string text() const { return host + "\n" + pid + "\n" + start + "\n" + job + "\n"; }
  bool lives() const {
    if (host != host_name()) return true;
    const long number = std::atol(pid.c_str());
    if (number <= 0 || (::kill(static_cast<pid_t>(number), 0) != 0 && errno == ESRCH)) return false;
    return start_of(number) == start;
  }
  static Owner self() {
    const char* job = std::getenv("SLURM_JOB_ID");
    return {host_name(), std::to_string(::getpid()), start_of(::getpid()), job ? job : ""};
  }
};

std::optional<Owner> read_owner(const std::string& lock) {
  std::ifstream file(lock);
  Owner owner;
  if (!std::getline(file, owner.host) || !std::getline(file, owner.pid) || !std::getline(file, owner.start))
    return std::nullopt;
  std::getline(file, owner.job);
  return owner;
}

}  // namespace

OutputExists::OutputExists(const std::string& path)
    : UsageError("output " + path + " exists already: choose another name, or say --overwrite to replace it") {}
OutputIsInput::OutputIsInput(const std::string& output, const std::string& input)
    : UsageError("output " + output + " would overwrite input " + input + ": choose a name outside of it") {}
NotReplaceable::NotReplaceable(const std::string& path)
    : UsageError(path + " is neither a file nor a Zarr hierarchy: it is not replaced, choose another name") {}
OutputLocked::OutputLocked(const std::string& path, const std::string& partial, const std::string& owner)
    : StorageError("output " + path + " is being written by another job (" + owner + "): wait for it, or remove " +
                   partial + " if that job is gone") {}

std::string OutputPlace::partial_of(const std::string& path) { return sibling(path, ".partial"); }

OutputPlace::OutputPlace(std::string path, bool overwrite, const std::vector<std::string>& inputs)
    : path_(std::move(path)), partial_(partial_of(path_)), old_(sibling(path_, ".old")) {
  for (const std::string& input : inputs)
    if (lies_in(path_, input) || lies_in(input, path_)) throw OutputIsInput(path_, input);
  restore_interrupted();
  const PathKind kind = path_kind(path_);
  if (kind == PathKind::missing) return;
  if (!overwrite) throw OutputExists(path_);
  if (kind != PathKind::file && !(kind == PathKind::directory && is_zarr(path_))) throw NotReplaceable(path_);
}

/// A run that died between its two renames has left the old output under a hidden name.
void OutputPlace::restore_interrupted() const {
  if (path_kind(path_) == PathKind::missing && path_kind(old_) != PathKind::missing) rename_path(old_, path_);
}

void OutputPlace::begin() {
  const fs::path parent = fs::path(partial_).parent_path();
  if (!parent.empty() && path_kind(parent.string()) == PathKind::missing)
    throw IoFailure("create output in", parent.string(), ENOENT);
  const std::string lock = partial_ + "/lock";
  for (int attempt = 0; ::mkdir(partial_.c_str(), 0777) != 0; ++attempt) {
    if (errno != EEXIST) throw IoFailure("create folder", partial_, errno);
    const std::optional<Owner> owner = read_owner(lock);
    struct stat folder {};
    const bool fresh = ::stat(partial_.c_str(), &folder) == 0 && ::time(nullptr) - folder.st_mtime < 60;
    if (owner ? owner->lives() : fresh)  // without a lock: somebody between making the folder and locking it
      throw OutputLocked(path_, partial_, owner ? "process " + owner->pid + " on " + owner->host : "starting now");
    if (attempt > 3) throw IoFailure("replace folder", partial_, EEXIST);
    remove_path(partial_);
  }
  begun_ = true;
  PosixFile file = PosixFile::create_new(lock);
  const std::string text = Owner::self().text();
  file.write_at(0, std::as_bytes(std::span(text)));
  file.close();
}

void OutputPlace::publish() {
  remove_path(partial_ + "/lock");
  if (path_kind(path_) == PathKind::missing) {
    rename_path(partial_, path_);
    begun_ = false;
    return;
  }
  if (exchange_paths(partial_, path_)) {
    begun_ = false;
    remove_path(partial_);  // the old output
    return;
  }
  remove_path(old_);
  rename_path(path_, old_);
  try {
    rename_path(partial_, path_);
  } catch (...) {
    rename_path(old_, path_);
    throw;
  }
  begun_ = false;
  remove_path(old_);
}

OutputPlace::~OutputPlace() {
  if (!begun_) return;
  try {
    remove_path(partial_);
  } catch (const std::exception&) {
    // What cannot be removed stays hidden, and the next run replaces it.
  }
}

}  // namespace dunlin
