#include "dunlin/base/byte_size.hpp"

#include <charconv>
#include <cmath>
#include <cstdio>

namespace dunlin {
namespace {

constexpr const char kUnits[] = "KMGTPE";

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

/// Power of 1024 that a unit stands for, or -1.
int power_of(const std::string& unit) {
  if (unit.empty() || unit == "B") return 0;
  const std::string rest = unit.substr(1);
  if (rest != "" && rest != "B" && rest != "IB") return -1;
  for (int power = 1; power <= 5; ++power)
    if (unit[0] == kUnits[power - 1]) return power;
  return -1;
}

}  // namespace

BadByteSize::BadByteSize(const std::string& text)
    : UsageError("'" + text +
                 "' is no amount of memory: give a number and K, M, G or T (binary units), for example 200M or 1.5GiB"),
      text(text) {}

std::int64_t parse_byte_size(const std::string& text) {
  double number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  const char* unit_begin = stop;
  while (unit_begin != end && *unit_begin == ' ') ++unit_begin;
  std::string unit;
  for (const char* c = unit_begin; c != end; ++c) unit += upper(*c);

  const int power = power_of(unit);
  if (error != std::errc{} || power < 0 || std::signbit(number) || !std::isfinite(number)) throw BadByteSize(text);
  const double bytes = std::ldexp(number, 10 * power);
  if (bytes >= 0x1p63) throw BadByteSize(text);
  return static_cast<std::int64_t>(bytes);
}

std::string human_bytes(std::int64_t bytes) {
  if (bytes < 1024) return std::to_string(bytes) + " B";
  double amount = static_cast<double>(bytes);
  int power = 0;
  // 1023.95 and more would print as "1024.0": such amounts go to the next unit.
  do amount /= 1024, ++power;
  while (amount >= 1023.95);
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %ciB", amount, kUnits[power - 1]);
  return text;
}

}  // namespace dunlin
