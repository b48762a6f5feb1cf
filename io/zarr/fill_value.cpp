#include "fill_value.hpp"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>

#include "metadata_error.hpp"

namespace dunlin {
namespace {

[[noreturn]] void reject(const std::string& where, DType dtype, const Json& value, const char* expected) {
  throw BadMetadata(where, "fill_value",
                    "of a " + to_string(dtype) + " array is expected to be " + expected + ", found " + brief(value));
}

template <class T>
std::vector<std::byte> bytes_of(const T& value) {
  std::vector<std::byte> bytes(sizeof value);
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

template <class T>
T value_of(std::span<const std::byte> bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

template <class T>
using BitsOf = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;

template <class T>
T integer_from(const Json& value, DType dtype, const std::string& where) {
  constexpr const char* kExpected = "a whole number in the type's range";
  if (!value.is_number_integer()) reject(where, dtype, value, kExpected);
  if (value.is_number_unsigned()) {
    const auto number = value.get<std::uint64_t>();
    if (number > static_cast<std::uint64_t>(std::numeric_limits<T>::max())) reject(where, dtype, value, kExpected);
    return static_cast<T>(number);
  }
  const auto number = value.get<std::int64_t>();
  if (number < static_cast<std::int64_t>(std::numeric_limits<T>::min())) reject(where, dtype, value, kExpected);
  return static_cast<T>(number);
}

template <class T>
T real_from(const Json& value, DType dtype, const std::string& where) {
  constexpr const char* kExpected = "a number, \"NaN\", \"Infinity\", \"-Infinity\" or its bits as \"0x...\"";
  if (value.is_number()) {
    const auto number = value.get<double>();
    const auto narrow = static_cast<T>(number);
    if (!std::isfinite(number) || !std::isfinite(narrow)) reject(where, dtype, value, kExpected);
    return narrow;
  }
  if (!value.is_string()) reject(where, dtype, value, kExpected);
  const auto& text = value.get_ref<const std::string&>();
  if (text == "NaN") return std::numeric_limits<T>::quiet_NaN();
  if (text == "Infinity") return std::numeric_limits<T>::infinity();
  if (text == "-Infinity") return -std::numeric_limits<T>::infinity();
  BitsOf<T> bits = 0;
  if (!text.starts_with("0x") || text.size() != 2 + 2 * sizeof(T)) reject(where, dtype, value, kExpected);
  const auto [stop, error] = std::from_chars(text.data() + 2, text.data() + text.size(), bits, 16);
  if (error != std::errc{} || stop != text.data() + text.size()) reject(where, dtype, value, kExpected);
  return std::bit_cast<T>(bits);
}

template <class T>
std::vector<std::byte> complex_from(const Json& value, DType dtype, const std::string& where) {
  if (!value.is_array() || value.size() != 2) reject(where, dtype, value, "a pair of numbers");
  const T parts[2] = {real_from<T>(value[0], dtype, where), real_from<T>(value[1], dtype, where)};
  return bytes_of(parts);
}

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// RFC 4648 with padding; false where the text is none.
bool decode_base64(std::string_view text, std::vector<std::byte>& out) {
  if (text.size() % 4 != 0) return false;
  while (text.size() >= 4) {
    const bool last = text.size() == 4;
    const int padding = last && text[3] == '=' ? (text[2] == '=' ? 2 : 1) : 0;
    std::uint32_t bits = 0;
    for (int k = 0; k < 4; ++k) {
      const std::size_t digit = k >= 4 - padding ? 0 : kBase64.find(text[k]);
      if (digit == std::string_view::npos) return false;
      bits = bits << 6 | static_cast<std::uint32_t>(digit);
    }
    for (int k = 0; k < 3 - padding; ++k) out.push_back(std::byte(bits >> (16 - 8 * k) & 0xff));
    text.remove_prefix(4);
  }
  return true;
}

std::string encode_base64(std::span<const std::byte> bytes) {
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k)
      bits = bits << 8 | (k < count ? std::to_integer<std::uint32_t>(bytes[at + k]) : 0);
    for (std::size_t k = 0; k < 4; ++k) text += k <= count ? kBase64[bits >> (18 - 6 * k) & 63] : '=';
  }
  return text;
}

std::vector<std::byte> raw_from(const Json& value, DType dtype, const std::string& where) {
  constexpr const char* kExpected = "Base64 text or a list of numbers from 0 to 255, of the type's length";
  std::vector<std::byte> bytes;
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    if (text.size() > 2 * dtype.size() + 4 || !decode_base64(text, bytes)) reject(where, dtype, value, kExpected);
    if (bytes.size() > dtype.size()) reject(where, dtype, value, kExpected);
    bytes.resize(dtype.size());
    return bytes;
  }
  if (!value.is_array() || value.size() != dtype.size()) reject(where, dtype, value, kExpected);
  for (const Json& item : value) {
    if (!item.is_number_unsigned() || item.get<std::uint64_t>() > 255) reject(where, dtype, value, kExpected);
    bytes.push_back(std::byte(item.get<unsigned>()));
  }
  return bytes;
}

template <class T>
Json real_to(T value) {
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  if (!std::isnan(value)) return static_cast<double>(value);
  const auto bits = std::bit_cast<BitsOf<T>>(value);
  if (bits == std::bit_cast<BitsOf<T>>(std::numeric_limits<T>::quiet_NaN())) return "NaN";
  std::string digits(2 * sizeof(T), '0');
  for (std::size_t k = 0; k < digits.size(); ++k)
    digits[digits.size() - 1 - k] = "0123456789abcdef"[bits >> (4 * k) & 15];
  return "0x" + digits;
}

}  // namespace

std::vector<std::byte> fill_from_json(const Json& value, DType dtype, const std::string& where) {
  switch (dtype.kind()) {
    case DType::boolean:
      if (!value.is_boolean()) reject(where, dtype, value, "true or false");
      return {std::byte(value.get<bool>() ? 1 : 0)};
    case DType::complex64:
      return complex_from<float>(value, dtype, where);
    case DType::complex128:
      return complex_from<double>(value, dtype, where);
    case DType::raw:
      return raw_from(value, dtype, where);
    default:
      break;
  }
  return visit_real(dtype, [&](auto zero) {
    using T = decltype(zero);
    if constexpr (std::is_floating_point_v<T>)
      return bytes_of(real_from<T>(value, dtype, where));
    else
      return bytes_of(integer_from<T>(value, dtype, where));
  });
}

Json fill_to_json(std::span<const std::byte> fill, DType dtype) {
  require(fill.size() == dtype.size(), "a fill value has the size of its dtype");
  switch (dtype.kind()) {
    case DType::boolean:
      return fill[0] != std::byte{0};
    case DType::complex64:
      return Json::array({real_to(value_of<float>(fill)), real_to(value_of<float>(fill.subspan(4)))});
    case DType::complex128:
      return Json::array({real_to(value_of<double>(fill)), real_to(value_of<double>(fill.subspan(8)))});
    case DType::raw: {
      while (!fill.empty() && fill.back() == std::byte{0}) fill = fill.first(fill.size() - 1);
      return encode_base64(fill);
    }
    default:
      break;
  }
  return visit_real(dtype, [&](auto zero) -> Json {
    using T = decltype(zero);
    if constexpr (std::is_floating_point_v<T>)
      return real_to(value_of<T>(fill));
    else
      return value_of<T>(fill);
  });
}

}  // namespace dunlin
