#pragma once
// One HDF5 file as the arrays of a group share it: who it was when it was opened, and the two ways into it.
//
//   bytes     a file descriptor for raw reads, on any thread of any process
//   library   the HDF5 library behind our driver, for chunk indices, on one thread of one process
//
// Both are opened when first asked for, stay open, and refuse a file whose size or modification time is no longer the
// one that was recorded: then addresses of the old file would be used on a new one.

#include <atomic>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "dunlin/base/pack.hpp"
#include "dunlin/base/posix_file.hpp"
#include "h5_driver.hpp"

namespace dunlin {

/// An input is not what it was when it was opened.
struct InputChanged : InputError {
  explicit InputChanged(const std::string& path);
  std::string path;
};

class H5File {
 public:
  H5File(std::string path, const FileIdentity& identity) : path_(std::move(path)), identity_(identity) {}
  H5File(const H5File&) = delete;
  H5File& operator=(const H5File&) = delete;
  ~H5File();

  const std::string& path() const { return path_; }
  /// As recorded at the opening.
  const FileIdentity& identity() const { return identity_; }

  /// The file for raw reads. Any thread. Throws InputChanged, IoFailure.
  const PosixFile& bytes() const;

  /// The file in the library. Use: inside an H5Session. Throws InputChanged, IoFailure, H5CallFailed.
  struct Library {
    explicit Library(PosixFile file) : driver(std::move(file)), handle(driver.open()) {}
    H5Driver driver;
    H5Handle handle;                        // closed before the driver
    std::set<std::string> missing_reasons;  // what the library says where a chunk was never written, once known
  };
  Library& library() const;

  void pack(Packer& out) const;
  static std::shared_ptr<H5File> unpack(Unpacker& in);

 private:
  PosixFile open_same() const;
  std::string path_;
  FileIdentity identity_;
  mutable std::mutex opening_;
  mutable std::atomic<bool> is_open_ = false;
  mutable PosixFile bytes_;
  mutable std::unique_ptr<Library> library_;
};

}  // namespace dunlin
