#include "dunlin/io/store.hpp"

namespace dunlin {

BadKey::BadKey(const std::string& key)
    : InputError("'" + key +
                 "' is no key of a store: expected names separated by single slashes, none of them '.', '..' or with a "
                 "backslash or NUL in it"),
      key(key) {}

NoValue::NoValue(const std::string& location, const std::string& found)
    : StorageError(location + " " + found +
                   ", where a file is expected: the store is damaged or was copied in part; put the file back"),
      location(location) {}

void check_key(const std::string& key) {
  if (key.find('\0') != std::string::npos || key.find('\\') != std::string::npos) throw BadKey(key);
  for (std::size_t begin = 0; begin <= key.size();) {
    const std::size_t slash = std::min(key.find('/', begin), key.size());
    const std::string_view part(key.data() + begin, slash - begin);
    if (part.empty() || part == "." || part == "..") throw BadKey(key);
    begin = slash + 1;
  }
}

std::optional<std::vector<std::byte>> Store::read_all(const std::string& key, std::uint64_t limit) const {
  const auto bytes = size(key);
  if (!bytes) return std::nullopt;
  if (*bytes > limit)
    throw InputError(location(key) + " has " + std::to_string(*bytes) + " bytes: at most " + std::to_string(limit) +
                     " are read of such a file");
  std::vector<std::byte> content(static_cast<std::size_t>(*bytes));
  if (!content.empty()) read(key, 0, content);
  return content;
}

}  // namespace dunlin
