#include "h5_library_read.hpp"

#include "dunlin/base/coords.hpp"

namespace dunlin {
namespace {

/// A dataspace of `whole` with `part` selected.
H5Handle selection(const Box& whole, const Box& part) {
  hsize_t lengths[kMaxRank], start[kMaxRank], count[kMaxRank];
  for (int a = 0; a < whole.rank(); ++a) {
    lengths[a] = static_cast<hsize_t>(whole.length(a));
    start[a] = static_cast<hsize_t>(part.begin[a] - whole.begin[a]);
    count[a] = static_cast<hsize_t>(part.length(a));
  }
  if (whole.rank() == 0) return H5Handle(h5_check(H5Screate(H5S_SCALAR), "make a dataspace"));
  H5Handle space(h5_check(H5Screate_simple(whole.rank(), lengths, nullptr), "make a dataspace"));
  h5_check(H5Sselect_hyperslab(space.id(), H5S_SELECT_SET, start, nullptr, count, nullptr), "select a part");
  return space;
}

Box extent_of(hid_t space) {
  hsize_t lengths[kMaxRank];
  const int rank = h5_check(H5Sget_simple_extent_dims(space, nullptr, nullptr), "read a shape");
  Box box;
  if (rank > kMaxRank) throw H5CallFailed("read a shape", "it has too many axes");
  h5_check(H5Sget_simple_extent_dims(space, lengths, nullptr), "read a shape");
  for (int a = 0; a < rank; ++a) {
    box.begin.push_back(0);
    box.end.push_back(static_cast<std::int64_t>(lengths[a]));
  }
  return box;
}

}  // namespace

std::size_t library_scratch(std::size_t chunk) { return 2 * chunk + (std::size_t{2} << 20); }

std::int64_t read_by_library(const H5File& file, const std::string& dataset, const Block& to, const Box& part) {
  const H5Session session;
  H5Driver& driver = file.library().driver;
  driver.forget_failure();
  const std::int64_t before = driver.raw_bytes();
  try {
    const H5Handle set(h5_check(H5Dopen2(file.library().handle.id(), ("/" + dataset).c_str(), H5P_DEFAULT), "open it"));
    const H5Handle stored(h5_check(H5Dget_type(set.id()), "read its type"));
    const H5Handle native(h5_check(H5Tget_native_type(stored.id(), H5T_DIR_DEFAULT), "read its type"));
    const H5Handle extent(h5_check(H5Dget_space(set.id()), "read its shape"));
    const Box whole = extent_of(extent.id());
    if (H5Tget_size(native.id()) != to.element || whole.rank() != part.rank() || intersection(part, whole) != part)
      throw H5CallFailed("read it", "its type or shape is not what it was");
    h5_check(H5Dread(set.id(), native.id(), selection(to.box, part).id(), selection(whole, part).id(), H5P_DEFAULT,
                     to.bytes.data()),
             "read it");
  } catch (const H5CallFailed& failed) {
    if (const auto failure = driver.failure()) std::rethrow_exception(failure);
    throw BadHdf5(file.path(), "read '" + dataset + "'", failed.reason);
  }
  return driver.raw_bytes() - before;
}

}  // namespace dunlin
