#pragma once
// Element types as run-time values, as in NumPy and Zarr.
//
// A `DType` is a kind and a size in bytes. All kinds but `bytes` have one size; `bytes` is a fixed number of raw bytes
// (a netCDF `char` is bytes of size 1), which is stored and carried but not computed with. Values in memory are always
// in the byte order of this machine, which is little-endian on every platform that Dunlin supports.
//
//   to_string(DType::float32) == "float32"      parse_dtype("float32") == DType::float32
//   dtype_of<double>() == DType::float64        DType::bytes(4) prints as "bytes4"

#include <complex>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>

#include "dunlin/base/error.hpp"

namespace dunlin {

class DType {
 public:
  enum Kind : std::uint8_t {
    boolean,
    int8,
    int16,
    int32,
    int64,
    uint8,
    uint16,
    uint32,
    uint64,
    float32,
    float64,
    complex64,
    complex128,
    raw,
  };

  /// A computing type. Precondition: not `raw`, which needs a size (`DType::bytes`).
  constexpr DType(Kind kind = float64) : kind_(kind), size_(size_of(kind)) {}
  /// `size` raw bytes, at least one.
  static constexpr DType bytes(std::uint32_t size) {
    DType type(boolean);
    type.kind_ = raw;
    type.size_ = size;
    return type;
  }

  constexpr Kind kind() const { return kind_; }
  /// Bytes of one element.
  constexpr std::size_t size() const { return size_; }
  constexpr bool is_float() const { return kind_ == float32 || kind_ == float64; }
  constexpr bool is_complex() const { return kind_ == complex64 || kind_ == complex128; }
  constexpr bool is_signed_integer() const { return kind_ >= int8 && kind_ <= int64; }
  constexpr bool is_unsigned_integer() const { return kind_ >= uint8 && kind_ <= uint64; }
  constexpr bool is_integer() const { return is_signed_integer() || is_unsigned_integer(); }
  /// Real numbers: integers, floats, and not bool, complex or raw bytes.
  constexpr bool is_real() const { return is_integer() || is_float(); }
  /// Unit of byte order: the size of one number (a part of a complex one); 1 for raw bytes.
  constexpr std::size_t swap_size() const { return kind_ == raw ? 1 : is_complex() ? size_ / 2 : size_; }

  friend constexpr bool operator==(DType a, DType b) { return a.kind_ == b.kind_ && a.size_ == b.size_; }

 private:
  static constexpr std::uint32_t size_of(Kind kind) {
    constexpr std::uint32_t sizes[] = {1, 1, 2, 4, 8, 1, 2, 4, 8, 4, 8, 8, 16, 1};
    return sizes[kind];
  }
  Kind kind_;
  std::uint32_t size_;
};

/// NumPy's name: "bool", "int16", "float64", "complex64"; raw bytes as "bytes12".
std::string to_string(DType type);
/// Inverse of to_string; nothing where the name is none of ours.
std::optional<DType> parse_dtype(const std::string& name);

template <class T>
constexpr DType dtype_of() {
  if constexpr (std::is_same_v<T, bool>)
    return DType::boolean;
  else if constexpr (std::is_same_v<T, std::int8_t>)
    return DType::int8;
  else if constexpr (std::is_same_v<T, std::int16_t>)
    return DType::int16;
  else if constexpr (std::is_same_v<T, std::int32_t>)
    return DType::int32;
  else if constexpr (std::is_same_v<T, std::int64_t>)
    return DType::int64;
  else if constexpr (std::is_same_v<T, std::uint8_t>)
    return DType::uint8;
  else if constexpr (std::is_same_v<T, std::uint16_t>)
    return DType::uint16;
  else if constexpr (std::is_same_v<T, std::uint32_t>)
    return DType::uint32;
  else if constexpr (std::is_same_v<T, std::uint64_t>)
    return DType::uint64;
  else if constexpr (std::is_same_v<T, float>)
    return DType::float32;
  else if constexpr (std::is_same_v<T, double>)
    return DType::float64;
  else if constexpr (std::is_same_v<T, std::complex<float>>)
    return DType::complex64;
  else {
    static_assert(std::is_same_v<T, std::complex<double>>, "no DType for this C++ type");
    return DType::complex128;
  }
}

/// Calls `f` with a value-initialised number of the C++ type of a real dtype: visit_real(t, [](auto zero) {
/// using T = decltype(zero); … }). Returns f's result. Throws InternalError where the type is not real.
template <class F>
decltype(auto) visit_real(DType type, F&& f) {
  switch (type.kind()) {
    case DType::int8:
      return f(std::int8_t{});
    case DType::int16:
      return f(std::int16_t{});
    case DType::int32:
      return f(std::int32_t{});
    case DType::int64:
      return f(std::int64_t{});
    case DType::uint8:
      return f(std::uint8_t{});
    case DType::uint16:
      return f(std::uint16_t{});
    case DType::uint32:
      return f(std::uint32_t{});
    case DType::uint64:
      return f(std::uint64_t{});
    case DType::float32:
      return f(float{});
    case DType::float64:
      return f(double{});
    default:
      throw InternalError("visit_real: " + to_string(type) + " is no real type");
  }
}

}  // namespace dunlin
