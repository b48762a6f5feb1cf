#pragma once
// A codec that appends four bytes of checksum to bytes it does not change. The concrete one says how to compute and to
// compare.

#include <cstring>

#include "codecs.hpp"

namespace dunlin {

class Checksum : public Codec {
 public:
  std::size_t encoded_bound(std::size_t decoded) const override { return decoded + 4; }
  bool fixed_size() const override { return true; }
  std::size_t encode(std::span<const std::byte> in, std::span<std::byte> out) const override {
    require(out.size() >= in.size() + 4, "a checksum needs four bytes more than its input");
    if (!in.empty()) std::memcpy(out.data(), in.data(), in.size());
    const std::uint32_t sum = compute(in);
    std::memcpy(out.data() + in.size(), &sum, 4);  // little-endian, as this machine is
    return in.size() + 4;
  }
  std::size_t decode(std::span<const std::byte> in, std::span<std::byte> out) const override {
    if (in.size() < 4) throw BadData(name() + ": " + std::to_string(in.size()) + " bytes are too short for a checksum");
    const auto data = in.first(in.size() - 4);
    if (data.size() > out.size())
      throw BadData(name() + ": " + std::to_string(data.size()) + " bytes where " + std::to_string(out.size()) +
                    " are promised");
    std::uint32_t stored;
    std::memcpy(&stored, in.data() + data.size(), 4);
    if (!matches(compute(data), stored)) throw BadData(name() + ": the checksum does not match the bytes");
    if (!data.empty()) std::memcpy(out.data(), data.data(), data.size());
    return data.size();
  }

 private:
  virtual std::uint32_t compute(std::span<const std::byte> bytes) const = 0;
  virtual bool matches(std::uint32_t computed, std::uint32_t stored) const { return computed == stored; }
};

}  // namespace dunlin
