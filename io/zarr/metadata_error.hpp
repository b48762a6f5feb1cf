#pragma once
// What can be wrong with a zarr.json. `where` names the file (and, in consolidated metadata, the entry), `key` the path
// inside it: "chunk_grid.configuration.chunk_shape".

#include <string>

#include "dunlin/base/error.hpp"

namespace dunlin {

/// Metadata that breaks the Zarr v3 specification.
struct BadMetadata : InputError {
  BadMetadata(const std::string& where, const std::string& key, const std::string& sentence)
      : InputError(where + (key.empty() ? " " : ": '" + key + "' ") + sentence), where(where), key(key) {}
  std::string where, key;
};

/// Valid metadata of a kind that is not read: another type, codec, grid or extension. Opening a group skips the array.
struct UnsupportedMetadata : InputError {
  UnsupportedMetadata(const std::string& where, const std::string& reason)
      : InputError(where + ": " + reason), reason(reason) {}
  std::string reason;
};

}  // namespace dunlin
