#include "h5_type.hpp"

namespace dunlin {
namespace {

struct KnownType {
  hid_t type;
  DType dtype;
  bool swapped;
};

H5ElementType number_type(hid_t type) {
  // The identifiers are variables of the library, filled when it starts: no constant table.
  const KnownType known[] = {
      {H5T_STD_I8LE, DType::int8, false},      {H5T_STD_I8BE, DType::int8, false},
      {H5T_STD_U8LE, DType::uint8, false},     {H5T_STD_U8BE, DType::uint8, false},
      {H5T_STD_I16LE, DType::int16, false},    {H5T_STD_I16BE, DType::int16, true},
      {H5T_STD_U16LE, DType::uint16, false},   {H5T_STD_U16BE, DType::uint16, true},
      {H5T_STD_I32LE, DType::int32, false},    {H5T_STD_I32BE, DType::int32, true},
      {H5T_STD_U32LE, DType::uint32, false},   {H5T_STD_U32BE, DType::uint32, true},
      {H5T_STD_I64LE, DType::int64, false},    {H5T_STD_I64BE, DType::int64, true},
      {H5T_STD_U64LE, DType::uint64, false},   {H5T_STD_U64BE, DType::uint64, true},
      {H5T_IEEE_F32LE, DType::float32, false}, {H5T_IEEE_F32BE, DType::float32, true},
      {H5T_IEEE_F64LE, DType::float64, false}, {H5T_IEEE_F64BE, DType::float64, true},
  };
  for (const KnownType& one : known)
    if (h5_check(H5Tequal(type, one.type), "compare types") > 0) return {.dtype = one.dtype, .swapped = one.swapped};
  const std::string size = std::to_string(H5Tget_size(type)) + " bytes";
  if (H5Tget_class(type) == H5T_FLOAT)
    return {.reason = "a floating-point format of " + size + " other than IEEE 4 and 8"};
  const H5Handle native(h5_check(H5Tget_native_type(type, H5T_DIR_DEFAULT), "read a type"));
  for (const KnownType& one : known)
    if (h5_check(H5Tequal(native.id(), one.type), "compare types") > 0) return {.dtype = one.dtype, .by_library = true};
  return {.reason = "an integer of unusual bits in " + size};
}

H5ElementType text_type(hid_t type) {
  if (h5_check(H5Tis_variable_str(type), "read a type") > 0) return {.reason = "variable-length text"};
  const std::size_t size = H5Tget_size(type);
  if (size == 0 || size > UINT32_MAX) return {.reason = "text of a length that is not possible"};
  return {.dtype = DType::bytes(static_cast<std::uint32_t>(size))};
}

}  // namespace

H5ElementType h5_element_type(hid_t type) {
  switch (h5_check(H5Tget_class(type), "read a type")) {
    case H5T_INTEGER:
    case H5T_FLOAT:
      return number_type(type);
    case H5T_ENUM: {
      const H5Handle base(h5_check(H5Tget_super(type), "read an enumeration's base type"));
      return h5_element_type(base.id());
    }
    case H5T_STRING:
      return text_type(type);
    case H5T_VLEN:
      return {.reason = "lists of variable length"};
    case H5T_COMPOUND:
      return {.reason = "compound values"};
    case H5T_REFERENCE:
      return {.reason = "references"};
    case H5T_OPAQUE:
      return {.reason = "opaque bytes"};
    case H5T_BITFIELD:
      return {.reason = "bit fields"};
    case H5T_ARRAY:
      return {.reason = "arrays inside elements"};
    default:
      return {.reason = "of an unknown class"};
  }
}

}  // namespace dunlin
