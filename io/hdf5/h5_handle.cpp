#include "h5_handle.hpp"

namespace dunlin {
namespace {

std::recursive_mutex& library_lock() {
  static std::recursive_mutex lock;
  return lock;
}

herr_t keep_first(unsigned, const H5E_error2_t* entry, void* reason) {
  auto& text = *static_cast<std::string*>(reason);
  if (text.empty() && entry->desc) text = entry->desc;
  return 0;
}

/// What a user can do. A version that the library does not know is damage, or the mark of a newer library.
const char* advice(const std::string& reason) {
  if (reason.find("version number") != std::string::npos)
    return ": the file is corrupt, its writer died, or a newer HDF5 wrote it, whose 'h5repack --high=v110' then helps";
  return ": the file is corrupt, truncated or still being written; copy or make it again";
}

}  // namespace

BadHdf5::BadHdf5(const std::string& path, const std::string& doing, const std::string& reason)
    : InputError("cannot " + doing + " in " + path + (reason.empty() ? "" : ": " + reason) + advice(reason)),
      path(path),
      doing(doing),
      reason(reason) {}

H5CallFailed::H5CallFailed(std::string doing, std::string reason)
    : std::runtime_error("HDF5 cannot " + doing + ": " + reason), doing(std::move(doing)), reason(std::move(reason)) {}

H5Session::H5Session() : lock_(library_lock()) {
  H5Eget_auto2(H5E_DEFAULT, &print_, &print_data_);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

H5Session::~H5Session() {
  H5Eclear2(H5E_DEFAULT);
  H5Eset_auto2(H5E_DEFAULT, print_, print_data_);
}

std::string h5_reason() {
  std::string reason;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_first, &reason);  // from the innermost call outward
  return reason;
}

}  // namespace dunlin
