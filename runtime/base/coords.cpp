#include "dunlin/base/coords.hpp"

namespace dunlin {

std::int64_t product(std::span<const std::int64_t> values) {
  std::int64_t result = 1;
  for (std::int64_t value : values) {
    if (__builtin_mul_overflow(result, value, &result))
      throw UsageError("an array of shape " + to_string(Coords(values.begin(), values.end())) +
                       " has more elements than 64-bit positions can count");
  }
  return result;
}

std::string to_string(const Coords& values) {
  std::string text = "(";
  for (std::size_t a = 0; a < values.size(); ++a) {
    if (a) text += ", ";
    text += values[a] == kUnknown ? "?" : std::to_string(values[a]);
  }
  if (values.size() == 1) text += ",";
  return text + ")";
}

}  // namespace dunlin
