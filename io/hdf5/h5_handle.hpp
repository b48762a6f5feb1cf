#pragma once
// The HDF5 library behind C++: owned identifiers, its errors as exceptions, its lock.
//
// The library is one global machine: one error stack, one table of identifiers, and in most builds no locking. So every
// function of this folder that calls it first makes an `H5Session`, which holds the one lock of this process and keeps
// the library from printing. This lock is the only global state of Dunlin, since what it guards is global itself.
//
//   H5Session session;
//   H5Handle dataset(h5_check(H5Dopen2(file.id(), "x", H5P_DEFAULT), "open dataset 'x'"));
//
// Inside the folder a failed call is `H5CallFailed`; who knows the file turns it into `BadHdf5`, an InputError.

#define H5_USE_110_API  // the calls that 1.10 has, also where a newer library is installed
#include <hdf5.h>

#include <mutex>
#include <string>
#include <utility>

#include "dunlin/base/error.hpp"

namespace dunlin {

/// A file that the HDF5 library cannot read: corrupt, truncated, left open by a writer that died, or newer than the
/// library. `doing` is what failed, in words; `reason` what the library says.
struct BadHdf5 : InputError {
  BadHdf5(const std::string& path, const std::string& doing, const std::string& reason);
  std::string path, doing, reason;
};

/// A call of the library failed. `doing` is what we tried, in words; `reason` the innermost entry of its error stack.
struct H5CallFailed : std::runtime_error {
  H5CallFailed(std::string doing, std::string reason);
  std::string doing, reason;
};

/// The right to call the library, for as long as it lives. May be nested on one thread.
class H5Session {
 public:
  H5Session();
  ~H5Session();
  H5Session(const H5Session&) = delete;
  H5Session& operator=(const H5Session&) = delete;

 private:
  std::unique_lock<std::recursive_mutex> lock_;
  H5E_auto2_t print_ = nullptr;
  void* print_data_ = nullptr;
};

/// The error stack's innermost sentence, for example "truncated file: eof = 96, …"; empty where there is none.
std::string h5_reason();

/// `result` where it is not negative, else throws H5CallFailed.
template <class Result>
Result h5_check(Result result, const std::string& doing) {
  if (result < 0) throw H5CallFailed(doing, h5_reason());
  return result;
}

/// An identifier of the library (file, dataset, type, property list …), released on destruction, which needs a session.
class H5Handle {
 public:
  H5Handle() = default;
  explicit H5Handle(hid_t id) : id_(id) {}
  H5Handle(H5Handle&& other) noexcept : id_(std::exchange(other.id_, H5I_INVALID_HID)) {}
  H5Handle& operator=(H5Handle&& other) noexcept {
    std::swap(id_, other.id_);
    return *this;
  }
  ~H5Handle() {
    if (id_ >= 0) H5Idec_ref(id_);
  }
  hid_t id() const { return id_; }
  bool is_open() const { return id_ >= 0; }

 private:
  hid_t id_ = H5I_INVALID_HID;
};

}  // namespace dunlin
