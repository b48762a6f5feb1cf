#include "h5_group.hpp"

#include <array>
#include <set>

#include "h5_attributes.hpp"
#include "h5_dataset.hpp"
#include "h5_dimensions.hpp"

namespace dunlin {
namespace {

/// Deeper groups than any file has; a corrupt file could have us recurse without end.
constexpr int kDeepest = 64;

struct Link {
  std::string name;
  H5L_type_t type;
};

/// C callbacks must not throw: the first exception is kept for after the call.
struct Links {
  std::vector<Link> links;
  std::exception_ptr failure;
  static herr_t add(hid_t, const char* name, const H5L_info_t* info, void* self) {
    auto& all = *static_cast<Links*>(self);
    try {
      all.links.push_back({name, info->type});
      return 0;
    } catch (...) {
      all.failure = std::current_exception();
      return -1;
    }
  }
};

std::vector<Link> links_of(hid_t group, const std::string& name) {
  const H5Handle list(h5_check(H5Gget_create_plist(group), "read group '/" + name + "'"));
  unsigned flags = 0;
  h5_check(H5Pget_link_creation_order(list.id(), &flags), "read group '/" + name + "'");
  const H5_index_t order = flags & H5P_CRT_ORDER_TRACKED ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME;
  Links links;
  const herr_t result = H5Literate(group, order, H5_ITER_INC, nullptr, Links::add, &links);
  if (links.failure) std::rethrow_exception(links.failure);
  h5_check(result, "list group '/" + name + "'");
  return std::move(links.links);
}

class Walk {
 public:
  Walk(hid_t file, std::uint64_t limit, StoredGroup& found) : file_(file), limit_(limit), found_(found) {}

  void group(const std::string& name, int depth) {
    if (depth > kDeepest) throw H5CallFailed("read group '/" + name + "'", "groups are nested too deeply");
    const H5Handle handle(h5_check(H5Gopen2(file_, ("/" + name).c_str(), H5P_DEFAULT), "open group '/" + name + "'"));
    H5O_info_t info;
    h5_check(H5Oget_info2(handle.id(), &info, H5O_INFO_BASIC), "open group '/" + name + "'");
    if (!groups_.insert(info.addr).second) return;  // reached before, by another link
    Attributes attributes = h5_attributes(handle.id(), limit_);
    if (name.empty())
      found_.attributes = std::move(attributes);
    else if (!attributes.empty())
      found_.nested_attributes[name] = std::move(attributes);
    std::vector<std::string> below;
    for (const Link& link : links_of(handle.id(), name)) {
      const std::string path = name.empty() ? link.name : name + "/" + link.name;
      if (link.type == H5L_TYPE_HARD)
        object(handle.id(), link.name, path, below);
      else
        found_.skipped.push_back({path,
                                  link.type == H5L_TYPE_SOFT ? "it is a soft link: use the name that it points to"
                                                             : "it is a link into another file, which is not read",
                                  SkippedVariable::Kind::place});
    }
    for (const std::string& path : below) group(path, depth + 1);
  }

  std::vector<H5Dataset> datasets;

 private:
  void object(hid_t group, const std::string& link, const std::string& path, std::vector<std::string>& below) {
    H5O_info_t info;
    h5_check(H5Oget_info_by_name2(group, link.c_str(), &info, H5O_INFO_BASIC, H5P_DEFAULT), "open '" + path + "'");
    if (info.type == H5O_TYPE_GROUP) below.push_back(path);
    if (info.type == H5O_TYPE_DATASET) datasets.push_back(open_dataset(file_, path));
  }

  hid_t file_;
  std::uint64_t limit_;
  StoredGroup& found_;
  std::set<haddr_t> groups_;
};

void read_group(hid_t file, const std::shared_ptr<const H5File>& shared, StoredGroup& group) {
  const std::uint64_t limit = shared->identity().size;
  const H5Handle root(h5_check(H5Gopen2(file, "/", H5P_DEFAULT), "open the root group"));
  Walk walk(file, limit, group);
  walk.group("", 0);
  H5Dimensions dimensions(limit);
  for (const H5Dataset& dataset : walk.datasets) dimensions.add(dataset);
  for (const H5Dataset& dataset : walk.datasets) dimensions.measure(dataset);
  for (const H5Dataset& dataset : walk.datasets) {
    if (dimensions.is_pure(dataset)) continue;
    const std::vector<std::string> names = dimensions.names(dataset);
    using Kind = SkippedVariable::Kind;
    H5Outcome outcome = make_array(dataset, names, dimensions.lengths(dataset, names), shared);
    if (outcome.array)
      group.arrays.push_back(std::move(outcome.array));
    else
      group.skipped.push_back({variable_name(dataset.path), outcome.reason,
                               outcome.numbers ? Kind::storage : Kind::type,
                               outcome.numbers ? names : std::vector<std::string>{}});
  }
  group.dimensions = dimensions.all();
  const bool netcdf = dimensions.has_scales() || h5_has_attribute(root.id(), "_NCProperties") ||
                      h5_has_attribute(root.id(), "_nc3_strict");
  group.format = netcdf ? "netCDF-4" : "HDF5";
}

}  // namespace

bool is_hdf5(const std::string& path) {
  static constexpr std::array signature = {'\x89', 'H', 'D', 'F', '\r', '\n', '\x1a', '\n'};
  const PosixFile file = PosixFile::open_read(path);
  const std::uint64_t size = file.size();
  // The header lies at 0 or, behind a user block, at 512 or any larger power of two.
  for (std::uint64_t at = 0; size >= signature.size() && at <= size - signature.size(); at = at ? at * 2 : 512) {
    std::array<char, 8> found;
    file.read_at(at, std::as_writable_bytes(std::span(found)));
    if (found == signature) return true;
  }
  return false;
}

StoredGroup open_hdf5(const std::string& path) {
  PosixFile bytes = PosixFile::open_read(path);
  const auto shared = std::make_shared<H5File>(path, bytes.identity());
  StoredGroup group;
  group.path = path;
  const H5Session session;
  H5Driver driver(std::move(bytes));
  try {
    const H5Handle file = driver.open();
    read_group(file.id(), shared, group);
  } catch (const H5CallFailed& failed) {
    if (driver.failure()) std::rethrow_exception(driver.failure());
    throw BadHdf5(path, failed.doing, failed.reason);
  }
  return group;
}

std::shared_ptr<const StoredArray> unpack_hdf5_array(Unpacker& in, const StoredArray* sibling) {
  return H5Array::unpack(in, sibling);
}

}  // namespace dunlin
