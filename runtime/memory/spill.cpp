#include "dunlin/memory/spill.hpp"

#include <linux/magic.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <mutex>
#include <utility>

#include "dunlin/base/byte_size.hpp"
#include "dunlin/base/posix_file.hpp"
#include "extents.hpp"

namespace dunlin {
namespace {

/// A new file in `directory` that has no name any more.
PosixFile nameless_file(const std::string& directory) {
  const std::string stem = directory + "/.dunlin-spill-" + std::to_string(::getpid()) + "-";
  for (int number = 0;; ++number) {
    const std::string path = stem + std::to_string(number);
    try {
      PosixFile file = PosixFile::create_new(path);
      remove_path(path);
      return file;
    } catch (const IoFailure& failure) {
      // Another container's process may have our number, or an older one of ours was killed before it removed its own.
      if (failure.error != EEXIST || number == 1000) throw;
    }
  }
}

}  // namespace

SpillError::SpillError(const std::string& doing, const std::string& path, std::uint64_t bytes, const std::string& cause)
    : StorageError("memory is short and " + human_bytes(static_cast<std::int64_t>(bytes)) + " could not be " + doing +
                   " " + path + ": " + cause +
                   "; give a larger memory budget or a directory with more room on a disk of this node (TMPDIR)"),
      path(path),
      bytes(bytes) {}

/// What a file and the bytes in it share. All but the counts and the open file's transfers under `mutex`.
struct SpilledBytes::File {
  explicit File(std::string where) : directory(std::move(where)) {}

  const PosixFile& open() {
    const std::lock_guard guard(mutex);
    if (!file.is_open()) file = nameless_file(directory);
    return file;
  }

  std::uint64_t take(std::uint64_t size) {
    const std::lock_guard guard(mutex);
    const std::uint64_t offset = extents.take(size);
    held += size;
    peak_held = std::max(peak_held, held);
    ++places;
    return offset;
  }

  void give_back(std::uint64_t offset, std::uint64_t size) noexcept {
    const std::lock_guard guard(mutex);
    held -= size;
    if (--places > 0) return extents.give_back(offset, size);
    extents = Extents();
    cut();
  }

  /// Returns what lies behind the last part in use to the disk. `mutex` is held, so that no part is taken meanwhile.
  void cut() noexcept {
    if (!file.is_open()) return;
    try {
      file.truncate(extents.end());
    } catch (const std::exception&) {
      // The space comes back when the file is closed; nobody asked for anything here.
    }
  }

  const std::string directory;
  std::mutex mutex;
  PosixFile file;  // opened by the first write, never changed after
  Extents extents;
  std::uint64_t held = 0, peak_held = 0;
  std::int64_t places = 0;
  std::atomic<std::uint64_t> written{0}, read{0};
};

SpilledBytes::SpilledBytes(SpilledBytes&& other) noexcept
    : file_(std::move(other.file_)), offset_(other.offset_), size_(std::exchange(other.size_, 0)) {}

SpilledBytes& SpilledBytes::operator=(SpilledBytes&& other) noexcept {
  SpilledBytes taken(std::move(other));  // what this held is freed when `taken` dies
  std::swap(file_, taken.file_);
  std::swap(offset_, taken.offset_);
  std::swap(size_, taken.size_);
  return *this;
}

SpilledBytes::~SpilledBytes() {
  if (file_) file_->give_back(offset_, size_);
}

void SpilledBytes::read(std::span<std::byte> into) const {
  require(file_ != nullptr && into.size() == size_, "spilled bytes are read into another size");
  try {
    file_->file.read_at(offset_, into);
  } catch (const UserError& error) {  // the file's own failure, or its end: somebody cut it
    throw SpillError("read back from", file_->file.path(), size_, error.what());
  }
  file_->read.fetch_add(size_, std::memory_order_relaxed);
}

SpillFile::SpillFile(std::string directory)
    : file_(
          std::make_shared<SpilledBytes::File>(directory.empty() ? default_spill_directory() : std::move(directory))) {}

SpillFile::~SpillFile() = default;

SpilledBytes SpillFile::write(std::span<const std::byte> bytes) {
  std::string path = file_->directory;
  SpilledBytes place;
  try {
    const PosixFile& file = file_->open();
    path = file.path();
    place.offset_ = file_->take(bytes.size());
    place.size_ = bytes.size();
    place.file_ = file_;
    file.write_at(place.offset_, bytes);
  } catch (const UserError& error) {
    place = {};
    const std::lock_guard guard(file_->mutex);
    file_->cut();  // of what was written in part
    throw SpillError("set aside in", path, bytes.size(), error.what());
  }
  file_->written.fetch_add(bytes.size(), std::memory_order_relaxed);
  return place;
}

const std::string& SpillFile::directory() const { return file_->directory; }

std::uint64_t SpillFile::held_bytes() const {
  const std::lock_guard guard(file_->mutex);
  return file_->held;
}

std::uint64_t SpillFile::peak_held_bytes() const {
  const std::lock_guard guard(file_->mutex);
  return file_->peak_held;
}

std::uint64_t SpillFile::written_bytes() const { return file_->written.load(std::memory_order_relaxed); }

std::uint64_t SpillFile::read_bytes() const { return file_->read.load(std::memory_order_relaxed); }

std::uint64_t SpillFile::file_bytes() const {
  const std::lock_guard guard(file_->mutex);
  return file_->file.is_open() ? file_->file.size() : 0;
}

std::string default_spill_directory() {
  const char* said = std::getenv("TMPDIR");
  return said && *said ? said : "/tmp";
}

bool lies_in_memory(const std::string& directory) {
  struct statfs system;
  if (::statfs(directory.c_str(), &system) != 0) return false;
  return system.f_type == TMPFS_MAGIC || system.f_type == RAMFS_MAGIC;
}

}  // namespace dunlin
