#pragma once
// Parts of boxes between memory and file.
//
// A *block* is bytes that hold a box of elements row-major: memory that holds what a user asked for, or a stored chunk.
// A *part* is a box inside it, in the same global positions. Moving a part from one block to another goes run by run, a
// run being the most elements that lie one behind the other in both.
//
//   block A [0:4, 0:6], block B [2:4, 0:3], part [2:4, 0:3]:   two runs of three elements
//   block A [0:4, 0:6], block B [2:4, 0:6], part [2:4, 0:6]:   one run of twelve

#include <span>

#include "dunlin/base/box.hpp"
#include "dunlin/base/box_copy.hpp"
#include "dunlin/base/posix_file.hpp"
#include "dunlin/memory/buffer.hpp"

namespace dunlin {

/// Memory that holds `box` row-major, elements of `element` bytes. Borrows its bytes.
struct Block {
  std::span<std::byte> bytes;
  Box box;
  std::size_t element;
  Coords strides() const { return row_major_strides(box.shape()); }
  std::byte* at(const Coords& position) const {
    return bytes.data() + offset_of(position, box.begin, strides()) * static_cast<std::int64_t>(element);
  }
};

/// Calls f(at_a, at_b, count), in elements from the start of each block, for every run of `part` in blocks that hold
/// boxes `a` and `b`, in row-major order. Precondition: part is not empty and inside both.
template <class F>
void for_each_run(const Box& part, const Box& a, const Box& b, F&& f) {
  const int rank = part.rank();
  const Coords step_a = row_major_strides(a.shape()), step_b = row_major_strides(b.shape());
  std::int64_t at_a = offset_of(part.begin, a.begin, step_a), at_b = offset_of(part.begin, b.begin, step_b), run = 1;
  int outer = rank;  // axes [0, outer) are walked, the others make one run
  while (outer > 0) {
    --outer;
    run *= part.length(outer);
    if (part.length(outer) != a.length(outer) || part.length(outer) != b.length(outer)) break;
  }
  Coords done(outer, 0);
  for (;;) {
    f(at_a, at_b, run);
    int axis = outer - 1;
    for (; axis >= 0; --axis) {
      at_a += step_a[axis], at_b += step_b[axis];
      if (++done[axis] < part.length(axis)) break;
      at_a -= done[axis] * step_a[axis], at_b -= done[axis] * step_b[axis];
      done[axis] = 0;
    }
    if (axis < 0) return;
  }
}

/// The bytes of `part` in a block where they are one run, else nothing.
std::span<std::byte> single_run(const Block& block, const Box& part);

/// Copies `part` from one block to another, reversing each `swap` bytes (1: none).
void copy_part(const Block& from, const Block& to, const Box& part, std::size_t swap);

/// Sets every element of `part` to `value`, of block.element bytes.
void fill_part(const Block& block, const Box& part, std::span<const std::byte> value);

/// Reads `part` of the box `stored`, which lies row-major at `address` of a file, into a block, reversing each `swap`
/// bytes. Short runs that lie near one another are read together, through scratch of the pool. Returns the bytes read.
/// Throws EndOfFile, IoFailure.
std::int64_t read_part(const PosixFile& file, std::uint64_t address, const Box& stored, const Block& to,
                       const Box& part, std::size_t swap, BufferPool& pool);

/// Upper bound of the scratch that read_part takes for a stored box of this many bytes.
std::size_t read_part_scratch(std::int64_t stored_bytes);

}  // namespace dunlin
