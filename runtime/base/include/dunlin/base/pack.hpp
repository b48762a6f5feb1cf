#pragma once
// A flat byte record: what ranks send one another about metadata and errors. Written and read in the same order by the
// same program, never stored in files.
//
//   record := field*          field := 8-byte little-endian number | string | bytes
//   string := number length, that many bytes
//
//   Packer out;  out.number(3);  out.text("time");           // 8 + 8 + 4 bytes
//   Unpacker in(out.bytes());  in.number();  in.text();

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "dunlin/base/coords.hpp"

namespace dunlin {

class Packer {
 public:
  void number(std::int64_t value) { append(&value, sizeof value); }
  void real(double value) { number(std::bit_cast<std::int64_t>(value)); }
  void text(const std::string& value) { block({reinterpret_cast<const std::byte*>(value.data()), value.size()}); }
  void block(std::span<const std::byte> value) {
    number(static_cast<std::int64_t>(value.size()));
    append(value.data(), value.size());
  }
  void coords(const Coords& values) {
    number(static_cast<std::int64_t>(values.size()));
    for (std::int64_t value : values) number(value);
  }
  const std::vector<std::byte>& bytes() const { return bytes_; }

 private:
  void append(const void* data, std::size_t size) {
    const auto* first = static_cast<const std::byte*>(data);
    bytes_.insert(bytes_.end(), first, first + size);
  }
  std::vector<std::byte> bytes_;
};

/// Reads what a Packer wrote. Borrows the bytes. Throws InternalError where the record ends too early.
class Unpacker {
 public:
  explicit Unpacker(std::span<const std::byte> bytes) : rest_(bytes) {}
  std::int64_t number() {
    std::int64_t value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  double real() { return std::bit_cast<double>(number()); }
  std::string text() {
    const auto value = block();
    return {reinterpret_cast<const char*>(value.data()), value.size()};
  }
  std::span<const std::byte> block() { return take(static_cast<std::size_t>(number())); }
  Coords coords() {
    Coords values(static_cast<std::size_t>(number()), 0);
    for (std::int64_t& value : values) value = number();
    return values;
  }
  bool done() const { return rest_.empty(); }

 private:
  std::span<const std::byte> take(std::size_t size) {
    require(size <= rest_.size(), "a packed record ends before its last field");
    const auto value = rest_.first(size);
    rest_ = rest_.subspan(size);
    return value;
  }
  std::span<const std::byte> rest_;
};

}  // namespace dunlin
