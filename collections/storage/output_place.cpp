#include "output_place.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <optional>

#include "dunlin/base/posix_file.hpp"
#include "dunlin/storage/storage.hpp"

namespace dunlin {
namespace {

namespace fs = std::filesystem;

/// "out.zarr/" → "out.zarr".
fs::path without_slash(const std::string& path) {
  fs::path plain(path);
  while (!plain.has_filename() && plain.has_relative_path()) plain = plain.parent_path();
  return plain;
}

std::string sibling(const std::string& path, const std::string& suffix) {
  const fs::path plain = without_slash(path);
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

std::optional<OutputOwner> read_owner(const std::string& folder) {
  std::ifstream file(folder + "/lock");
  return OutputOwner::parse(std::string(std::istreambuf_iterator<char>(file), {}));
}

/// True for what `begin` calls a folder that it moved away: numbers and a point.
bool is_moved_name(const std::string& rest) {
  return !rest.empty() && rest.find_first_not_of("0123456789.") == std::string::npos;
}

}  // namespace

OutputExists::OutputExists(const std::string& path)
    : UsageError("output " + path + " exists already: choose another name, or say --overwrite to replace it") {}
OutputIsInput::OutputIsInput(const std::string& output, const std::string& input)
    : UsageError("output " + output + " would overwrite input " + input + ": choose a name outside of it") {}
NotReplaceable::NotReplaceable(const std::string& path)
    : UsageError(path + " is neither a file nor a Zarr hierarchy: it is not replaced, choose another name") {}
OutputNameTooLong::OutputNameTooLong(const std::string& path)
    : UsageError("output " + path +
                 " has too long a name: it grows under '.' and '.partial' around it, which are 9 bytes "
                 "more than the name has: choose a shorter one") {}
OutputLocked::OutputLocked(const std::string& path, const std::string& partial, const std::string& owner)
    : StorageError("output " + path + " is being written by another job (" + owner +
                   "): wait for it, or, if that job is surely gone, type: rm -r '" + partial + "'") {}

OutputTakenOver::OutputTakenOver(const std::string& path, const std::string& partial)
    : StorageError("output " + path + " is not complete: " + partial +
                   ", in which it grew, was removed or taken over by somebody else meanwhile; run again") {}

InsideHierarchy::InsideHierarchy(const std::string& path, const std::string& hierarchy)
    : UsageError("output " + path + " lies inside the Zarr hierarchy " + hierarchy +
                 ", whose metadata would not know it: choose a name outside of it") {}

/// A link is followed, so that the output lies where it points to, and grows there.
std::string OutputPlace::resolved(const std::string& path) {
  fs::path at = without_slash(path);
  std::error_code error;
  for (int followed = 0; followed < 40 && fs::is_symlink(fs::symlink_status(at, error)); ++followed) {
    const fs::path target = fs::read_symlink(at, error);
    if (error) break;
    at = without_slash((target.is_absolute() ? target : at.parent_path() / target).string());
  }
  return at.string();
}

std::string OutputPlace::partial_of(const std::string& path) { return sibling(resolved(path), ".partial"); }

OutputPlace::OutputPlace(const std::string& path, bool overwrite, const std::vector<std::string>& inputs,
                         Exchange exchange)
    : path_(resolved(path)),
      partial_(partial_of(path_)),
      old_(sibling(path_, ".old")),
      self_(OutputOwner::self()),
      exchange_(std::move(exchange)),
      overwrite_(overwrite) {
  for (const std::string& input : inputs)
    if (lies_in(path_, input) || lies_in(input, path_)) throw OutputIsInput(path_, input);
  std::error_code error;
  for (fs::path above = fs::absolute(path_, error).parent_path(); !error; above = above.parent_path()) {
    if (is_zarr(above.string())) throw InsideHierarchy(path_, above.string());
    if (above == above.parent_path()) break;
  }
  struct stat ignored {};
  if (::lstat(partial_.c_str(), &ignored) != 0 && errno == ENAMETOOLONG) throw OutputNameTooLong(path_);
  restore_interrupted();
  check_replaceable();
}

/// A run that died between its two renames has left the old output under a hidden name.
void OutputPlace::restore_interrupted() const {
  if (path_kind(path_) == PathKind::missing && path_kind(old_) != PathKind::missing) rename_path(old_, path_);
}

bool OutputPlace::check_replaceable() const {
  const PathKind kind = path_kind(path_);
  if (kind == PathKind::missing) return false;
  if (!overwrite_) throw OutputExists(path_);
  if (kind != PathKind::file && !(kind == PathKind::directory && is_zarr(path_))) throw NotReplaceable(path_);
  return true;
}

void OutputPlace::begin() {
  const fs::path parent = fs::path(partial_).parent_path();
  if (!parent.empty() && path_kind(parent.string()) == PathKind::missing)
    throw IoFailure("create output in", parent.string(), ENOENT);
  for (int attempt = 0; ::mkdir(partial_.c_str(), 0777) != 0; ++attempt) {
    if (errno != EEXIST) throw IoFailure("create folder", partial_, errno);
    if (attempt > 3) throw IoFailure("replace folder", partial_, EEXIST);
    throw_if_alive(partial_);
    // Moved away before it is removed: what is moved is looked at once more, since another job may have come first.
    const std::string dead = partial_ + "." + std::to_string(self_.pid) + "." + std::to_string(self_.start);
    rename_path(partial_, dead);
    try {
      throw_if_alive(dead);
    } catch (const OutputLocked&) {
      rename_path(dead, partial_);
      throw;
    }
    remove_path(dead + "/lock");  // so that whoever finds it half removed knows it for dead
    remove_path(dead);
  }
  begun_ = true;
  PosixFile file = PosixFile::create_new(partial_ + "/lock");
  const std::string text = self_.text();
  file.write_at(0, std::as_bytes(std::span(text)));
  file.close();
  remove_leftovers();
}

bool OutputPlace::is_dead(const std::string& folder) {
  const std::optional<OutputOwner> owner = read_owner(folder);
  if (owner) return !owner->may_live();
  struct stat status {};  // without a lock: somebody may be between making the folder and locking it
  return ::stat(folder.c_str(), &status) != 0 || ::time(nullptr) - status.st_mtime >= 60;
}

void OutputPlace::throw_if_alive(const std::string& folder) const {
  if (is_dead(folder)) return;
  const std::optional<OutputOwner> owner = read_owner(folder);
  throw OutputLocked(path_, partial_, owner ? owner->description() : "starting now");
}

/// What runs left behind that were killed while they removed something. The place is ours, so nobody else's is here but
/// what is moved away this moment, which is not dead.
void OutputPlace::remove_leftovers() const noexcept {
  try {
    const fs::path partial(partial_), parent = partial.has_parent_path() ? partial.parent_path() : fs::path(".");
    const std::string prefix = partial.filename().string() + ".";
    std::vector<std::string> dead;
    for (const fs::directory_entry& entry : fs::directory_iterator(parent)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with(prefix) && is_moved_name(name.substr(prefix.size())) && is_dead(entry.path().string()))
        dead.push_back(entry.path().string());
    }
    for (const std::string& folder : dead) remove_if_possible(folder);
    if (path_kind(path_) != PathKind::missing) remove_if_possible(old_);  // one that has been replaced
  } catch (const std::exception&) {
    // They stay hidden, and are looked for again.
  }
}

void OutputPlace::publish() {
  if (read_owner(partial_) != self_) {
    begun_ = false;  // what is there now is somebody else's
    throw OutputTakenOver(path_, partial_);
  }
  const bool replaces = check_replaceable();  // what lies there may have come while we wrote
  remove_path(partial_ + "/lock");
  sync_directory(partial_);
  const std::string parent = fs::path(path_).parent_path().string();
  const auto make_durable = [&] { sync_directory(parent.empty() ? "." : parent); };
  if (!replaces) {
    rename_path(partial_, path_);
    begun_ = false;
    make_durable();
    return;
  }
  if (exchange_(partial_, path_)) {
    begun_ = false;
    make_durable();
    remove_if_possible(partial_);  // the old output
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
  make_durable();
  remove_if_possible(old_);
}

/// What cannot be removed stays under its hidden name; the output is what it should be, and the next run tries again.
void OutputPlace::remove_if_possible(const std::string& path) noexcept {
  try {
    remove_path(path);
  } catch (const std::exception&) {}
}

OutputPlace::~OutputPlace() {
  if (!begun_) return;
  try {
    const std::optional<OutputOwner> owner = read_owner(partial_);
    if (owner && *owner != self_) return;  // somebody has taken it over
  } catch (const std::exception&) {
    return;
  }
  remove_if_possible(partial_);
}

}  // namespace dunlin
