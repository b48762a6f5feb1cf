#include "h5_file.hpp"

namespace dunlin {

InputChanged::InputChanged(const std::string& path)
    : InputError(path + " changed while it was being read: start again once it is complete"), path(path) {}

H5File::~H5File() {
  if (!library_) return;
  const H5Session session;
  library_.reset();
}

PosixFile H5File::open_same() const {
  PosixFile file = PosixFile::open_read(path_);
  const FileIdentity now = file.identity();
  // Device and inode numbers may differ between the nodes that see one file.
  if (now.size != identity_.size || now.modified_ns != identity_.modified_ns) throw InputChanged(path_);
  return file;
}

const PosixFile& H5File::bytes() const {
  if (!is_open_.load(std::memory_order_acquire)) {
    const std::lock_guard lock(opening_);
    if (!is_open_.load(std::memory_order_relaxed)) {
      bytes_ = open_same();
      is_open_.store(true, std::memory_order_release);
    }
  }
  return bytes_;
}

H5File::Library& H5File::library() const {
  if (!library_) library_ = std::make_unique<Library>(open_same());
  return *library_;
}

void H5File::pack(Packer& out) const {
  out.text(path_);
  for (const std::uint64_t number : {identity_.device, identity_.inode, identity_.size})
    out.number(static_cast<std::int64_t>(number));
  out.number(identity_.modified_ns);
}

std::shared_ptr<H5File> H5File::unpack(Unpacker& in) {
  std::string path = in.text();
  FileIdentity identity;
  for (std::uint64_t* number : {&identity.device, &identity.inode, &identity.size})
    *number = static_cast<std::uint64_t>(in.number());
  identity.modified_ns = in.number();
  return std::make_shared<H5File>(std::move(path), identity);
}

}  // namespace dunlin
