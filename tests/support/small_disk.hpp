#pragma once
// A real file system of a few bytes (a tmpfs), to see what a full disk does. Needs the right to mount.

#include <sys/mount.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "support/temporary_folder.hpp"

namespace dunlin::test {

class SmallDisk {
 public:
  /// A disk of `bytes` (a multiple of the page size); nothing where this user may not mount.
  static std::unique_ptr<SmallDisk> mount(std::size_t bytes) {
    auto disk = std::unique_ptr<SmallDisk>(new SmallDisk);
    const std::string options = "size=" + std::to_string(bytes);
    disk->mounted_ = ::mount("tmpfs", disk->folder_.path().c_str(), "tmpfs", 0, options.c_str()) == 0;
    return disk->mounted_ ? std::move(disk) : nullptr;
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(folder_.path().c_str(), MNT_DETACH);
  }
  const std::string& path() const { return folder_.path(); }
  std::string operator/(const std::string& name) const { return folder_ / name; }

 private:
  SmallDisk() = default;
  TemporaryFolder folder_;
  bool mounted_ = false;
};

}  // namespace dunlin::test
