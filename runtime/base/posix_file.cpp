#include "dunlin/base/posix_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

namespace dunlin {
namespace {

/// Most bytes per call: Linux transfers at most 2 GiB - 4 KiB in one, other systems refuse more than 2 GiB.
constexpr std::size_t kLargestPiece = std::size_t{1} << 30;

/// What a user can do about an errno, or nothing.
const char* advice(int error) {
  switch (error) {
    case ENOSPC:
      return ": free some space or choose another place";
    case EDQUOT:
      return ": the quota is used up; remove files, ask for more or choose another place";
    case EACCES:
    case EPERM:
      return ": ask for the permission or choose another place";
    case EROFS:
      return ": choose a place that can be written";
    case EMFILE:
      return ": raise the limit of open files (ulimit -n)";
    case ENFILE:
      return ": the whole system has too many files open; try again later";
    case EFBIG:
      return ": the file would be larger than the file system or the limit (ulimit -f) allows";
    case EEXIST:
      return ": remove it or choose another name";
    case ESTALE:
      return ": the file was replaced or the file server restarted; start again";
    default:
      return "";
  }
}

std::string sentence(const std::string& what, const std::string& path, int error, const std::string& where) {
  return "cannot " + what + (where.empty() ? " " : " " + where + " of ") + path + ": " +
         std::system_category().message(error) + advice(error);
}

std::string range(std::uint64_t offset, std::size_t size) {
  return std::to_string(size) + " bytes at offset " + std::to_string(offset);
}

/// Repeats a call that a signal interrupted.
template <class Call>
auto uninterrupted(Call call) {
  decltype(call()) result;
  do result = call();
  while (result == -1 && errno == EINTR);
  return result;
}

int open_descriptor(const std::string& path, int flags) {
  return uninterrupted([&] { return ::open(path.c_str(), flags | O_CLOEXEC, 0666); });
}

bool means_missing(int error) { return error == ENOENT || error == ENOTDIR; }

struct stat status_of(int descriptor, const std::string& path) {
  struct stat status;
  if (::fstat(descriptor, &status) != 0) throw IoFailure("ask for the size of", path, errno);
  return status;
}

}  // namespace

IoFailure::IoFailure(const std::string& what, const std::string& path, int error, const std::string& where)
    : StorageError(sentence(what, path, error, where)), path(path), error(error) {}

MissingFile::MissingFile(const std::string& path) : InputError("no such file: " + path), path(path) {}

EndOfFile::EndOfFile(const std::string& path, std::uint64_t offset, std::uint64_t size, std::uint64_t found)
    : InputError(path + " ends too early: expected " + range(offset, size) + ", found " + std::to_string(found) +
                 ": the file is truncated or still being written; copy or make it again"),
      path(path),
      offset(offset),
      size(size),
      found(found) {}

FileTooLarge::FileTooLarge(const std::string& path, std::uint64_t size, std::uint64_t limit)
    : InputError(path + " has " + std::to_string(size) + " bytes where at most " + std::to_string(limit) +
                 " are expected: it is no file of this kind"),
      path(path),
      size(size),
      limit(limit) {}

PosixFile PosixFile::open_read(const std::string& path) {
  const int descriptor = open_descriptor(path, O_RDONLY);
  if (descriptor < 0) {
    if (means_missing(errno)) throw MissingFile(path);
    throw IoFailure("open", path, errno);
  }
  return {descriptor, path};
}

PosixFile PosixFile::create(const std::string& path) {
  const int descriptor = open_descriptor(path, O_RDWR | O_CREAT | O_TRUNC);
  if (descriptor < 0) throw IoFailure("create", path, errno);
  return {descriptor, path};
}

PosixFile PosixFile::create_new(const std::string& path) {
  const int descriptor = open_descriptor(path, O_RDWR | O_CREAT | O_EXCL);
  if (descriptor < 0) throw IoFailure("create", path, errno);
  return {descriptor, path};
}

PosixFile PosixFile::open_write(const std::string& path) {
  const int descriptor = open_descriptor(path, O_RDWR);
  if (descriptor < 0) throw IoFailure("open for writing", path, errno);
  return {descriptor, path};
}

PosixFile::PosixFile(PosixFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}

PosixFile& PosixFile::operator=(PosixFile&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(path_, other.path_);
  return *this;
}

PosixFile::~PosixFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void PosixFile::read_at(std::uint64_t offset, std::span<std::byte> into) const {
  for (std::size_t done = 0; done < into.size();) {
    const std::size_t piece = std::min(into.size() - done, kLargestPiece);
    const ssize_t got = uninterrupted(
        [&] { return ::pread(descriptor_, into.data() + done, piece, static_cast<off_t>(offset + done)); });
    if (got < 0) throw IoFailure("read", path_, errno, range(offset, into.size()));
    if (got == 0) throw EndOfFile(path_, offset, into.size(), done);
    done += static_cast<std::size_t>(got);
  }
}

void PosixFile::write_at(std::uint64_t offset, std::span<const std::byte> from) const {
  for (std::size_t done = 0; done < from.size();) {
    const std::size_t piece = std::min(from.size() - done, kLargestPiece);
    const ssize_t put = uninterrupted(
        [&] { return ::pwrite(descriptor_, from.data() + done, piece, static_cast<off_t>(offset + done)); });
    // A write that takes nothing and names no reason would loop forever; nothing good is known of such a device.
    if (put <= 0) throw IoFailure("write", path_, put < 0 ? errno : EIO, range(offset, from.size()));
    done += static_cast<std::size_t>(put);
  }
}

void PosixFile::truncate(std::uint64_t size) const {
  if (uninterrupted([&] { return ::ftruncate(descriptor_, static_cast<off_t>(size)); }) != 0)
    throw IoFailure("set the size of", path_, errno);
}

void PosixFile::sync() const {
  if (uninterrupted([&] { return ::fsync(descriptor_); }) != 0) throw IoFailure("sync", path_, errno);
}

void PosixFile::close() {
  if (descriptor_ < 0) return;
  // Not repeated after a signal: Linux has released the descriptor by then, and another thread may have it already.
  if (::close(std::exchange(descriptor_, -1)) != 0) throw IoFailure("close", path_, errno);
}

std::uint64_t PosixFile::size() const { return static_cast<std::uint64_t>(status_of(descriptor_, path_).st_size); }

FileIdentity PosixFile::identity() const {
  const struct stat status = status_of(descriptor_, path_);
  return {.device = status.st_dev,
          .inode = status.st_ino,
          .size = static_cast<std::uint64_t>(status.st_size),
          .modified_ns = std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec};
}

PathKind path_kind(const std::string& path) {
  struct stat status;
  if (::stat(path.c_str(), &status) != 0) {
    if (means_missing(errno)) return PathKind::missing;
    throw IoFailure("look at", path, errno);
  }
  if (S_ISREG(status.st_mode)) return PathKind::file;
  return S_ISDIR(status.st_mode) ? PathKind::directory : PathKind::other;
}

void make_directories(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) throw IoFailure("create directory", path, error.value());
}

void rename_path(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) throw IoFailure("rename " + from + " to", to, errno);
}

bool exchange_paths(const std::string& a, const std::string& b) {
#ifdef RENAME_EXCHANGE
  if (::renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE) == 0) return true;
  if (errno != EINVAL && errno != ENOSYS && errno != ENOTSUP) throw IoFailure("exchange " + a + " with", b, errno);
#endif
  return false;
}

void remove_path(const std::string& path) {
  std::error_code error;
  std::filesystem::remove_all(path, error);
  if (error && !means_missing(error.value())) throw IoFailure("remove", path, error.value());
}

void sync_directory(const std::string& path) {
  const int descriptor = open_descriptor(path, O_RDONLY | O_DIRECTORY);
  if (descriptor < 0) throw IoFailure("open directory", path, errno);
  const int error = uninterrupted([&] { return ::fsync(descriptor); }) == 0 ? 0 : errno;
  ::close(descriptor);
  // Some network and user-space file systems know no sync of a directory; their names are durable or never will be.
  if (error != 0 && error != EINVAL && error != ENOTSUP) throw IoFailure("sync directory", path, error);
}

std::vector<std::byte> read_file(const std::string& path, std::uint64_t limit) {
  const PosixFile file = PosixFile::open_read(path);
  const std::uint64_t size = file.size();
  if (size > limit) throw FileTooLarge(path, size, limit);
  std::vector<std::byte> content(size);
  file.read_at(0, content);
  return content;
}

}  // namespace dunlin
