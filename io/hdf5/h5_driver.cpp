#include "h5_driver.hpp"

#include <H5FDpublic.h>
#if H5_VERSION_GE(1, 14, 0)
#include <H5FDdevelop.h>
#endif

#include <array>
#include <new>

#include "h5_heap_check.hpp"

namespace dunlin {
namespace {

/// What the library keeps per open file: its own part first, as it demands.
struct Opened {
  H5FD_t library;
  H5Driver* driver;
  haddr_t allocated = 0;  // end of what the library considers in use ("eoa")
  haddr_t end = 0;        // end of the file
};

/// What travels in the access property list: the library copies it byte by byte.
struct DriverInfo {
  H5Driver* driver;
};

Opened& opened(H5FD_t* file) { return *reinterpret_cast<Opened*>(file); }
const Opened& opened(const H5FD_t* file) { return *reinterpret_cast<const Opened*>(file); }

H5FD_t* open_file(const char*, unsigned flags, hid_t access, haddr_t) {
  const auto* info = static_cast<const DriverInfo*>(H5Pget_driver_info(access));
  if (!info || (flags & H5F_ACC_RDWR)) return nullptr;
  auto* file = new (std::nothrow) Opened{};
  if (!file) return nullptr;
  file->driver = info->driver;
  try {
    file->end = info->driver->file().size();
  } catch (const std::exception&) {
    delete file;
    return nullptr;
  }
  return &file->library;
}

herr_t close_file(H5FD_t* file) {
  delete &opened(file);
  return 0;
}

herr_t query(const H5FD_t*, unsigned long* features) {
  *features = 0;
  return 0;
}

haddr_t get_allocated(const H5FD_t* file, H5FD_mem_t) { return opened(file).allocated; }

herr_t set_allocated(H5FD_t* file, H5FD_mem_t, haddr_t end) {
  opened(file).allocated = end;
  return 0;
}

haddr_t get_end(const H5FD_t* file, H5FD_mem_t) { return opened(file).end; }

herr_t read_file(H5FD_t* file, H5FD_mem_t type, hid_t, haddr_t address, std::size_t size, void* into) {
  return opened(file).driver->read(type == H5FD_MEM_DRAW, address, size, into) ? 0 : -1;
}

herr_t write_file(H5FD_t*, H5FD_mem_t, hid_t, haddr_t, std::size_t, const void*) { return -1; }

/// Registers the driver; the property list and the open file keep it alive, so that nothing global remains.
H5Handle register_driver() {
  H5FD_class_t driver{};
#if H5_VERSION_GE(1, 14, 0)
  driver.version = H5FD_CLASS_VERSION;
  driver.value = static_cast<H5FD_class_value_t>(600);  // any above those that the library reserves
#endif
  driver.name = "dunlin_index";
  driver.maxaddr = haddr_t{1} << 62;
  driver.fc_degree = H5F_CLOSE_STRONG;
  driver.fapl_size = sizeof(DriverInfo);
  driver.open = open_file;
  driver.close = close_file;
  driver.query = query;
  driver.get_eoa = get_allocated;
  driver.set_eoa = set_allocated;
  driver.get_eof = get_end;
  driver.read = read_file;
  driver.write = write_file;
  for (H5FD_mem_t& list : driver.fl_map) list = H5FD_MEM_DEFAULT;
  return H5Handle(h5_check(H5FDregister(&driver), "register a file driver"));
}

}  // namespace

H5Handle H5Driver::open() {
  const H5Handle driver = register_driver();
  const H5Handle access(h5_check(H5Pcreate(H5P_FILE_ACCESS), "make a property list"));
  const DriverInfo info{this};
  h5_check(H5Pset_driver(access.id(), driver.id(), &info), "set a file driver");
  h5_check(H5Pset_fclose_degree(access.id(), H5F_CLOSE_STRONG), "set how a file closes");
  H5Handle file(H5Fopen(file_.path().c_str(), H5F_ACC_RDONLY, access.id()));
  if (!file.is_open() && failure_) std::rethrow_exception(failure_);
  h5_check(file.id(), "read the header");
  const H5Handle list(h5_check(H5Fget_create_plist(file.id()), "read the header"));
  std::size_t address_size = 0;
  h5_check(H5Pget_sizes(list.id(), &address_size, &length_size_), "read the header");
  hsize_t user_block = 0;
  h5_check(H5Pget_userblock(list.id(), &user_block), "read the header");
  check_closed(user_block);
  return file;
}

// Superblock := signature:8 version:1 address size:1 length size:1 marks:1 …; from version 3 on, bit 0 of the marks
// says that a writer has the file open, bit 2 that readers may follow it. The library looks only where a driver can
// lock.
void H5Driver::check_closed(std::uint64_t superblock) const {
  std::array<std::uint8_t, 12> bytes;
  file_.read_at(superblock, std::as_writable_bytes(std::span(bytes)));
  if (bytes[8] >= 3 && (bytes[11] & 5) != 0)
    throw H5CallFailed("read the header", "a writer has it open, or died with it open ('h5clear -s' removes the mark)");
}

void H5Driver::check_global_heap(std::uint64_t address, std::span<const std::byte> start) const {
  const std::uint64_t size = global_heap_size(start, length_size_), end = file_.size();
  bool sound = address <= end && size <= end - address;
  if (sound && size > start.size()) {
    std::vector<std::byte> whole(size);
    file_.read_at(address, whole);
    sound = is_sound_global_heap(whole, length_size_);
  } else if (sound) {
    sound = is_sound_global_heap(start.first(size), length_size_);
  }
  if (!sound)
    throw BadHdf5(file_.path(), "read the heap at byte " + std::to_string(address), "its sizes do not add up");
}

bool H5Driver::read(bool raw, std::uint64_t address, std::size_t size, void* into) noexcept {
  try {
    if (raw && spying_) {
      seen_.push_back({address, size});
    } else {
      const std::span bytes(static_cast<std::byte*>(into), size);
      file_.read_at(address, bytes);
      if (raw) raw_bytes_ += static_cast<std::int64_t>(size);
      if (is_global_heap(bytes)) check_global_heap(address, bytes);
    }
    return true;
  } catch (...) {
    failure_ = std::current_exception();
    return false;
  }
}

}  // namespace dunlin
