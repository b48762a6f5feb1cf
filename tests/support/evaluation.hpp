#pragma once
// Runs a graph without a plan: every chunk of every layer, one after the other.
//
// Each task runs several times, with its inputs in every form in which a run may hand them over: whole and packed; only
// the parts that the layer asks for, cut out and packed; and, where the kernel takes them, in strides (any order of
// axes, backwards, with gaps, not aligned). All must give the same bits.

#include <map>
#include <vector>

#include "dunlin/graph/layer_graph.hpp"

namespace dunlin::test {

/// Every chunk of every layer of a graph.
struct Evaluation {
  std::map<const Layer*, std::vector<std::vector<std::byte>>> chunks;  // by chunk ordinal; objects as they are written
  std::map<const Layer*, std::vector<Value>> values;
  /// A layer's planes one after the other, each the whole array, row-major.
  std::vector<std::byte> array(const Layer& layer) const;
};
/// Runs in topological order, each task with a fresh pool. Throws std::logic_error where a task takes more scratch than
/// its cost says, or where forms of its inputs give other bits. Outputs hold `unwritten` before a task writes them.
Evaluation evaluate(const LayerGraph& graph, std::byte unwritten = std::byte{0xAB});

/// The chunks of some blocks in the order that kernels get them; throws std::logic_error where one is named twice or
/// lies outside the grid.
std::vector<ChunkIndex> chunks_in(const std::vector<ChunkBox>& blocks, const ChunkGrid& grid);

/// The elements of `part`, packed, of a packed chunk that holds the elements of `box`.
std::vector<std::byte> cut_out(std::span<const std::byte> chunk, const Box& box, const Box& part, std::size_t element);

/// A packed chunk in strides; `form` chooses among some.
Value in_strides(std::span<const std::byte> chunk, const Shape& shape, std::size_t element, std::int64_t form);

/// What a value is, as bytes.
std::vector<std::byte> bytes_of(const Value& value);

}  // namespace dunlin::test
