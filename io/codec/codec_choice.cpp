#include <array>
#include <charconv>

#include "dunlin/io/stored_group.hpp"

namespace dunlin {
namespace {

struct Known {
  std::string_view name;
  int lowest, highest;  // levels; none where highest < lowest
};
constexpr std::array kKnown = {Known{"blosc-lz4", 1, 9}, Known{"blosc-zstd", 1, 9}, Known{"zstd", 1, 22},
                               Known{"gzip", 1, 9}, Known{"none", 0, -1}};
constexpr const char* kList = "blosc-lz4, blosc-zstd, zstd, gzip (each with a level, as in zstd:3) or none";

}  // namespace

CodecChoice parse_codec(const std::string& text) {
  const std::size_t colon = text.find(':');
  const std::string name = text.substr(0, colon);
  if (name == "lz4")
    throw UsageError("codec 'lz4': Zarr v3 has no codec of that name that zarr-python reads; use blosc-lz4");
  for (const Known& known : kKnown) {
    if (name != known.name) continue;
    CodecChoice choice{name, -1};
    if (colon == std::string::npos) return choice;
    if (known.highest < known.lowest) throw UsageError("codec '" + text + "': " + name + " takes no level");
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, choice.level);
    if (error != std::errc{} || stop != end || choice.level < known.lowest || choice.level > known.highest)
      throw UsageError("codec '" + text + "': " + name + " takes a level from " + std::to_string(known.lowest) +
                       " to " + std::to_string(known.highest) + ", not '" + text.substr(colon + 1) + "'");
    return choice;
  }
  std::array<std::string, kKnown.size()> names;
  for (std::size_t k = 0; k < kKnown.size(); ++k) names[k] = kKnown[k].name;
  throw UsageError("there is no codec '" + text + "'" + nearest_hint(name, names) + "; known are " + kList);
}

}  // namespace dunlin
