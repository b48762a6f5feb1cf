#pragma once
// Small checked steps into a JSON value: what every reader of metadata needs. Each throws BadMetadata naming the key.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "json_text.hpp"
#include "metadata_error.hpp"

namespace dunlin {

/// A value with its place, so that a mistake can be named.
struct Place {
  std::string where;  // file and entry
  std::string key;    // path inside
  Place at(const std::string& name) const { return {where, key.empty() ? name : key + "." + name}; }
  [[noreturn]] void expected(const std::string& what, const Json& found) const {
    throw BadMetadata(where, key, "is expected to be " + what + ", found " + brief(found));
  }
  [[noreturn]] void missing(const std::string& what) const {
    throw BadMetadata(where, key, "is missing: " + what + " is expected");
  }
};

/// A member of an object, or null where it is absent.
inline const Json* member(const Json& object, const std::string& name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

inline const Json& needed(const Json& object, const Place& place, const std::string& name, const char* what) {
  const Json* value = member(object, name);
  if (!value) place.at(name).missing(what);
  return *value;
}

inline std::int64_t whole_number(const Json& value, const Place& place, std::int64_t lowest, std::int64_t highest) {
  const bool small = value.is_number_integer() &&
                     (!value.is_number_unsigned() || value.get<std::uint64_t>() <= std::uint64_t{INT64_MAX});
  if (!small || value.get<std::int64_t>() < lowest || value.get<std::int64_t>() > highest)
    place.expected("a whole number " + (highest == INT64_MAX
                                            ? "of at least " + std::to_string(lowest)
                                            : "from " + std::to_string(lowest) + " to " + std::to_string(highest)),
                   value);
  return value.get<std::int64_t>();
}

inline std::vector<std::int64_t> whole_numbers(const Json& value, const Place& place, std::int64_t lowest) {
  if (!value.is_array()) place.expected("a list of whole numbers", value);
  std::vector<std::int64_t> numbers;
  for (const Json& item : value) numbers.push_back(whole_number(item, place, lowest, INT64_MAX));
  return numbers;
}

inline const std::string& text_of(const Json& value, const Place& place) {
  if (!value.is_string()) place.expected("a text", value);
  return value.get_ref<const std::string&>();
}

/// An extension point: "name", or {"name": …, "configuration": {…}}. Without a configuration an empty one.
struct Extension {
  std::string name;
  Json configuration;
  Place place;  // of the configuration
};

inline Extension extension_of(const Json& value, const Place& place) {
  if (value.is_string()) return {value.get<std::string>(), Json::object(), place.at("configuration")};
  if (!value.is_object()) place.expected("a name or an object with a name", value);
  Extension extension{text_of(needed(value, place, "name", "a text"), place.at("name")), Json::object(),
                      place.at("configuration")};
  if (const Json* configuration = member(value, "configuration")) {
    if (!configuration->is_object()) extension.place.expected("an object", *configuration);
    extension.configuration = *configuration;
  }
  return extension;
}

}  // namespace dunlin
