#include "base64.hpp"

#include <bit>
#include <cstdint>
#include <string_view>

namespace dunlin {
namespace {

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t kText = 12;  // eight bytes: eleven digits and one '='

}  // namespace

// Eight bytes are 64 bits: ten digits of 6 bits, and one whose last two bits are zero. The first byte in memory comes
// first, and in every byte the highest bit.
std::string base64_of(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  std::string text;
  unsigned window = 0;
  int filled = 0;
  for (int byte = 0; byte < 8; ++byte) {
    window = window << 8 | static_cast<unsigned>(bits >> (8 * byte) & 0xff);
    for (filled += 8; filled >= 6; filled -= 6) text += kDigits[window >> (filled - 6) & 63];
  }
  text += kDigits[window << (6 - filled) & 63];
  return text + '=';
}

std::optional<double> base64_double(const std::string& text) {
  if (text.size() != kText || text.back() != '=') return std::nullopt;
  std::uint64_t bits = 0;
  unsigned window = 0;
  int filled = 0, byte = 0;
  for (std::size_t k = 0; k + 1 < kText; ++k) {
    const std::size_t digit = kDigits.find(text[k]);
    if (digit == std::string_view::npos) return std::nullopt;
    window = window << 6 | static_cast<unsigned>(digit);
    filled += 6;
    if (filled < 8 || byte == 8) continue;
    filled -= 8;
    bits |= static_cast<std::uint64_t>(window >> filled & 0xff) << (8 * byte++);
  }
  if ((window & ((1u << filled) - 1)) != 0) return std::nullopt;
  return std::bit_cast<double>(bits);
}

}  // namespace dunlin
