#pragma once
// Runs of chunks along one axis, and the blocks that runs of several axes make: how layers whose dependencies are no
// single block answer `needs` and `feeds`.

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "dunlin/base/chunk_grid.hpp"

namespace dunlin {

/// Positions [begin, end) along an axis.
struct Span {
  std::int64_t begin = 0, end = 0;
  friend bool operator==(const Span&, const Span&) = default;
};

/// Sorts spans, drops empty ones and joins those that touch or overlap.
void join_spans(std::vector<Span>& spans);

/// Appends the product of sorted, disjoint spans, one list per axis, as blocks in row-major order.
void append_blocks(std::span<const std::vector<Span>> axes, std::vector<ChunkBox>& blocks);

/// Which positions of one axis are made from which of another, where no formula tells: a table sorted both ways, as
/// large as the number of pairs. Immutable.
class ChunkRelation {
 public:
  /// `pairs`: (output, input), in any order; repeated ones count once.
  ChunkRelation(std::vector<std::pair<std::int64_t, std::int64_t>> pairs, std::int64_t outputs, std::int64_t inputs);
  std::int64_t outputs() const { return static_cast<std::int64_t>(by_output_.offsets.size()) - 1; }
  std::int64_t inputs() const { return static_cast<std::int64_t>(by_input_.offsets.size()) - 1; }
  /// Inputs of one output, ascending.
  std::span<const std::int64_t> inputs_of(std::int64_t output) const { return by_output_.slice(output, output + 1); }
  std::span<const std::int64_t> outputs_of(std::int64_t input) const { return by_input_.slice(input, input + 1); }
  /// Spans of the inputs of any output in [begin, end), and the inverse; disjoint and sorted.
  std::vector<Span> inputs_of(const Span& outputs) const { return by_output_.spans(outputs); }
  std::vector<Span> outputs_of(const Span& inputs) const { return by_input_.spans(inputs); }

 private:
  struct Side {
    std::vector<std::int64_t> offsets, others;
    Side(const std::vector<std::pair<std::int64_t, std::int64_t>>& sorted, std::int64_t count);
    std::span<const std::int64_t> slice(std::int64_t begin, std::int64_t end) const {
      return std::span(others).subspan(
          static_cast<std::size_t>(offsets[static_cast<std::size_t>(begin)]),
          static_cast<std::size_t>(offsets[static_cast<std::size_t>(end)] - offsets[static_cast<std::size_t>(begin)]));
    }
    std::vector<Span> spans(const Span& of) const;
  };
  static Side make_side(std::vector<std::pair<std::int64_t, std::int64_t>>& pairs, std::int64_t count, bool turn);
  Side by_output_, by_input_;
};

}  // namespace dunlin
