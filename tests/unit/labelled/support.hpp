#pragma once
// Variables without files or runs: layers that are never computed, coordinates whose values are at hand.

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "dunlin/graph/source.hpp"
#include "dunlin/labelled/dataset.hpp"

namespace dunlin::test {

using Named = std::pair<std::string, AttributeValue>;

inline AttributeValue text(const std::string& value) { return AttributeValue::text(value); }

inline Attributes attributes(const std::vector<Named>& entries) {
  Attributes result;
  for (const auto& [name, value] : entries) result.set(name, value);
  return result;
}

/// An array that says what it is and holds nothing.
inline Array hollow(const std::string& name, const ChunkGrid& grid, DType type) {
  return {nullptr, SourceLayer::make("read " + name, ValueSpec{type, grid}, nullptr, name)};
}

inline Variable lazy(const std::string& name, std::vector<std::string> dims, const Shape& shape,
                     DType type = DType::float32, const std::vector<Named>& entries = {}) {
  return {.name = name,
          .data = hollow(name, ChunkGrid::single(shape), type),
          .dims = std::move(dims),
          .attributes = attributes(entries)};
}

/// A coordinate variable that every rank holds.
template <class T>
Variable held(const std::string& name, const std::vector<T>& values, const std::vector<Named>& entries = {}) {
  Variable variable = lazy(name, {name}, {static_cast<std::int64_t>(values.size())}, dtype_of<T>(), entries);
  std::vector<std::byte> bytes(values.size() * sizeof(T));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  variable.values = std::make_shared<const std::vector<std::byte>>(std::move(bytes));
  return variable;
}

/// The sentence of the exception that `f` throws; empty where it throws none of this kind.
template <class Error, class F>
std::string sentence(F&& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace dunlin::test
