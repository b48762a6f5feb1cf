#pragma once
// Chunks that are put together from elements of other chunks: halos, selections, rechunks.
//
// Along each axis an output chunk is a list of *pieces*, stretches of output elements that walk the input's axis in
// equal steps; the chunk is their product:
//
//   output  0 1 2 | 3 4 | 5        pieces   {out 0, count 3, in 4, step 1}      4 5 6
//   input   4 5 6 | 9 8 | 8                 {out 3, count 2, in 9, step −1}     9 8
//                                           {out 5, count 1, in 8, step 0}      8
//
// From the pieces follow the chunks that are needed, the part of each, and the copy.

#include <cstdint>
#include <span>
#include <vector>

#include "chunk_spans.hpp"
#include "dunlin/base/chunk_grid.hpp"
#include "dunlin/graph/kernel.hpp"

namespace dunlin {

/// Output elements out … out + count − 1 (from the output chunk's first) are input elements in, in + step, …
struct Piece {
  std::int64_t out = 0, count = 0, in = 0, step = 1;
  std::int64_t lowest() const { return step < 0 ? in + (count - 1) * step : in; }
  std::int64_t highest() const { return step > 0 ? in + (count - 1) * step : in; }
};
using Pieces = std::vector<Piece>;

/// The places k of a piece with its input element in [begin, end), as a span; empty where there is none.
Span places_within(const Piece& piece, std::int64_t begin, std::int64_t end);

/// Chunks along an axis of a grid that hold an element of any piece; sorted and disjoint.
std::vector<Span> chunks_touched(const Pieces& pieces, const ChunkGrid& grid, int axis);

/// The smallest span around the elements of [begin, end) that pieces take. Precondition: they take some.
Span hull_within(const Pieces& pieces, std::int64_t begin, std::int64_t end);

/// Bytes from element to element of an input, packed or not.
Coords byte_strides(const ChunkView& view, std::size_t element);

/// Copies into the task's packed output of shape `shape` what the pieces of each axis take from its inputs.
void gather(const TaskRun& task, std::span<const Pieces> axes, const Shape& shape, std::size_t element);

}  // namespace dunlin
