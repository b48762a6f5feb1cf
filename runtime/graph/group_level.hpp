#pragma once
// The states of a grouped reduction along its axis, level by level, as tables: which state belongs to which group, and
// what it is made from. See reduction.hpp.
//
//   labels 0 0 1 | 1 1 0 | 0 − −    (2 groups, chunks of 3)
//   partial    states by (chunk, group): 0/0 0/1 1/0 1/1 2/0          elements {0,1} {2} {5} {3,4} {6}
//   combine    by (group, place): 0: {0/0, 1/0} {2/0}, 1: {0/1, 1/1}
//   combine    0: both, 1: the one
//   final      group 0, group 1
//
// Of the size of the labels; immutable, shared by all layers of a level.

#include <cstdint>
#include <memory>
#include <vector>

#include "chunk_spans.hpp"
#include "dunlin/graph/graph_hash.hpp"

namespace dunlin {

struct GroupLevel {
  /// Partial and combine: of every state, its group. Final: of every state that comes in.
  std::vector<std::int64_t> group;
  /// Partial: states from chunks of the domain. Combine: states from states. Final: chunks of groups from states.
  ChunkRelation relation;
  /// Partial: state k takes the elements of spans[offsets[k]] … spans[offsets[k + 1] − 1], positions along the axis.
  std::vector<std::size_t> offsets;
  std::vector<Span> spans;

  std::int64_t states() const { return relation.outputs(); }
  std::span<const Span> elements_of(std::int64_t state) const {
    const auto k = static_cast<std::size_t>(state);
    return std::span(spans).subspan(offsets[k], offsets[k + 1] - offsets[k]);
  }
  void describe(Description& description) const;
};
using GroupLevelPtr = std::shared_ptr<const GroupLevel>;

/// The states of chunks of `axis`: one for each (chunk, group) that meet. `labels`: a group per element, or −1.
GroupLevelPtr partial_level(const ChunkGrid& domain, int axis, const std::vector<std::int64_t>& labels);
/// Neighbours of one group joined, kFanIn at a time.
GroupLevelPtr combine_level(const GroupLevel& before);
/// True where a group still has several states.
bool has_several(const GroupLevel& level);
/// `groups` results in chunks of `per_chunk`. Precondition: no group has several states.
GroupLevelPtr final_level(const GroupLevel& before, std::int64_t groups, std::int64_t per_chunk);

}  // namespace dunlin
