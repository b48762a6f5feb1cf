#include "h5_attributes.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "../codec/codecs.hpp"
#include "h5_type.hpp"

namespace dunlin {
namespace {

bool is_bookkeeping(const std::string& name, bool is_scale) {
  static constexpr std::array always = {"DIMENSION_LIST",      "REFERENCE_LIST", "_Netcdf4Dimid",
                                        "_Netcdf4Coordinates", "_NCProperties",  "_nc3_strict"};
  if (std::find(always.begin(), always.end(), name) != always.end()) return true;
  return is_scale && (name == "CLASS" || name == "NAME");
}

std::string trimmed(std::string text, H5T_str_t padding) {
  const std::size_t end = padding == H5T_STR_SPACEPAD ? text.find_last_not_of(' ') + 1 : text.find('\0');
  return text.substr(0, std::min(end, text.size()));
}

AttributeValue texts_value(std::vector<std::string> texts) {
  if (texts.empty()) return AttributeValue::text("");
  return texts.size() == 1 ? AttributeValue::text(std::move(texts[0])) : AttributeValue::texts(std::move(texts));
}

/// Variable-length text, which the library allocates and gets back on destruction.
class LentTexts {
 public:
  LentTexts(hid_t attribute, hid_t type, hid_t space, std::size_t count) : type_(type), space_(space), texts_(count) {
    h5_check(H5Aread(attribute, type, texts_.data()), "read an attribute's text");
  }
  LentTexts(const LentTexts&) = delete;
  LentTexts& operator=(const LentTexts&) = delete;
  ~LentTexts() { H5Dvlen_reclaim(type_, space_, H5P_DEFAULT, texts_.data()); }
  std::vector<std::string> copy() const {
    std::vector<std::string> texts;
    for (const char* text : texts_) texts.emplace_back(text ? text : "");
    return texts;
  }

 private:
  hid_t type_, space_;
  std::vector<char*> texts_;
};

AttributeValue read_texts(hid_t attribute, hid_t type, hid_t space, std::size_t count) {
  if (count == 0) return texts_value({});
  if (H5Tis_variable_str(type) > 0) {
    const H5Handle memory(h5_check(H5Tcopy(H5T_C_S1), "make a type"));
    h5_check(H5Tset_size(memory.id(), H5T_VARIABLE), "make a type");
    h5_check(H5Tset_cset(memory.id(), H5Tget_cset(type)), "make a type");
    return texts_value(LentTexts(attribute, memory.id(), space, count).copy());
  }
  const std::size_t size = H5Tget_size(type);
  std::string bytes(size * count, '\0');
  h5_check(H5Aread(attribute, type, bytes.data()), "read an attribute's text");
  std::vector<std::string> texts;
  for (std::size_t k = 0; k < count; ++k) texts.push_back(trimmed(bytes.substr(k * size, size), H5Tget_strpad(type)));
  return texts_value(std::move(texts));
}

/// Numbers of a type that is ours: read as they are stored.
AttributeValue read_numbers(hid_t attribute, hid_t type, const H5ElementType& element, std::size_t count) {
  const DType dtype = *element.dtype;
  std::vector<std::byte> bytes(count * dtype.size());
  if (count > 0) h5_check(H5Aread(attribute, type, bytes.data()), "read an attribute");
  if (element.swapped) swap_bytes(bytes, dtype.swap_size());
  return visit_real(dtype, [&](auto zero) {
    using T = decltype(zero);
    std::vector<T> values(count);
    if (count > 0) std::memcpy(values.data(), bytes.data(), bytes.size());
    if constexpr (std::is_floating_point_v<T>)
      return AttributeValue::reals(dtype, {values.begin(), values.end()}, count == 1);
    else
      return AttributeValue::integers(dtype, {values.begin(), values.end()}, count == 1);
  });
}

/// Numbers of an unusual format, converted by the library.
AttributeValue read_converted(hid_t attribute, bool is_float, std::size_t count) {
  if (is_float) {
    std::vector<double> values(count);
    if (count > 0) h5_check(H5Aread(attribute, H5T_NATIVE_DOUBLE, values.data()), "read an attribute");
    return AttributeValue::reals(DType::float64, std::move(values), count == 1);
  }
  std::vector<std::int64_t> values(count);
  if (count > 0) h5_check(H5Aread(attribute, H5T_NATIVE_INT64, values.data()), "read an attribute");
  return AttributeValue::integers(DType::int64, std::move(values), count == 1);
}

std::optional<AttributeValue> read_attribute(hid_t attribute, std::uint64_t limit) {
  const H5Handle type(h5_check(H5Aget_type(attribute), "read an attribute's type"));
  const H5Handle space(h5_check(H5Aget_space(attribute), "read an attribute's shape"));
  const auto points = h5_check(H5Sget_simple_extent_npoints(space.id()), "read an attribute's shape");
  const auto count = static_cast<std::uint64_t>(points);
  const std::size_t size = H5Tget_size(type.id());
  if (size == 0 || count > limit / size)
    throw H5CallFailed("read an attribute", "it claims " + std::to_string(count) + " values of " +
                                                std::to_string(size) + " bytes, more than the file has");
  const H5T_class_t kind = H5Tget_class(type.id());
  if (kind == H5T_STRING) return read_texts(attribute, type.id(), space.id(), count);
  if (kind != H5T_INTEGER && kind != H5T_FLOAT && kind != H5T_ENUM) return std::nullopt;
  const H5ElementType element = h5_element_type(type.id());
  if (element.dtype && !element.by_library) return read_numbers(attribute, type.id(), element, count);
  if (kind == H5T_ENUM) return std::nullopt;
  return read_converted(attribute, kind == H5T_FLOAT, count);
}

std::string name_of(hid_t attribute) {
  const auto length = h5_check(H5Aget_name(attribute, 0, nullptr), "read an attribute's name");
  std::string name(static_cast<std::size_t>(length), '\0');
  h5_check(H5Aget_name(attribute, name.size() + 1, name.data()), "read an attribute's name");
  return name;
}

/// Creation order where the object tracks it.
H5_index_t order_of(hid_t object) {
  const bool is_group = H5Iget_type(object) == H5I_GROUP;
  const H5Handle list(
      h5_check(is_group ? H5Gget_create_plist(object) : H5Dget_create_plist(object), "read how an object was made"));
  unsigned flags = 0;
  if (H5Pget_attr_creation_order(list.id(), &flags) < 0) return H5_INDEX_NAME;
  return flags & H5P_CRT_ORDER_TRACKED ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME;
}

}  // namespace

bool h5_has_attribute(hid_t object, const std::string& name) {
  return h5_check(H5Aexists(object, name.c_str()), "look for attribute '" + name + "'") > 0;
}

std::optional<AttributeValue> h5_attribute(hid_t object, const std::string& name, std::uint64_t limit) {
  if (!h5_has_attribute(object, name)) return std::nullopt;
  const H5Handle attribute(h5_check(H5Aopen(object, name.c_str(), H5P_DEFAULT), "open attribute '" + name + "'"));
  return read_attribute(attribute.id(), limit);
}

Attributes h5_attributes(hid_t object, std::uint64_t limit) {
  H5O_info_t info;
  h5_check(H5Oget_info2(object, &info, H5O_INFO_NUM_ATTRS), "count attributes");
  const bool is_scale = h5_has_attribute(object, "CLASS") && h5_has_attribute(object, "NAME");
  const H5_index_t order = order_of(object);
  Attributes attributes;
  for (hsize_t k = 0; k < info.num_attrs; ++k) {
    const H5Handle attribute(
        h5_check(H5Aopen_by_idx(object, ".", order, H5_ITER_INC, k, H5P_DEFAULT, H5P_DEFAULT), "open an attribute"));
    const std::string name = name_of(attribute.id());
    if (is_bookkeeping(name, is_scale)) continue;
    if (auto value = read_attribute(attribute.id(), limit)) attributes.set(name, std::move(*value));
  }
  return attributes;
}

}  // namespace dunlin
