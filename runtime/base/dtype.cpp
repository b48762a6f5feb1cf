#include "dunlin/base/dtype.hpp"

#include <bit>
#include <charconv>

namespace dunlin {
namespace {

static_assert(std::endian::native == std::endian::little, "Dunlin's files and messages assume a little-endian machine");

constexpr const char* kNames[] = {"bool",   "int8",   "int16",   "int32",   "int64",     "uint8",     "uint16",
                                  "uint32", "uint64", "float32", "float64", "complex64", "complex128"};

}  // namespace

std::string to_string(DType type) {
  if (type.kind() == DType::raw) return "bytes" + std::to_string(type.size());
  return kNames[type.kind()];
}

std::optional<DType> parse_dtype(const std::string& name) {
  for (int kind = 0; kind < DType::raw; ++kind)
    if (name == kNames[kind]) return DType(static_cast<DType::Kind>(kind));
  if (name.starts_with("bytes")) {
    std::uint32_t size = 0;
    const char* end = name.data() + name.size();
    const auto [stop, error] = std::from_chars(name.data() + 5, end, size);
    if (error == std::errc{} && stop == end && size > 0) return DType::bytes(size);
  }
  return std::nullopt;
}

}  // namespace dunlin
