// Opening by what lies at a path: a folder is Zarr, a file is HDF5 where its signature says so.

#include <algorithm>
#include <filesystem>
#include <vector>

#include "dunlin/base/posix_file.hpp"
#include "dunlin/io/stored_group.hpp"
#include "hdf5/h5_group.hpp"
#include "zarr/zarr_group.hpp"

namespace dunlin {
namespace {

namespace fs = std::filesystem;

std::string without_trailing_slashes(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

// Names in the folder that would hold `path`; a folder that cannot be listed gives none, since they only serve a hint.
std::vector<std::string> neighbours(const fs::path& path) {
  std::vector<std::string> names;
  std::error_code error;
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
    names.push_back(at->path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

// What a file that is not ours seems to be, by its first bytes.
std::string kind_of_file(const std::string& path) {
  const PosixFile file = PosixFile::open_read(path);
  std::vector<std::byte> head(static_cast<std::size_t>(std::min<std::uint64_t>(file.size(), 8)));
  if (head.empty()) return "it is empty";
  file.read_at(0, head);
  const std::string start(reinterpret_cast<const char*>(head.data()), head.size());
  if (start.starts_with("CDF")) return "it is a classic netCDF file: convert it with 'nccopy -k nc4'";
  if (start.starts_with("GRIB")) return "it is a GRIB file";
  if (start.starts_with("\x93NUMPY")) return "it is a NumPy file";
  if (start.starts_with("PK\x03\x04")) return "it is a zip archive: unpack it first";
  return "it begins with neither an HDF5 signature nor one of another known format";
}

}  // namespace

StoredGroup open_stored(const std::string& given) {
  const std::string path = without_trailing_slashes(given);
  switch (path_kind(path)) {
    case PathKind::missing:
      throw InputError("no such file or store: " + given +
                       nearest_hint(fs::path(path).filename().string(), neighbours(path)));
    case PathKind::directory:
      return open_zarr(path);
    case PathKind::file:
      if (is_hdf5(path)) return open_hdf5(path);
      throw InputError(given + " cannot be read: expected HDF5, netCDF-4 or a Zarr folder, but " + kind_of_file(path));
    case PathKind::other:
      break;
  }
  throw InputError(given + " is neither a file nor a folder: expected HDF5, netCDF-4 or a Zarr folder");
}

}  // namespace dunlin
