// Keys as paths below a folder. A value is written as create, write, close, each checked: whoever needs a store to
// appear as a whole publishes its folder by a rename (collections/storage).

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "dunlin/base/posix_file.hpp"
#include "dunlin/io/store.hpp"

namespace dunlin {
namespace {

namespace fs = std::filesystem;

class FilesystemStore final : public Store {
 public:
  explicit FilesystemStore(const std::string& root) : root_(root) {}

  std::optional<std::uint64_t> size(const std::string& key) const override {
    check_key(key);
    const std::string path = location(key);
    struct stat status;
    if (::stat(path.c_str(), &status) != 0) {
      if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
      throw IoFailure("stat", path, errno);
    }
    if (!S_ISREG(status.st_mode)) return std::nullopt;
    return static_cast<std::uint64_t>(status.st_size);
  }

  void read(const std::string& key, std::uint64_t offset, std::span<std::byte> into) const override {
    check_key(key);
    PosixFile::open_read(location(key)).read_at(offset, into);
  }

  void write(const std::string& key, std::span<const std::byte> bytes) override {
    check_key(key);
    PosixFile file = create(location(key));
    file.write_at(0, bytes);
    file.sync();  // some systems tell of a full disk or an exceeded quota only when the bytes leave the cache
    file.close();
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

  // Flushes the file system that holds the root: one call, however many files were written.
  void sync() override {
    const int folder = ::open(root_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) throw IoFailure("open", root_, errno);
    const int error = ::syncfs(folder) == 0 ? 0 : errno;
    ::close(folder);
    if (error != 0) throw IoFailure("syncfs", root_, error);
  }

  std::string location(const std::string& key) const override { return key.empty() ? root_ : root_ + "/" + key; }

 private:
  // Folders are made when a file finds none, so a key costs one call once its folder is there.
  static PosixFile create(const std::string& path) {
    try {
      return PosixFile::create(path);
    } catch (const IoFailure& failure) {
      if (failure.error != ENOENT) throw;
    }
    make_directories(fs::path(path).parent_path().string());
    return PosixFile::create(path);
  }
  std::string root_;
};

}  // namespace

std::shared_ptr<Store> make_filesystem_store(const std::string& root) {
  return std::make_shared<FilesystemStore>(root);
}

}  // namespace dunlin
