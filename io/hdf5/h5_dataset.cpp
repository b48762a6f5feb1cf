#include "h5_dataset.hpp"

#include <algorithm>
#include <string_view>

#include "../codec/codecs.hpp"
#include "h5_attributes.hpp"
#include "h5_enum.hpp"
#include "h5_library_read.hpp"
#include "h5_type.hpp"

namespace dunlin {
namespace {

/// HDF5's own limit of a value kept in a header.
constexpr std::size_t kCompactLimit = std::size_t{64} << 10;

void read_shape(hid_t space, H5Dataset& dataset) {
  if (H5Sget_simple_extent_type(space) == H5S_NULL) {
    dataset.reason = "it holds no value (a null dataspace)";
    return;
  }
  const int rank = h5_check(H5Sget_simple_extent_ndims(space), "read a shape");
  if (rank > kMaxRank) {
    dataset.reason =
        "it has " + std::to_string(rank) + " axes, of which at most " + std::to_string(kMaxRank) + " can be handled";
    return;
  }
  hsize_t lengths[kMaxRank], most[kMaxRank];
  h5_check(H5Sget_simple_extent_dims(space, lengths, most), "read a shape");
  for (int a = 0; a < rank; ++a) {
    if (lengths[a] > static_cast<hsize_t>(INT64_MAX)) {
      dataset.reason = "axis " + std::to_string(a) + " has more than 2^63 elements";
      return;
    }
    dataset.shape.push_back(static_cast<std::int64_t>(lengths[a]));
    dataset.unlimited.push_back(most[a] == H5S_UNLIMITED);
  }
}

/// True where the elements of `shape`, rounded up to whole chunks, can be counted in bytes in 62 bits.
bool is_countable(const Shape& shape, const Shape& chunk, std::size_t element) {
  std::int64_t bytes = static_cast<std::int64_t>(element);
  for (std::size_t a = 0; a < shape.size(); ++a) {
    std::int64_t whole = 0;
    if (__builtin_add_overflow(shape[a], chunk[a], &whole) || __builtin_mul_overflow(bytes, whole, &bytes))
      return false;
  }
  return bytes < std::int64_t{1} << 62;
}

std::vector<std::byte> read_fill_value(hid_t list, hid_t type, const H5ElementType& element) {
  std::vector<std::byte> value(element.dtype->size());
  H5D_fill_value_t defined = H5D_FILL_VALUE_UNDEFINED;
  h5_check(H5Pfill_value_defined(list, &defined), "read a fill value");
  if (defined == H5D_FILL_VALUE_UNDEFINED) return value;
  const H5Handle native(h5_check(H5Tget_native_type(type, H5T_DIR_DEFAULT), "read a type"));
  const hid_t wanted = element.by_library ? native.id() : type;
  h5_check(H5Pget_fill_value(list, wanted, value.data()), "read a fill value");
  if (element.swapped) swap_bytes(value, element.dtype->swap_size());
  return value;
}

void read_compact(const H5Dataset& dataset, hid_t type, DType dtype, H5Layout& layout) {
  const std::int64_t count = product(dataset.shape);
  if (count > static_cast<std::int64_t>(kCompactLimit / dtype.size()))
    throw H5CallFailed("read '" + dataset.path + "'", "its values do not fit a header");
  layout.compact.resize(static_cast<std::size_t>(count) * dtype.size());
  if (count > 0)
    h5_check(H5Dread(dataset.handle.id(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, layout.compact.data()),
             "read '" + dataset.path + "'");
  if (layout.swapped) swap_bytes(layout.compact, dtype.swap_size());
}

void read_contiguous(const H5Dataset& dataset, DType dtype, H5Layout& layout) {
  const std::uint64_t needed = static_cast<std::uint64_t>(product(dataset.shape)) * dtype.size();
  const std::uint64_t stored = H5Dget_storage_size(dataset.handle.id());
  const haddr_t address = H5Dget_offset(dataset.handle.id());
  layout.address = ChunkExtent::kAbsent;
  if (stored == 0 || address == HADDR_UNDEF) return;
  if (stored < needed)
    throw H5CallFailed("read '" + dataset.path + "'",
                       "it has " + std::to_string(stored) + " bytes where its shape needs " + std::to_string(needed));
  layout.address = address;
}

Shape read_chunked(hid_t list, const H5Dataset& dataset, H5Layout& layout) {
  hsize_t lengths[kMaxRank] = {};
  const int rank = h5_check(H5Pget_chunk(list, kMaxRank, lengths), "read the chunks");
  if (rank != static_cast<int>(dataset.shape.size()))
    throw H5CallFailed("read '" + dataset.path + "'", "its chunks have " + std::to_string(rank) +
                                                          " axes where it has " + std::to_string(dataset.shape.size()));
  unsigned options = 0;
  h5_check(H5Pget_chunk_opts(list, &options), "read the chunks");
  layout.plain_edges = (options & H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS) != 0;
  return Shape(lengths, lengths + rank);
}

/// `filters`: names of those that only the library decodes.
void describe_encoding(const H5Layout& layout, const std::string& filters, ArrayDescription& description) {
  if (layout.kind == H5Layout::Kind::library) {
    description.encoding = filters + (filters.empty() ? "" : ", ") + "read by the HDF5 library";
    description.decode_cost = kLibraryCost;
    return;
  }
  const CodecChain chain = make_chain(layout.filters);
  description.encoding = chain.description();
  description.decode_cost = chain.decode_cost();
}

}  // namespace

std::string variable_name(const std::string& path) {
  constexpr std::string_view prefix = "_nc4_non_coord_";
  const std::size_t start = path.rfind('/') + 1;  // 0 where there is no slash
  if (path.compare(start, prefix.size(), prefix) != 0) return path;
  return path.substr(0, start) + path.substr(start + prefix.size());
}

H5Dataset open_dataset(hid_t file, const std::string& path) {
  H5Dataset dataset;
  dataset.path = path;
  dataset.handle = H5Handle(h5_check(H5Dopen2(file, ("/" + path).c_str(), H5P_DEFAULT), "open '" + path + "'"));
  H5O_info_t info;
  h5_check(H5Oget_info2(dataset.handle.id(), &info, H5O_INFO_BASIC), "open '" + path + "'");
  dataset.object = info.addr;
  const H5Handle space(h5_check(H5Dget_space(dataset.handle.id()), "read the shape of '" + path + "'"));
  read_shape(space.id(), dataset);
  return dataset;
}

H5Outcome make_array(const H5Dataset& dataset, std::vector<std::string> dimensions, const Shape& lengths,
                     const std::shared_ptr<const H5File>& file) {
  if (!dataset.reason.empty()) return {nullptr, dataset.reason};
  const H5Handle type(h5_check(H5Dget_type(dataset.handle.id()), "read the type of '" + dataset.path + "'"));
  const H5Handle list(h5_check(H5Dget_create_plist(dataset.handle.id()), "read how '" + dataset.path + "' was made"));
  const H5ElementType element = h5_element_type(type.id());
  if (!element.dtype) return {nullptr, "its type is " + element.reason + ", which is not read"};
  const bool numbers = element.dtype->is_real();
  if (h5_check(H5Pget_external_count(list.id()), "read the storage") > 0)
    return {nullptr, "its values lie in other files (external storage), which is not read", numbers};

  H5Layout layout;
  layout.path = dataset.path;
  layout.stored = dataset.shape;
  layout.swapped = element.swapped;
  Shape chunk = lengths;
  for (std::int64_t& length : chunk) length = std::max<std::int64_t>(length, 1);
  std::string filters;  // of what the library reads
  if (element.by_library) layout.kind = H5Layout::Kind::library;
  const H5D_layout_t kind = h5_check(H5Pget_layout(list.id()), "read the storage");
  if (kind == H5D_VIRTUAL)
    return {nullptr, "it is put together from other datasets (virtual), which is not read", numbers};
  if (kind == H5D_CHUNKED) {
    if (!element.by_library) layout.kind = H5Layout::Kind::chunked;
    chunk = read_chunked(list.id(), dataset, layout);
    H5Pipeline pipeline = h5_pipeline(list.id(), element.dtype->size());
    if (!pipeline.reason.empty())
      return {nullptr, "it is encoded with " + pipeline.reason + ", which is not decoded", numbers};
    if (pipeline.by_library) layout.kind = H5Layout::Kind::library;
    if (layout.kind == H5Layout::Kind::library)
      filters = pipeline.names;
    else
      layout.filters = std::move(pipeline.filters);
  }
  if (!is_countable(lengths, chunk, element.dtype->size()))
    return {nullptr, "its shape " + to_string(lengths) + " has more than 2^62 bytes"};
  if (layout.kind == H5Layout::Kind::library) {
    layout.swapped = false;  // the library converts
  } else if (kind == H5D_COMPACT) {
    layout.kind = H5Layout::Kind::compact;
    read_compact(dataset, type.id(), *element.dtype, layout);
  } else if (kind == H5D_CONTIGUOUS) {
    read_contiguous(dataset, *element.dtype, layout);
  }

  ArrayDescription description;
  description.name = variable_name(dataset.path);
  description.dtype = *element.dtype;
  description.grid = ChunkGrid::regular(lengths, chunk);
  description.contiguous = kind == H5D_CONTIGUOUS || kind == H5D_COMPACT;
  description.dimensions = std::move(dimensions);
  description.attributes = h5_attributes(dataset.handle.id(), file->identity().size);
  add_enum_flags(type.id(), element, description.attributes);
  description.fill_value = read_fill_value(list.id(), type.id(), element);
  describe_encoding(layout, filters, description);
  return {std::make_shared<H5Array>(std::move(description), file, std::move(layout)), ""};
}

}  // namespace dunlin
