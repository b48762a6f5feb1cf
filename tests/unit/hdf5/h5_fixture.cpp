#include "h5_fixture.hpp"

namespace dunlin::test {
namespace {

H5Handle made(hid_t id) {
  if (id < 0) throw std::runtime_error("the fixture cannot be made: " + h5_reason());
  return H5Handle(id);
}

void done(herr_t result) {
  if (result < 0) throw std::runtime_error("the fixture cannot be made: " + h5_reason());
}

std::vector<hsize_t> sizes(const Shape& shape) {
  std::vector<hsize_t> result;
  for (std::int64_t length : shape) result.push_back(length < 0 ? H5S_UNLIMITED : static_cast<hsize_t>(length));
  return result;
}

hid_t native_type(DType dtype) {
  switch (dtype.kind()) {
    case DType::int8:
      return H5T_NATIVE_INT8;
    case DType::int16:
      return H5T_NATIVE_INT16;
    case DType::int32:
      return H5T_NATIVE_INT32;
    case DType::int64:
      return H5T_NATIVE_INT64;
    case DType::uint8:
      return H5T_NATIVE_UINT8;
    case DType::uint16:
      return H5T_NATIVE_UINT16;
    case DType::uint32:
      return H5T_NATIVE_UINT32;
    case DType::uint64:
      return H5T_NATIVE_UINT64;
    case DType::float32:
      return H5T_NATIVE_FLOAT;
    case DType::float64:
      return H5T_NATIVE_DOUBLE;
    default:
      return H5I_INVALID_HID;
  }
}

H5Handle creation_list(const H5Made& spec) {
  H5Handle list = made(H5Pcreate(H5P_DATASET_CREATE));
  if (!spec.chunk.empty()) done(H5Pset_chunk(list.id(), static_cast<int>(spec.chunk.size()), sizes(spec.chunk).data()));
  if (spec.fletcher32) done(H5Pset_fletcher32(list.id()));
  if (spec.shuffle) done(H5Pset_shuffle(list.id()));
  if (spec.deflate >= 0) done(H5Pset_deflate(list.id(), static_cast<unsigned>(spec.deflate)));
  if (spec.compact) done(H5Pset_layout(list.id(), H5D_COMPACT));
  if (spec.plain_edges) done(H5Pset_chunk_opts(list.id(), H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS));
  if (spec.fill) done(H5Pset_fill_value(list.id(), H5T_NATIVE_DOUBLE, &*spec.fill));
  return list;
}

/// Numbers: their ordinal, times seven, modulo 100: fits a byte, compresses, differs from neighbours.
void write_values(const H5Handle& dataset, const H5Made& spec, hid_t type) {
  const Box box = spec.written.value_or(Box::whole(spec.shape));
  if (box.empty()) return;
  std::vector<double> values(static_cast<std::size_t>(box.count()));
  for (std::size_t k = 0; k < values.size(); ++k) values[k] = static_cast<double>(k * 7 % 100 + 1);
  const H5Handle file_space = made(H5Dget_space(dataset.id()));
  const H5Handle memory_space = made(H5Screate_simple(box.rank(), sizes(box.shape()).data(), nullptr));
  if (box.rank() > 0)
    done(H5Sselect_hyperslab(file_space.id(), H5S_SELECT_SET, sizes(box.begin).data(), nullptr,
                             sizes(box.shape()).data(), nullptr));
  if (H5Tget_class(type) == H5T_STRING || H5Tget_class(type) == H5T_ENUM) {
    std::vector<unsigned char> bytes(values.size() * H5Tget_size(type));
    for (std::size_t k = 0; k < bytes.size(); ++k) bytes[k] = k % H5Tget_size(type) == 0 ? 'a' + k % 2 : 0;
    done(H5Dwrite(dataset.id(), type, memory_space.id(), file_space.id(), H5P_DEFAULT, bytes.data()));
    return;
  }
  done(H5Dwrite(dataset.id(), H5T_NATIVE_DOUBLE, memory_space.id(), file_space.id(), H5P_DEFAULT, values.data()));
}

}  // namespace

H5Maker::H5Maker(std::string path, const Options& options) {
  const H5Handle creation = made(H5Pcreate(H5P_FILE_CREATE));
  const H5Handle access = made(H5Pcreate(H5P_FILE_ACCESS));
  done(H5Pset_userblock(creation.id(), options.user_block));
  if (options.track_order)
    done(H5Pset_link_creation_order(creation.id(), H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED));
  done(H5Pset_libver_bounds(access.id(), options.low, options.high));
  file_ = made(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, creation.id(), access.id()));
}

void H5Maker::dataset(const std::string& name, const H5Made& spec) {
  const hid_t type = spec.type < 0 ? H5T_NATIVE_INT32 : spec.type;
  const Shape most = spec.most.empty() ? spec.shape : spec.most;
  const H5Handle space = made(spec.shape.empty() ? H5Screate(H5S_SCALAR)
                                                 : H5Screate_simple(static_cast<int>(spec.shape.size()),
                                                                    sizes(spec.shape).data(), sizes(most).data()));
  const H5Handle links = made(H5Pcreate(H5P_LINK_CREATE));
  done(H5Pset_create_intermediate_group(links.id(), 1));
  const H5Handle list = creation_list(spec);
  const H5Handle dataset =
      made(H5Dcreate2(file_.id(), name.c_str(), type, space.id(), links.id(), list.id(), H5P_DEFAULT));
  write_values(dataset, spec, type);
}

void H5Maker::group(const std::string& name, bool track_order) {
  const H5Handle list = made(H5Pcreate(H5P_GROUP_CREATE));
  if (track_order) done(H5Pset_link_creation_order(list.id(), H5P_CRT_ORDER_TRACKED));
  made(H5Gcreate2(file_.id(), name.c_str(), H5P_DEFAULT, list.id(), H5P_DEFAULT));
}

H5Handle H5Maker::open(const std::string& name) const { return made(H5Oopen(file_.id(), name.c_str(), H5P_DEFAULT)); }

void add_text(hid_t object, const std::string& name, const std::string& text) {
  const H5Handle type = made(H5Tcopy(H5T_C_S1));
  done(H5Tset_size(type.id(), text.size() + 1));
  const H5Handle space = made(H5Screate(H5S_SCALAR));
  const H5Handle attribute = made(H5Acreate2(object, name.c_str(), type.id(), space.id(), H5P_DEFAULT, H5P_DEFAULT));
  done(H5Awrite(attribute.id(), type.id(), text.c_str()));
}

void add_number(hid_t object, const std::string& name, hid_t type, double value) {
  const H5Handle space = made(H5Screate(H5S_SCALAR));
  const H5Handle attribute = made(H5Acreate2(object, name.c_str(), type, space.id(), H5P_DEFAULT, H5P_DEFAULT));
  done(H5Awrite(attribute.id(), H5T_NATIVE_DOUBLE, &value));
}

void add_dimension_list(const H5Maker& file, const std::string& dataset, const std::vector<std::string>& scales) {
  const H5Handle object = file.open(dataset);
  const H5Handle type = made(H5Tvlen_create(H5T_STD_REF_OBJ));
  const hsize_t axes = scales.size();
  const H5Handle space = made(H5Screate_simple(1, &axes, nullptr));
  std::vector<hobj_ref_t> references(scales.size());
  std::vector<hvl_t> lists(scales.size());
  for (std::size_t k = 0; k < scales.size(); ++k) {
    if (!scales[k].empty()) done(H5Rcreate(&references[k], file.id(), scales[k].c_str(), H5R_OBJECT, -1));
    lists[k] = {scales[k].empty() ? 0U : 1U, &references[k]};
  }
  const H5Handle attribute =
      made(H5Acreate2(object.id(), "DIMENSION_LIST", type.id(), space.id(), H5P_DEFAULT, H5P_DEFAULT));
  done(H5Awrite(attribute.id(), type.id(), lists.data()));
}

void make_scale(const H5Maker& file, const std::string& dataset, const std::string& name) {
  const H5Handle object = file.open(dataset);
  add_text(object.id(), "CLASS", "DIMENSION_SCALE");
  add_text(object.id(), "NAME", name);
}

std::vector<std::byte> library_values(const std::string& path, const std::string& dataset, DType dtype) {
  const H5Handle file = made(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT));
  const H5Handle data = made(H5Dopen2(file.id(), dataset.c_str(), H5P_DEFAULT));
  const H5Handle space = made(H5Dget_space(data.id()));
  const H5Handle type = made(H5Dget_type(data.id()));
  std::vector<std::byte> values(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space.id())) * dtype.size());
  hid_t memory = native_type(dtype);
  H5Handle native;
  if (H5Tget_class(type.id()) == H5T_ENUM) {
    native = made(H5Tget_native_type(type.id(), H5T_DIR_ASCEND));
    memory = native.id();
  }
  if (!values.empty())
    done(H5Dread(data.id(), dtype.kind() == DType::raw ? type.id() : memory, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                 values.data()));
  return values;
}

StoredGroup expect_like_library(const std::string& path) {
  const StoredGroup group = open_hdf5(path);
  for (const auto& array : group.arrays) {
    SCOPED_TRACE(path + ": " + array->description().name);
    const auto expected = library_values(path, array->description().name, array->description().dtype);
    expect_reads_like(*array, expected);
    Packer packed;
    array->pack(packed);
    Unpacker in(packed.bytes());
    const auto travelled = unpack_hdf5_array(in);
    EXPECT_TRUE(in.done());
    EXPECT_EQ(travelled->identity(), array->identity());
    expect_reads_like(*travelled, expected);
  }
  return group;
}

}  // namespace dunlin::test
