#pragma once
// Checked POSIX file calls: the only place where bulk bytes meet the operating system.
//
// Every call loops over short transfers and interruptions, and throws IoFailure (exit code 4) with path, call, offset
// and errno's own text where the system says no; a file that ends before the last byte asked for is EndOfFile (exit
// code 3: the file is shorter than its metadata says). MPI-IO is not used: Open MPI 4.1 reports success while losing
// data on a full disk.
//
// Threading: read_at and write_at of one PosixFile may be called by several threads at once, on any ranges.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "dunlin/base/error.hpp"

namespace dunlin {

/// The system refused a file operation.
struct IoFailure : StorageError {
  /// `what` is the call ("write"), `error` an errno, `where` a part of the file. The sentence adds what to do for the
  /// common ones: "cannot write 4194304 bytes at offset 0 of /x/y: No space left on device: free some space or …".
  IoFailure(const std::string& what, const std::string& path, int error, const std::string& where = "");
  std::string path;
  int error;
};

/// A path that should be read does not exist: "no such file: /x/y".
struct MissingFile : InputError {
  explicit MissingFile(const std::string& path);
  std::string path;
};

/// A file is shorter than what is to be read from it.
struct EndOfFile : InputError {
  EndOfFile(const std::string& path, std::uint64_t offset, std::uint64_t size, std::uint64_t found);
  std::string path;
  std::uint64_t offset, size, found;
};

/// A file that should be small (metadata) is not.
struct FileTooLarge : InputError {
  FileTooLarge(const std::string& path, std::uint64_t size, std::uint64_t limit);
  std::string path;
  std::uint64_t size, limit;
};

/// Who a file is and in which state: to notice that an input changes while it is read.
struct FileIdentity {
  std::uint64_t device = 0, inode = 0, size = 0;
  std::int64_t modified_ns = 0;
  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

/// An open file descriptor, owned; closed on destruction. Movable.
class PosixFile {
 public:
  PosixFile() = default;
  /// Opens for reading. Throws MissingFile, IoFailure.
  static PosixFile open_read(const std::string& path);
  /// Creates or truncates for writing and reading. Throws IoFailure.
  static PosixFile create(const std::string& path);
  /// Creates for writing; throws IoFailure with EEXIST where the path exists (O_EXCL).
  static PosixFile create_new(const std::string& path);
  /// Opens an existing file for writing at any offset, its content kept: how many ranks write one file that one rank
  /// has created. Throws IoFailure.
  static PosixFile open_write(const std::string& path);
  PosixFile(PosixFile&& other) noexcept;
  PosixFile& operator=(PosixFile&& other) noexcept;
  ~PosixFile();

  /// Fills all of `into` from `offset`. Throws EndOfFile, IoFailure.
  void read_at(std::uint64_t offset, std::span<std::byte> into) const;
  /// Writes all of `from` at `offset`. Throws IoFailure.
  void write_at(std::uint64_t offset, std::span<const std::byte> from) const;
  /// Cuts the file, or extends it with zeros that take no space. Throws IoFailure.
  void truncate(std::uint64_t size) const;
  void sync() const;
  /// Closes and checks what close says; does nothing on a closed file: on some file systems a lost write shows only
  /// here.
  void close();
  std::uint64_t size() const;
  FileIdentity identity() const;
  const std::string& path() const { return path_; }
  bool is_open() const { return descriptor_ >= 0; }

 private:
  PosixFile(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  int descriptor_ = -1;
  std::string path_;
};

enum class PathKind { missing, file, directory, other };
/// What lies at a path, links followed. Throws IoFailure where even that cannot be asked.
PathKind path_kind(const std::string& path);
/// Creates a directory and its missing parents. Throws IoFailure.
void make_directories(const std::string& path);
/// rename(2), checked.
void rename_path(const std::string& from, const std::string& to);
/// Exchanges two existing paths in one step (renameat2 with RENAME_EXCHANGE); false where the file system cannot.
bool exchange_paths(const std::string& a, const std::string& b);
/// Removes a file or a whole directory; a missing path is no error. Throws IoFailure.
void remove_path(const std::string& path);
/// Makes a rename or a new name in this directory durable.
void sync_directory(const std::string& path);
/// The whole content; at most `limit` bytes, else FileTooLarge. Throws MissingFile, EndOfFile, IoFailure.
std::vector<std::byte> read_file(const std::string& path, std::uint64_t limit);

}  // namespace dunlin
