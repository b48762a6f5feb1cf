#pragma once
// A box: the half-open block [begin, end) of an N-dimensional index space. Used for elements of an array; the same
// shape over chunk positions is a `ChunkBox`, a type of its own, so that the two are not confused.

#include <cstdint>
#include <string>

#include "dunlin/base/coords.hpp"

namespace dunlin {

/// A block of elements, in an array's global positions.
struct Box {
  Coords begin;
  Coords end;

  /// All elements of an array of this shape.
  static Box whole(const Shape& shape) { return {Coords(shape.size(), 0), shape}; }

  int rank() const { return static_cast<int>(begin.size()); }
  std::int64_t length(int axis) const { return end[axis] - begin[axis]; }
  Shape shape() const {
    Shape result;
    for (int a = 0; a < rank(); ++a) result.push_back(length(a));
    return result;
  }
  /// Elements inside; 1 where there are no axes, 0 where any side is empty.
  std::int64_t count() const {
    std::int64_t result = 1;
    for (int a = 0; a < rank(); ++a) result *= end[a] > begin[a] ? end[a] - begin[a] : 0;
    return result;
  }
  bool empty() const { return count() == 0; }
  friend bool operator==(const Box&, const Box&) = default;
};

/// The elements that two boxes of one array share; sides that do not meet come out empty (end == begin).
inline Box intersection(const Box& a, const Box& b) {
  Box both = a;
  for (int axis = 0; axis < a.rank(); ++axis) {
    both.begin[axis] = std::max(a.begin[axis], b.begin[axis]);
    both.end[axis] = std::max(both.begin[axis], std::min(a.end[axis], b.end[axis]));
  }
  return both;
}

/// "[0:12, 0:37]".
std::string to_string(const Box& box);

}  // namespace dunlin
