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
    if (h5_check(H5Tequal(type, one.type), "compare types") > 0) return {one.dtype, one.swapped, ""};
  const std::string size = std::to_string(H5Tget_size(type));
  return {std::nullopt, false,
          H5Tget_class(type) == H5T_FLOAT ? "a floating-point format of " + size + " bytes other than IEEE 4 and 8"
                                          : "an integer of unusual bits in " + size + " bytes"};
}

H5ElementType text_type(hid_t type) {
  if (h5_check(H5Tis_variable_str(type), "read a type") > 0) return {std::nullopt, false, "variable-length text"};
  const std::size_t size = H5Tget_size(type);
  if (size == 0 || size > UINT32_MAX) return {std::nullopt, false, "text of a length that is not possible"};
  return {DType::bytes(static_cast<std::uint32_t>(size)), false, ""};
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
      return {std::nullopt, false, "lists of variable length"};
    case H5T_COMPOUND:
      return {std::nullopt, false, "compound values"};
    case H5T_REFERENCE:
      return {std::nullopt, false, "references"};
    case H5T_OPAQUE:
      return {std::nullopt, false, "opaque bytes"};
    case H5T_BITFIELD:
      return {std::nullopt, false, "bit fields"};
    case H5T_ARRAY:
      return {std::nullopt, false, "arrays inside elements"};
    default:
      return {std::nullopt, false, "of an unknown class"};
  }
}

}  // namespace dunlin
