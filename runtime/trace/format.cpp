#include "dunlin/trace/format.hpp"

#include <cmath>
#include <cstdint>
#include <cstdio>

namespace dunlin {
namespace {

/// "1 m 05 s"
std::string two_units(std::int64_t amount, int small_in_large, const char* large, const char* small) {
  char text[64];
  std::snprintf(text, sizeof text, "%lld %s %02d %s", static_cast<long long>(amount / small_in_large), large,
                static_cast<int>(amount % small_in_large), small);
  return text;
}

}  // namespace

std::string human_seconds(double seconds) {
  if (!(seconds >= 0 && seconds < 1e12)) return "?";
  // Each unit is rounded first and chosen then, so that nothing reads "60.0 s" or "1 m 60 s".
  const auto milliseconds = std::llround(seconds * 1e3), tenths = std::llround(seconds * 10);
  if (milliseconds < 1000) return std::to_string(milliseconds) + " ms";
  if (tenths < 600) return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
  const auto whole = std::llround(seconds), minutes = std::llround(seconds / 60), hours = std::llround(seconds / 3600);
  if (whole < 3600) return two_units(whole, 60, "m", "s");
  if (minutes < 24 * 60) return two_units(minutes, 60, "h", "m");
  return two_units(hours, 24, "d", "h");
}

}  // namespace dunlin
