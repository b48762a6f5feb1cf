#pragma once
// Zarr hierarchies made by hand for tests: metadata as JSON values that a case changes in one place, and bytes from
// text.

#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "dunlin/io/store.hpp"
#include "zarr/zarr_group.hpp"

namespace dunlin::test {

using TestJson = nlohmann::ordered_json;

inline std::vector<std::byte> bytes_of(const std::string& text) {
  const auto* first = reinterpret_cast<const std::byte*>(text.data());
  return {first, first + text.size()};
}

template <class T>
std::vector<std::byte> bytes_of(const std::vector<T>& values) {
  std::vector<std::byte> bytes(values.size() * sizeof(T));
  if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

inline void put(Store& store, const std::string& key, const std::string& text) { store.write(key, bytes_of(text)); }

/// Valid metadata of a float32 array of shape (5, 3) in raw chunks of (2, 2).
inline TestJson array_node() {
  return TestJson::parse(R"({
    "zarr_format": 3, "node_type": "array", "shape": [5, 3], "data_type": "float32",
    "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [2, 2]}},
    "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
    "fill_value": 0.0, "codecs": [{"name": "bytes", "configuration": {"endian": "little"}}],
    "attributes": {}, "dimension_names": ["y", "x"], "storage_transformers": []})");
}

inline TestJson group_node() { return TestJson::parse(R"({"zarr_format": 3, "node_type": "group"})"); }

/// Opens a store that holds one array "x" with this metadata.
inline StoredGroup open_with(const std::shared_ptr<Store>& store, const TestJson& node) {
  put(*store, "zarr.json", group_node().dump());
  put(*store, "x/zarr.json", node.dump());
  return open_zarr(store, "memory", "");
}

}  // namespace dunlin::test
