#pragma once
// What every StoredArray promises of reading, checked against the whole array's bytes.
//
//   expect_reads_like(array, bytes)     bytes: the whole array, row-major, in this machine's byte order
//
// Reads the whole, every chunk, every single row of the first axis, empty boxes and random ones; watches that scratch
// stays within read_scratch and that nothing outside the output is touched. Formats with an index are given its pages.

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <vector>

#include "dunlin/io/stored_array.hpp"

namespace dunlin::test {

/// The bytes of a box, cut out of the whole array element by element.
inline std::vector<std::byte> cut_out(const std::vector<std::byte>& whole, const Shape& shape, std::size_t element,
                                      const Box& box) {
  std::vector<std::byte> result(static_cast<std::size_t>(box.count()) * element);
  if (box.empty()) return result;
  Coords at = box.begin;
  for (std::byte* to = result.data(); to != result.data() + result.size(); to += element) {
    std::int64_t place = 0;
    for (std::size_t a = 0; a < shape.size(); ++a) place = place * shape[a] + at[a];
    std::memcpy(to, whole.data() + static_cast<std::size_t>(place) * element, element);
    for (int a = box.rank() - 1; a >= 0 && ++at[a] == box.end[a]; --a) at[a] = box.begin[a];
  }
  return result;
}

/// Reads a box as a run would: pages for formats that need them, guarded output, scratch watched.
inline std::vector<std::byte> read_box(const StoredArray& array, const Box& box) {
  constexpr std::size_t kGuard = 64;
  constexpr std::byte kMark{0xa5};
  const std::size_t size = static_cast<std::size_t>(box.count()) * array.description().dtype.size();
  std::vector<std::byte> memory(size + 2 * kGuard, kMark);
  std::vector<ChunkExtent> extents;
  std::vector<IndexPage> pages;
  if (array.needs_index() && !box.empty()) {
    const ChunkBox chunks = array.description().grid.chunks_of(box);
    extents.resize(static_cast<std::size_t>(chunks.count()));
    array.load_index(chunks, extents);
    pages.push_back({chunks, extents});
  }
  BufferPool pool;
  array.read(box, {.pool = &pool, .index = pages}, {memory.data() + kGuard, size});
  EXPECT_LE(pool.peak_lent_bytes(), array.read_scratch(box)) << "scratch for " << to_string(box);
  for (std::size_t k = 0; k < kGuard; ++k) {
    EXPECT_EQ(memory[k], kMark) << "before the output of " << to_string(box);
    EXPECT_EQ(memory[kGuard + size + k], kMark) << "behind the output of " << to_string(box);
  }
  return {memory.begin() + kGuard, memory.begin() + static_cast<std::ptrdiff_t>(kGuard + size)};
}

inline void expect_box(const StoredArray& array, const std::vector<std::byte>& whole, const Box& box) {
  const auto& description = array.description();
  EXPECT_EQ(read_box(array, box), cut_out(whole, description.grid.shape(), description.dtype.size(), box))
      << description.name << to_string(box);
}

inline Box random_box(const Shape& shape, std::mt19937& random) {
  Box box;
  for (std::int64_t length : shape) {
    std::int64_t a = std::uniform_int_distribution<std::int64_t>(0, length)(random);
    std::int64_t b = std::uniform_int_distribution<std::int64_t>(0, length)(random);
    box.begin.push_back(std::min(a, b));
    box.end.push_back(std::max(a, b));
  }
  return box;
}

inline void expect_reads_like(const StoredArray& array, const std::vector<std::byte>& whole) {
  const ChunkGrid& grid = array.description().grid;
  const Shape shape = grid.shape();
  ASSERT_EQ(whole.size(), static_cast<std::size_t>(array.description().bytes()));
  expect_box(array, whole, Box::whole(shape));
  grid.all().for_each([&](const ChunkIndex& chunk) { expect_box(array, whole, grid.box(chunk)); });
  for (int a = 0; a < grid.rank(); ++a) {
    Box none = Box::whole(shape);
    none.begin[a] = none.end[a];
    EXPECT_TRUE(read_box(array, none).empty());
  }
  for (std::int64_t row = 0; grid.rank() > 0 && row < shape[0]; ++row) {
    Box box = Box::whole(shape);
    box.begin[0] = row;
    box.end[0] = row + 1;
    expect_box(array, whole, box);
  }
  std::mt19937 random(1);
  for (int k = 0; k < 20; ++k) expect_box(array, whole, random_box(shape, random));
}

}  // namespace dunlin::test
