#pragma once
// Chunk bytes set aside in a node-local file while memory is short, and read back.
//
//   SpillFile file("/local/scratch");                 // no file yet
//   SpilledBytes chunk = file.write(buffer.bytes());  // now there is one, without a name
//   chunk.read(other.bytes());
//   chunk = {};                                       // its place in the file is free for the next
//
// The file is removed from its directory as soon as it is open, so that nothing is left behind however the process
// ends. Places are whole pages, reused best fit first, neighbours joined; when nothing is set aside the file takes no
// space.
//
// A full disk, a quota, a short or failing transfer is a SpillError on the call that met it; a failed write leaves the
// file as it was. Nothing is synced: bytes that a crash may lose are of no use after it.
//
// Threading: write, read and the end of SpilledBytes may happen on any threads at once. SpilledBytes may outlive their
// file's handle.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "dunlin/base/error.hpp"

namespace dunlin {

/// Bytes could not be set aside or read back.
struct SpillError : StorageError {
  SpillError(const std::string& doing, const std::string& path, std::uint64_t bytes, const std::string& cause);
  /// Of the file, which has no name any more: its directory is what a user can change.
  std::string path;
  /// Of this transfer.
  std::uint64_t bytes;
};

/// Bytes in a SpillFile; movable, frees its place when destroyed. Empty when default-constructed or moved from.
class SpilledBytes {
 public:
  SpilledBytes() = default;
  SpilledBytes(SpilledBytes&& other) noexcept;
  SpilledBytes& operator=(SpilledBytes&& other) noexcept;
  ~SpilledBytes();

  std::uint64_t size() const { return size_; }
  bool empty() const { return file_ == nullptr; }
  /// Fills `into`, of size() bytes. Throws SpillError.
  void read(std::span<std::byte> into) const;

 private:
  friend class SpillFile;
  struct File;
  std::shared_ptr<File> file_;
  std::uint64_t offset_ = 0, size_ = 0;
};

class SpillFile {
 public:
  /// In `directory`; empty: what default_spill_directory() says. Touches nothing before the first write.
  explicit SpillFile(std::string directory = {});
  ~SpillFile();
  SpillFile(const SpillFile&) = delete;
  SpillFile& operator=(const SpillFile&) = delete;

  /// Throws SpillError; std::bad_alloc.
  SpilledBytes write(std::span<const std::byte> bytes);

  const std::string& directory() const;
  /// Bytes set aside now and the most so far; written and read in all.
  std::uint64_t held_bytes() const;
  std::uint64_t peak_held_bytes() const;
  std::uint64_t written_bytes() const;
  std::uint64_t read_bytes() const;
  /// Bytes that the file takes up at most: what was set aside at the worst, rounded to pages, and gaps.
  std::uint64_t file_bytes() const;

 private:
  std::shared_ptr<SpilledBytes::File> file_;
};

/// TMPDIR, else /tmp.
std::string default_spill_directory();

/// Whether files in this directory lie in the node's memory (tmpfs, as /tmp is on many compute nodes), where setting
/// aside gains nothing. False where the system does not tell.
bool lies_in_memory(const std::string& directory);

}  // namespace dunlin
