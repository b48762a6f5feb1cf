#pragma once
// How an N-dimensional array is cut into chunks.
//
// A grid cuts each axis of a shape into consecutive, non-empty spans; a chunk is one span per axis. Spans need not be
// equal: the last one is usually shorter, and after slicing or concatenating any of them can be ("ragged").
//
//   shape (5, 4), chunks ((2, 2, 1), (3, 1))        columns 0..2   column 3
//                                           rows 0..1   chunk (0,0)    (0,1)
//                                           rows 2..3         (1,0)    (1,1)
//                                           row  4            (2,0)    (2,1)
//
// Three kinds of position occur and are never mixed: an element's global index (`Coords`), a chunk's place in the grid
// (`ChunkIndex`), and a chunk's place in row-major order (`ChunkOrdinal`). Blocks of them are a `Box` of elements and a
// `ChunkBox` of chunks. Conversions:
//
//   from \ to       ChunkIndex        ChunkOrdinal     Box (elements)     ChunkBox
//   element         chunk_of          -                -                  -
//   ChunkIndex      -                 ordinal          box                ChunkBox::single
//   ChunkOrdinal    at                -                -                  -
//   Box             -                 -                -                  chunks_of
//   ChunkBox        -                 -                box                -
//
// A regular axis is stored as one number, so a grid over 10^12 chunks takes a few bytes per axis; only ragged axes
// store their offsets. An axis whose spans only a run tells (a boolean mask) has a chunk count and unknown lengths:
// what needs them throws UnknownExtent. A grid is immutable and safe to share between threads.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "dunlin/base/box.hpp"
#include "dunlin/base/coords.hpp"

namespace dunlin {

/// Chunks that do not fit the array they are to cut.
struct BadChunks : UsageError {
  BadChunks(int axis, std::int64_t length, std::int64_t chunk);
  BadChunks(std::size_t shape_rank, std::size_t chunk_rank);
  int axis;
  std::int64_t length, chunk;
};

/// A length was needed that only a run tells.
struct UnknownExtent : UsageError {
  explicit UnknownExtent(int axis)
      : UsageError("axis " + std::to_string(axis) +
                   " has a length that only a run tells: compute or persist the array first"),
        axis(axis) {}
  int axis;
};

/// Place of a chunk in its grid, one number per axis, each in [0, chunks along that axis).
struct ChunkIndex {
  Coords at;
  friend bool operator==(const ChunkIndex&, const ChunkIndex&) = default;
  friend bool operator<(const ChunkIndex& a, const ChunkIndex& b) { return a.at < b.at; }
};

/// "(0, 3)".
inline std::string to_string(const ChunkIndex& chunk) { return to_string(chunk.at); }

/// Place of a chunk in row-major order, in [0, ChunkGrid::count()).
enum class ChunkOrdinal : std::int64_t {};

/// A block of chunks, half-open per axis.
struct ChunkBox {
  Coords begin;
  Coords end;
  static ChunkBox single(const ChunkIndex& chunk) {
    ChunkBox box{chunk.at, chunk.at};
    for (std::int64_t& end : box.end) ++end;
    return box;
  }
  int rank() const { return static_cast<int>(begin.size()); }
  /// Chunks inside; 1 where there are no axes, 0 where any side is empty.
  std::int64_t count() const {
    std::int64_t result = 1;
    for (int a = 0; a < rank(); ++a) result *= end[a] > begin[a] ? end[a] - begin[a] : 0;
    return result;
  }
  bool contains(const ChunkIndex& chunk) const;
  friend bool operator==(const ChunkBox&, const ChunkBox&) = default;

  /// Calls f(ChunkIndex) for every chunk of the block in row-major order.
  template <class F>
  void for_each(F&& f) const {
    if (count() == 0) return;
    ChunkIndex chunk{begin};
    for (;;) {
      f(static_cast<const ChunkIndex&>(chunk));
      int a = rank() - 1;
      for (; a >= 0 && ++chunk.at[a] == end[a]; --a) chunk.at[a] = begin[a];
      if (a < 0) return;
    }
  }
};

class ChunkGrid {
 public:
  /// The grid of a 0-d array: one chunk of one element.
  ChunkGrid() = default;
  /// Equal chunks of `chunk` elements per axis; the last chunk of an axis may be shorter. An axis of length 0 has no
  /// chunks. Throws BadChunks if the ranks differ, a length is negative, or a chunk length is not positive.
  static ChunkGrid regular(const Shape& shape, const Shape& chunk);
  /// One chunk that holds the whole array.
  static ChunkGrid single(const Shape& shape);
  /// Explicit span lengths per axis, all positive; the shape is their sum. Throws BadChunks.
  static ChunkGrid ragged(const std::vector<std::vector<std::int64_t>>& spans);
  /// The same for one axis; regular where all lengths but the last, which may be shorter, are equal. No lengths: an
  /// axis of length 0.
  static ChunkGrid of_spans(const std::vector<std::int64_t>& lengths);
  /// This grid with one more axis in front of axis `axis` (0 ≤ axis ≤ rank), of `length` in chunks of `chunk`.
  ChunkGrid with_axis(int axis, std::int64_t length, std::int64_t chunk) const;
  /// This grid with axis `axis` cut into `count` spans whose lengths only a run tells.
  ChunkGrid with_unknown(int axis, std::int64_t count) const;
  /// This grid without axis `axis`.
  ChunkGrid without_axis(int axis) const;
  /// This grid with axis `axis` replaced by axis `from` of `other`.
  ChunkGrid with_axis_of(int axis, const ChunkGrid& other, int from) const;

  int rank() const { return static_cast<int>(axes_.size()); }
  /// Elements along an axis, or kUnknown.
  std::int64_t length(int axis) const { return axes_[axis].length; }
  Shape shape() const;
  bool has_unknown() const;
  /// Chunks along one axis, and along each.
  std::int64_t count(int axis) const { return axes_[axis].count; }
  Coords counts() const;
  /// Chunks in the grid; 1 for a rank-0 array, 0 if any axis is empty.
  std::int64_t count() const;
  /// True where all chunks of an axis but the last have the same length.
  bool is_regular(int axis) const { return axes_[axis].offsets.empty() && axes_[axis].length != kUnknown; }
  bool is_regular() const;
  /// Longest span of an axis: the chunk length where regular. 0 for an empty axis. Throws UnknownExtent.
  std::int64_t largest(int axis) const;
  /// `largest` of every axis, for a regular grid the shape of a whole chunk.
  Shape largest() const;
  /// Nominal chunk length of a regular axis, which may exceed the axis.
  std::int64_t step(int axis) const { return axes_[axis].step; }

  /// First element of chunk `chunk` along an axis, for 0 ≤ chunk ≤ count(axis). Throws UnknownExtent.
  std::int64_t begin(int axis, std::int64_t chunk) const;
  /// The elements of a chunk. O(rank). Precondition: the index is inside the grid. Throws UnknownExtent.
  Box box(const ChunkIndex& chunk) const;
  /// The elements of a block of chunks.
  Box box(const ChunkBox& chunks) const;
  /// The chunk of an axis that holds an element; O(log spans) on ragged axes. Precondition: inside the axis.
  std::int64_t chunk_of(int axis, std::int64_t element) const;
  /// The chunk that holds an element. Precondition: the element is inside the shape.
  ChunkIndex chunk_of(std::span<const std::int64_t> element) const;
  /// The chunks that hold any element of a box. Precondition: the box is inside the shape and not empty.
  ChunkBox chunks_of(const Box& box) const;
  ChunkBox all() const { return {Coords(axes_.size(), 0), counts()}; }

  ChunkOrdinal ordinal(const ChunkIndex& chunk) const;
  ChunkIndex at(ChunkOrdinal ordinal) const;

  friend bool operator==(const ChunkGrid&, const ChunkGrid&) = default;

 private:
  struct Axis {
    std::int64_t length = 0;
    std::int64_t count = 0;
    std::int64_t step = 1;              // span length where regular
    std::vector<std::int64_t> offsets;  // count + 1 entries where ragged, else empty
    static Axis regular(int axis, std::int64_t length, std::int64_t chunk);
    std::int64_t begin(std::int64_t chunk) const;
    std::int64_t chunk_of(std::int64_t element) const;
    friend bool operator==(const Axis&, const Axis&) = default;
  };
  void need_known(int axis) const {
    if (axes_[axis].length == kUnknown) throw UnknownExtent(axis);
  }
  std::vector<Axis> axes_;
};

/// "chunks of 12 x 37 x 49" for regular grids, "chunks of at most …" for ragged ones; "one value" for rank 0.
std::string to_string(const ChunkGrid& grid);

}  // namespace dunlin
