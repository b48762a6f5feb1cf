// Element types print as NumPy names them, read back, and agree with C++'s types in size and kind.

#include "dunlin/base/dtype.hpp"

#include <gtest/gtest.h>

namespace dunlin {
namespace {

struct Case {
  DType type;
  const char* name;
  std::size_t size, swap_size;
};

const Case kCases[] = {
    {DType::boolean, "bool", 1, 1},
    {DType::int8, "int8", 1, 1},
    {DType::int16, "int16", 2, 2},
    {DType::int32, "int32", 4, 4},
    {DType::int64, "int64", 8, 8},
    {DType::uint8, "uint8", 1, 1},
    {DType::uint16, "uint16", 2, 2},
    {DType::uint32, "uint32", 4, 4},
    {DType::uint64, "uint64", 8, 8},
    {DType::float32, "float32", 4, 4},
    {DType::float64, "float64", 8, 8},
    {DType::complex64, "complex64", 8, 4},
    {DType::complex128, "complex128", 16, 8},
    {DType::bytes(1), "bytes1", 1, 1},
    {DType::bytes(12), "bytes12", 12, 1},
};

TEST(DType, NamesAndSizesAreNumPysAndNamesReadBack) {
  for (const auto& [type, name, size, swap_size] : kCases) {
    EXPECT_EQ(to_string(type), name);
    EXPECT_EQ(type.size(), size) << name;
    EXPECT_EQ(type.swap_size(), swap_size) << name;
    EXPECT_EQ(parse_dtype(name), type) << name;
  }
}

TEST(DType, OtherNamesAreNoTypes) {
  for (const char* name :
       {"", "float", "Float32", "int128", "bytes", "bytes0", "bytes-1", "bytes4x", "bytes 4", "bytes99999999999"})
    EXPECT_EQ(parse_dtype(name), std::nullopt) << "'" << name << "'";
}

TEST(DType, EqualityTellsRawSizesApart) {
  EXPECT_FALSE(DType::bytes(4) == DType::bytes(5));
  EXPECT_FALSE(DType::bytes(1) == DType(DType::uint8));
  EXPECT_TRUE(DType::bytes(4) == DType::bytes(4));
}

TEST(DType, EachTypeIsOfOneKindAtMost) {
  for (const auto& [type, name, size, swap_size] : kCases) {
    EXPECT_EQ(type.is_integer(), type.is_signed_integer() || type.is_unsigned_integer()) << name;
    EXPECT_EQ(type.is_real(), type.is_integer() || type.is_float()) << name;
    EXPECT_LE(type.is_signed_integer() + type.is_unsigned_integer() + type.is_float() + type.is_complex(), 1) << name;
  }
  EXPECT_FALSE(DType(DType::boolean).is_real());
  EXPECT_FALSE(DType::bytes(8).is_real());
  EXPECT_TRUE(DType(DType::complex64).is_complex());
}

TEST(DType, VisitingGivesTheTypeThatWasMeant) {
  for (const auto& [type, name, size, swap_size] : kCases) {
    if (type.is_real()) {
      EXPECT_EQ(visit_real(type, [](auto zero) { return dtype_of<decltype(zero)>(); }), type) << name;
    } else {
      EXPECT_THROW(visit_real(type, [](auto) {}), InternalError) << name;
    }
  }
  EXPECT_EQ(dtype_of<bool>(), DType::boolean);
  EXPECT_EQ(dtype_of<std::complex<float>>(), DType::complex64);
  EXPECT_EQ(dtype_of<std::complex<double>>(), DType::complex128);
}

}  // namespace
}  // namespace dunlin
