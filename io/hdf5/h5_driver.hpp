#pragma once
// A virtual file driver of the HDF5 library that knows where things lie.
//
// The library reads a file through a driver. Ours reads metadata as any other does; but while it is *spying*, a read of
// raw data transfers nothing and is only noted. H5Dread_chunk, which looks a chunk up and then reads its stored bytes,
// thereby yields a chunk's address and size in O(log chunks), where H5Dget_chunk_info of HDF5 1.10 walks the whole
// index on every call. The bytes themselves are later read by us, on any thread.
//
//   H5Driver driver(PosixFile::open_read(path));
//   H5Handle file = driver.open();
//   driver.spy();  H5Dread_chunk(…);  driver.seen() → {{address, size}}
//
// Addresses are absolute in the file: the library adds the size of a user block before it calls a driver. A short or
// failing read, and a global heap that would crash the library (h5_heap_check.hpp), is an error of the library's call;
// `failure()` then has the cause. Nothing is ever written, and nothing is locked. The driver must outlive the library's
// file. Use: inside an H5Session.

#include <cstdint>
#include <exception>
#include <vector>

#include "dunlin/base/posix_file.hpp"
#include "h5_handle.hpp"

namespace dunlin {

class H5Driver {
 public:
  struct RawRead {
    std::uint64_t address, size;
  };

  explicit H5Driver(PosixFile file) : file_(std::move(file)) {}
  H5Driver(const H5Driver&) = delete;
  H5Driver& operator=(const H5Driver&) = delete;

  /// Opens the file in the library, read only. Throws H5CallFailed, or what reading threw.
  H5Handle open();
  const PosixFile& file() const { return file_; }

  /// From now on raw reads are noted, not done; forgets what was noted.
  void spy() {
    spying_ = true;
    seen_.clear();
    failure_ = nullptr;
  }
  /// Raw reads are done again.
  void stop_spying() { spying_ = false; }
  const std::vector<RawRead>& seen() const { return seen_; }

  /// Bytes of raw data that the library was given since the file was opened.
  std::int64_t raw_bytes() const { return raw_bytes_; }
  void forget_failure() { failure_ = nullptr; }
  /// What the last failing read threw, or null.
  std::exception_ptr failure() const { return failure_; }

  /// Called by the library. False where it failed; throws nothing.
  bool read(bool raw, std::uint64_t address, std::size_t size, void* into) noexcept;

 private:
  void check_closed(std::uint64_t superblock) const;
  void check_global_heap(std::uint64_t address, std::span<const std::byte> start) const;

  PosixFile file_;
  std::size_t length_size_ = 8;
  bool spying_ = false;
  std::int64_t raw_bytes_ = 0;
  std::vector<RawRead> seen_;
  std::exception_ptr failure_;
};

}  // namespace dunlin
