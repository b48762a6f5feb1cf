#include <bit>
#include <cstring>

#include "codecs.hpp"

namespace dunlin {
namespace {

inline std::uint16_t reversed(std::uint16_t v) { return __builtin_bswap16(v); }
inline std::uint32_t reversed(std::uint32_t v) { return __builtin_bswap32(v); }
inline std::uint64_t reversed(std::uint64_t v) { return __builtin_bswap64(v); }

template <class Word>
void swap_words(std::span<std::byte> bytes) {
  for (std::size_t at = 0; at < bytes.size(); at += sizeof(Word)) {
    Word word;
    std::memcpy(&word, bytes.data() + at, sizeof word);
    word = reversed(word);
    std::memcpy(bytes.data() + at, &word, sizeof word);
  }
}

class ByteSwap final : public Codec {
 public:
  explicit ByteSwap(std::size_t width) : width_(width) {}
  std::string name() const override { return "big-endian"; }
  std::size_t encoded_bound(std::size_t decoded) const override { return decoded; }
  bool fixed_size() const override { return true; }
  std::size_t encode(std::span<const std::byte> in, std::span<std::byte> out) const override {
    if (in.size() % width_ != 0)
      throw BadData("big-endian numbers of " + std::to_string(width_) + " bytes: " + std::to_string(in.size()) +
                    " bytes are no whole number of them");
    if (out.size() < in.size())
      throw BadData("big-endian: " + std::to_string(in.size()) + " bytes where " + std::to_string(out.size()) +
                    " are promised");
    if (!in.empty()) std::memcpy(out.data(), in.data(), in.size());
    swap_bytes(out.first(in.size()), width_);
    return in.size();
  }
  std::size_t decode(std::span<const std::byte> in, std::span<std::byte> out) const override { return encode(in, out); }

 private:
  std::size_t width_;
};

}  // namespace

void swap_bytes(std::span<std::byte> bytes, std::size_t width) {
  require(width > 0 && bytes.size() % width == 0, "swap_bytes: the size is a multiple of the width");
  switch (width) {
    case 1:
      return;
    case 2:
      return swap_words<std::uint16_t>(bytes);
    case 4:
      return swap_words<std::uint32_t>(bytes);
    case 8:
      return swap_words<std::uint64_t>(bytes);
    default:
      throw InternalError("swap_bytes: no number has " + std::to_string(width) + " bytes");
  }
}

CodecPtr make_byte_swap(std::size_t width) {
  require(width == 1 || width == 2 || width == 4 || width == 8, "make_byte_swap: width 1, 2, 4 or 8");
  return std::make_shared<ByteSwap>(width);
}

}  // namespace dunlin
