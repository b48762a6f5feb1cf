#include "dunlin/labelled/chunk_choice.hpp"

#include <algorithm>
#include <charconv>

namespace dunlin {
namespace {

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t");
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    parts.push_back(trimmed(text.substr(at, comma - at)));
    at = comma + 1;
  }
  return parts;
}

}  // namespace

BadChunkChoice::BadChunkChoice(const std::string& text, const std::string& reason)
    : UsageError("chunks '" + text + "': " + reason) {}

ChunkChoice ChunkChoice::parse(const std::string& text) {
  ChunkChoice choice;
  for (const std::string& part : split(text)) {
    Entry entry;
    const std::size_t equals = part.rfind('=');
    const std::string length = trimmed(equals == std::string::npos ? part : part.substr(equals + 1));
    if (equals != std::string::npos) {
      entry.name = trimmed(part.substr(0, equals));
      if (entry.name.empty()) throw BadChunkChoice(text, "there is no name before '='; expected like 'time=1,lat=all'");
    }
    if (length != "all") {
      const char* end = length.data() + length.size();
      const auto [stop, error] = std::from_chars(length.data(), end, entry.length);
      if (error != std::errc() || stop != end || entry.length < 1)
        throw BadChunkChoice(text, "'" + length + "' is no chunk length: it is a positive number or 'all'");
    }
    if (!choice.entries_.empty() && choice.entries_[0].name.empty() != entry.name.empty())
      throw BadChunkChoice(text, "give either all lengths by name or all by position");
    const auto same = [&](const Entry& other) { return !entry.name.empty() && other.name == entry.name; };
    if (std::any_of(choice.entries_.begin(), choice.entries_.end(), same))
      throw BadChunkChoice(text, "'" + entry.name + "' is named twice");
    choice.entries_.push_back(std::move(entry));
  }
  choice.text_ = text;
  return choice;
}

void ChunkChoice::check(const std::vector<Dimension>& dimensions, std::span<const Variable* const> data) const {
  if (entries_.empty()) return;
  std::vector<std::string> known;
  for (const Dimension& dimension : dimensions) known.push_back(dimension.name);
  for (const Entry& entry : entries_)
    if (!entry.name.empty() && std::find(known.begin(), known.end(), entry.name) == known.end())
      throw NoSuchDimension(entry.name, known);
  const auto fits = [&](const Variable* variable) { return variable->dims.size() == entries_.size(); };
  if (entries_[0].name.empty() && std::none_of(data.begin(), data.end(), fits))
    throw BadChunkChoice(text_, "there are " + std::to_string(entries_.size()) +
                                    " lengths, and no data variable has so many dimensions; give one per dimension");
}

ChunkGrid ChunkChoice::apply(const std::vector<std::string>& dims, const ChunkGrid& grid) const {
  const bool by_position = !entries_.empty() && entries_[0].name.empty() && entries_.size() == dims.size();
  Shape chunk;
  for (int a = 0; a < grid.rank(); ++a) {
    const std::int64_t most = std::max<std::int64_t>(grid.length(a), 1);
    std::int64_t length = std::max<std::int64_t>(grid.largest(a), 1);
    for (std::size_t k = 0; k < entries_.size(); ++k) {
      const Entry& entry = entries_[k];
      const auto axis = static_cast<std::size_t>(a);
      if (by_position ? k == axis : !entry.name.empty() && entry.name == dims[axis])
        length = entry.length == 0 ? most : std::min(entry.length, most);
    }
    chunk.push_back(length);
  }
  return ChunkGrid::regular(grid.shape(), chunk);
}

}  // namespace dunlin
