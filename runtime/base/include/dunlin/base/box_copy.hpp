#pragma once
// Copies a block of elements between two strided arrays: a chunk's part of a box, in both directions.
//
//   chunk (elements of a stored chunk)      out (a box that was asked for)
//     . . . .                                 . . .
//     . x x .            ── copy ──▸          x x .
//
// Strides are in elements, one per axis, of any sign. Source and destination do not overlap.

#include <cstddef>
#include <cstdint>

#include "dunlin/base/box.hpp"

namespace dunlin {

/// Elements from one position to the next along each axis of a row-major array: (12, 4, 1) for shape (5, 3, 4).
Coords row_major_strides(const Shape& shape);

/// Copies `shape` elements of `element` bytes each. `from` and `to` point at the first element of the block.
void copy_block(const std::byte* from, const Coords& from_strides, std::byte* to, const Coords& to_strides,
                const Shape& shape, std::size_t element);

/// The same with strides in bytes, which need not be multiples of an element: memory of others.
void copy_block_by_bytes(const std::byte* from, const Coords& from_strides, std::byte* to, const Coords& to_strides,
                         const Shape& shape, std::size_t element);

/// Sets `shape` elements to the value at `value` (`element` bytes).
void fill_block(const std::byte* value, std::byte* to, const Coords& to_strides, const Shape& shape,
                std::size_t element);

/// Copies the elements of `box` between two packed row-major blocks that both hold them.
void copy_box(const Box& box, const Box& from_box, const std::byte* from, const Box& to_box, std::byte* to,
              std::size_t element);

/// Element offset of position `at` relative to position `origin`.
std::int64_t offset_of(const Coords& at, const Coords& origin, const Coords& strides);

}  // namespace dunlin
