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

}  // namespace

BadHdf5::BadHdf5(const std::string& path, const std::string& what, const std::string& reason)
    : InputError("cannot " + what + " in " + path + (reason.empty() ? "" : ": " + reason) +
                 ": the file is corrupt, truncated or still being written; copy or make it again"),
      path(path),
      what(what),
      reason(reason) {}

H5CallFailed::H5CallFailed(std::string what, std::string reason)
    : std::runtime_error("HDF5 cannot " + what + ": " + reason),
      what_failed(std::move(what)),
      reason(std::move(reason)) {}

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
