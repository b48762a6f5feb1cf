// Keys as paths below a folder. A value is written as create, write, sync, close, each checked. Small values wait for
// their sync in a batch, still open, so that what a file system says of each of them is heard. Where there are more of
// them than a batch, one call syncs the file system at the end, if the system then tells of what it could not write:
// on ext4 that took 0.1 s for 1,500 variables of a few bytes, whose 3,000 files and 4,500 folders take 2 to 15 s one by
// one. Names are durable once the store is synced, which syncs each folder that got a name, once, or all of them by
// that one call. Whoever needs a store to appear as a whole publishes its folder by a rename (collections/storage).

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <semaphore>
#include <unordered_set>
#include <utility>
#include <vector>

#include "dunlin/base/posix_file.hpp"
#include "dunlin/io/store.hpp"

namespace dunlin {
namespace {

namespace fs = std::filesystem;

/// Up to so many folders are remembered and synced one by one, which leaves other jobs' bytes alone; beyond, one call
/// flushes the file system.
constexpr std::size_t kMostFolders = 16384;
/// Values from this size on are synced by themselves: the next one would only wait behind them.
constexpr std::size_t kLargeValue = std::size_t{1} << 20;
/// Files of a batch, and batches that may be synced at one time: with those being written they stay far below the 1,024
/// files that a process may usually open.
constexpr std::size_t kBatch = 64;
constexpr int kMostBatches = 4;

/// True where syncfs reports what could not be written since its descriptor was opened: Linux 5.8 and later.
bool syncfs_tells_of_errors() {
  utsname system{};
  int major = 0, minor = 0;
  return ::uname(&system) == 0 && std::sscanf(system.release, "%d.%d", &major, &minor) == 2 &&
         (major > 5 || (major == 5 && minor >= 8));
}

/// "x/c" of "x/c/0", "" of "zarr.json".
std::string folder_of(const std::string& key) {
  const std::size_t slash = key.rfind('/');
  return slash == std::string::npos ? "" : key.substr(0, slash);
}

class FilesystemStore final : public Store {
 public:
  explicit FilesystemStore(const std::string& root) : root_(root) {}
  ~FilesystemStore() override {
    if (root_descriptor_ >= 0) ::close(root_descriptor_);
  }
  FilesystemStore(const FilesystemStore&) = delete;
  FilesystemStore& operator=(const FilesystemStore&) = delete;

  std::optional<std::uint64_t> size(const std::string& key) const override {
    check_key(key);
    const std::string path = location(key);
    struct stat status;
    if (::stat(path.c_str(), &status) == 0) {
      if (!S_ISREG(status.st_mode)) throw NoValue(path, S_ISDIR(status.st_mode) ? "is a folder" : "is no file");
      return static_cast<std::uint64_t>(status.st_size);
    }
    const int error = errno;
    if (error != ENOENT && error != ENOTDIR) throw IoFailure("stat", path, error);
    check_missing(key);
    return std::nullopt;
  }

  void read(const std::string& key, std::uint64_t offset, std::span<std::byte> into) const override {
    check_key(key);
    PosixFile::open_read(location(key)).read_at(offset, into);
  }

  void write(const std::string& key, std::span<const std::byte> bytes) override {
    check_key(key);
    PosixFile file = create(key);
    file.write_at(0, bytes);
    if (bytes.size() >= kLargeValue) return finish(file);
    {
      const std::lock_guard lock(mutex_);
      written_.push_back(std::move(file));
      if (written_.size() < kBatch) return;
    }
    batches_.acquire();
    const Release at_the_end{batches_};
    std::vector<PosixFile> batch;
    bool to_the_end;
    {
      const std::lock_guard lock(mutex_);
      batch.swap(written_);  // none where another thread has just taken it
      to_the_end = root_descriptor_ >= 0;
      unsynced_ = unsynced_ || (to_the_end && !batch.empty());
    }
    for (PosixFile& waiting : batch) to_the_end ? waiting.close() : finish(waiting);
  }

  std::vector<std::string> list(const std::string& prefix) const override {
    if (!prefix.empty()) check_key(prefix);
    const std::string path = location(prefix);
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
      const bool folder = at->is_directory(error);
      names.push_back(at->path().filename().string() + (folder ? "/" : ""));
      error.clear();  // an entry that vanished or a dangling link is listed as a name
    }
    const int code = error.value();
    if (error && code != ENOENT && code != ENOTDIR) throw IoFailure("list", path, code);
    std::sort(names.begin(), names.end());
    return names;
  }

  bool holds_more_than(const std::string& prefix, const std::string& but) const override {
    if (!prefix.empty()) check_key(prefix);
    const std::string path = location(prefix), except = location(but);
    std::error_code error, unknown;
    for (fs::recursive_directory_iterator at(path, error), end; !error && at != end; at.increment(error))
      if (at->path() != except && !at->is_directory(unknown)) return true;
    const int code = error.value();
    if (error && code != ENOENT && code != ENOTDIR) throw IoFailure("list", path, code);
    return false;
  }

  void sync() override {
    const std::lock_guard lock(mutex_);
    for (PosixFile& file : std::exchange(written_, {})) unsynced_ ? file.close() : finish(file);
    if (unsynced_ || named_.size() > kMostFolders) {
      sync_file_system();
    } else {
      sync_directory(root_);
      for (const std::string& folder : named_)
        if (!folder.empty()) sync_directory(location(folder));
    }
    named_.clear();
    unsynced_ = false;
  }

  std::string location(const std::string& key) const override { return key.empty() ? root_ : root_ + "/" + key; }

 private:
  // The system finds nothing under a key; throws where that is no missing key, but a link to nothing on the way there,
  // or a file in place of a folder.
  void check_missing(const std::string& key) const {
    struct stat status;
    for (std::string part = key;; part = folder_of(part)) {
      const std::string path = location(part);
      if (::lstat(path.c_str(), &status) == 0) {
        if (S_ISLNK(status.st_mode) && ::stat(path.c_str(), &status) != 0)
          throw NoValue(path, "is a link that leads nowhere");
        if (!S_ISDIR(status.st_mode) && part != key) throw NoValue(path, "is no folder");
        return;
      }
      if (part.empty()) return;
    }
  }

  PosixFile create(const std::string& key) {
    make_folder(folder_of(key));
    return PosixFile::create(location(key));
  }

  // A folder and those around it, unless this store has made or used them before; they get names.
  void make_folder(const std::string& folder) {
    {
      const std::lock_guard lock(mutex_);
      if (named_.contains(folder)) return;
    }
    if (folder.empty()) {
      make_directories(root_);
      open_for_syncfs();
    } else {
      make_folder(folder_of(folder));
      const std::string path = location(folder);
      if (::mkdir(path.c_str(), 0777) != 0 && errno != EEXIST) throw IoFailure("create directory", path, errno);
    }
    const std::lock_guard lock(mutex_);
    if (named_.size() <= kMostFolders) named_.insert(folder);
  }

  // Some systems tell of a full disk or an exceeded quota only when the bytes leave the cache.
  static void finish(PosixFile& file) {
    file.sync();
    file.close();
  }

  struct Release {
    std::counting_semaphore<kMostBatches>& batches;
    ~Release() { batches.release(); }
  };

  // Before the first value is written, so that no loss of one is missed.
  void open_for_syncfs() {
    const std::lock_guard lock(mutex_);
    if (root_descriptor_ < 0 && syncfs_tells_of_errors())
      root_descriptor_ = ::open(root_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  }

  void sync_file_system() const {
    const int folder = root_descriptor_ >= 0 ? root_descriptor_ : ::open(root_.c_str(), O_RDONLY | O_CLOEXEC);
    if (folder < 0) throw IoFailure("open", root_, errno);
    const int error = ::syncfs(folder) == 0 ? 0 : errno;
    if (folder != root_descriptor_) ::close(folder);
    if (error != 0) throw IoFailure("sync the file system of", root_, error);
  }

  std::mutex mutex_;
  std::counting_semaphore<kMostBatches> batches_{kMostBatches};
  std::vector<PosixFile> written_;         // values that are not synced yet
  bool unsynced_ = false;                  // others were closed without a sync
  int root_descriptor_ = -1;               // by which syncfs tells of what was lost since it was opened
  std::unordered_set<std::string> named_;  // folders that got a name since the last sync
  std::string root_;
};

}  // namespace

std::shared_ptr<Store> make_filesystem_store(const std::string& root) {
  return std::make_shared<FilesystemStore>(root);
}

}  // namespace dunlin
