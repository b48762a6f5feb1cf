#pragma once
// What a task yields: for an array chunk, its raw bytes, row-major, in this machine's byte order; shape and dtype are
// known from the graph, so nothing is serialised. A value knows its own size, since for some layers only the run tells.
//
// Values of other types (C++ objects of Delayed, table chunks) come with those collections; transport and the run treat
// every value as bytes with a size.

#include <utility>

#include "dunlin/memory/buffer.hpp"

namespace dunlin {

class Value {
 public:
  Value() = default;
  explicit Value(Buffer buffer) : buffer_(std::move(buffer)) {}

  bool empty() const { return buffer_.empty(); }
  std::span<std::byte> bytes() { return buffer_.bytes(); }
  std::span<const std::byte> bytes() const { return buffer_.bytes(); }
  std::size_t size() const { return buffer_.size(); }

 private:
  Buffer buffer_;
};

}  // namespace dunlin
