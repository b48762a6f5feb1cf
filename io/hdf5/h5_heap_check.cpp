#include "h5_heap_check.hpp"

#include <cstdint>
#include <cstring>

namespace dunlin {
namespace {

constexpr std::size_t kAlignment = 8;

std::uint64_t little_endian(std::span<const std::byte> bytes) {
  std::uint64_t value = 0;
  for (std::size_t k = bytes.size(); k > 0; --k) value = value << 8 | std::to_integer<std::uint64_t>(bytes[k - 1]);
  return value;
}

}  // namespace

bool is_global_heap(std::span<const std::byte> bytes) {
  return bytes.size() >= 16 && std::memcmp(bytes.data(), "GCOL", 4) == 0;
}

std::uint64_t global_heap_size(std::span<const std::byte> bytes, std::size_t length_size) {
  return little_endian(bytes.subspan(8, length_size));
}

bool is_sound_global_heap(std::span<const std::byte> bytes, std::size_t length_size) {
  const std::size_t header = 8 + length_size;
  if (bytes.size() < header || global_heap_size(bytes, length_size) != bytes.size()) return false;
  std::span<const std::byte> rest = bytes.subspan(header);
  while (rest.size() >= header) {
    const std::uint64_t index = little_endian(rest.first(2));
    const std::uint64_t length = little_endian(rest.subspan(8, length_size));
    if (length > rest.size()) return false;
    const std::uint64_t padded = (length + kAlignment - 1) / kAlignment * kAlignment;
    const std::uint64_t needed = index == 0 ? length : header + padded;
    if (needed == 0 || needed > rest.size()) return false;
    rest = rest.subspan(needed);
  }
  return true;
}

}  // namespace dunlin
