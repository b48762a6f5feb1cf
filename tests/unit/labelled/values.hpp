#pragma once
// Variables with values, for tests that compute: small arrays that every rank holds.

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "support.hpp"

namespace dunlin::test {

template <class T>
std::vector<std::byte> bytes_of(const std::vector<T>& values) {
  std::vector<std::byte> bytes(values.size() * sizeof(T));
  if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

template <class T>
Variable with_values(const Context& context, const std::string& name, std::vector<std::string> dims, const Shape& shape,
                     const std::vector<T>& values, const std::vector<Named>& entries = {}) {
  Variable variable{.name = name,
                    .data = from_replicated(context.state(), shape, dtype_of<T>(), bytes_of(values)),
                    .dims = std::move(dims),
                    .attributes = attributes(entries)};
  if (variable.is_coordinate()) variable.values = std::make_shared<const std::vector<std::byte>>(bytes_of(values));
  return variable;
}

}  // namespace dunlin::test
