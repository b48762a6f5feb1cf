// HDF5's Fletcher-32, as its "Data Processing" filter 3 stores it: the bytes are taken as big-endian 16-bit words, an
// odd last byte as the high half of one more; two running sums modulo 65535 (in ones' complement, so that 65535 may
// stand for 0); the second sum is the high half of the result, which is stored little-endian.
//
//   s1 = Σ word            s2 = Σ s1 after each word            result = s2 << 16 | s1

#include <algorithm>

#include "checksum.hpp"

namespace dunlin {
namespace {

inline std::uint32_t fold(std::uint32_t sum) { return (sum & 0xffff) + (sum >> 16); }

class Fletcher32 final : public Checksum {
 public:
  std::string name() const override { return "fletcher32"; }

 private:
  std::uint32_t compute(std::span<const std::byte> bytes) const override {
    // 360 words are the most whose second sum fits 32 bits before it is folded.
    constexpr std::size_t kWords = 360;
    std::uint32_t first = 0, second = 0;
    const auto byte = [&](std::size_t at) { return std::to_integer<std::uint32_t>(bytes[at]); };
    std::size_t at = 0;
    const std::size_t even = bytes.size() & ~std::size_t{1};
    while (at < even) {
      const std::size_t stop = std::min(even, at + 2 * kWords);
      for (; at < stop; at += 2) {
        first += byte(at) << 8 | byte(at + 1);
        second += first;
      }
      first = fold(first);
      second = fold(second);
    }
    if (even < bytes.size()) {
      first += byte(even) << 8;
      second += first;
      first = fold(first);
      second = fold(second);
    }
    return fold(second) << 16 | fold(first);
  }
  bool matches(std::uint32_t computed, std::uint32_t stored) const override {
    // Old HDF5 libraries (before 1.6.3) on little-endian machines stored each half with its bytes exchanged.
    const std::uint32_t exchanged = (computed & 0x00ff00ff) << 8 | (computed >> 8 & 0x00ff00ff);
    return computed == stored || exchanged == stored;
  }
};

}  // namespace

CodecPtr make_fletcher32() { return std::make_shared<Fletcher32>(); }

}  // namespace dunlin
