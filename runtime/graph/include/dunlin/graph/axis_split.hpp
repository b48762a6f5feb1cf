#pragma once
// How the chunks along one axis are dealt out to parts, and what a part is worth in ranks.
//
//   block        chunk i of n to part ⌊i p / n⌋: every part a run of at least one chunk     0 0 1 2 2 3
//   cyclic       `width` chunks to each part in turn, a round of all         width 2:       0 0 1 1 0 0
//                parts as if it began `phase` chunks before the first        phase 1:       0 1 1 0 0 1
//   boundaries   a table of where parts begin: a simulation's uneven boxes                  0 0 0 0 1 2
//
// All questions take O(1), with boundaries O(log parts).

#include <cstdint>
#include <memory>
#include <vector>

#include "dunlin/graph/chunk_set.hpp"
#include "dunlin/graph/rank_set.hpp"

namespace dunlin {

/// Where the parts of an axis begin: one more entry than parts, ascending from 0 to the number of chunks.
struct Boundaries {
  explicit Boundaries(std::vector<std::int64_t> begins);
  std::vector<std::int64_t> begins;
  std::int64_t longest = 0;
  friend bool operator==(const Boundaries& a, const Boundaries& b) { return a.begins == b.begins; }
};

struct AxisSplit {
  std::int64_t count = 1;       // chunks along the axis
  std::int64_t parts = 1;       // 1 ≤ parts ≤ max(count, 1), each with at least one chunk where there are any
  std::int64_t width = 0;       // of a cyclic split, else 0
  std::int64_t phase = 0;       // of a cyclic split, in [0, width × parts)
  std::int64_t multiple = 1;    // digit = part × multiple
  std::int64_t base_parts = 1;  // digits lie in [0, base_parts)
  std::int64_t stride = 1;      // ranks per digit
  std::shared_ptr<const Boundaries> boundaries{};  // null where there is no table

  bool is_block() const { return width == 0 && !boundaries; }
  std::int64_t part_of(std::int64_t chunk) const;
  /// Place of a chunk in its part, in [0, places()). In a cyclic split as if every part had all of the first round.
  std::int64_t place_of(std::int64_t chunk) const;
  std::int64_t places() const;
  /// What part `part` owns.
  ChunkSet::Run run(std::int64_t part) const;
  /// Chunks of the largest part.
  std::int64_t longest() const;
  /// A bound on what any part owns of [begin, end).
  std::int64_t longest_within(std::int64_t begin, std::int64_t end) const;
  /// The parts that own any of [begin, end), which is not empty.
  RankSet::Range parts_of(std::int64_t begin, std::int64_t end) const;
  /// True where one part owns all of [begin, end), which is not empty.
  bool is_in_one_part(std::int64_t begin, std::int64_t end) const;
  /// The largest and the smallest place of any chunk in [begin, end), or a bound that grows with the range.
  std::int64_t latest_place(std::int64_t begin, std::int64_t end) const;
  std::int64_t earliest_place(std::int64_t begin, std::int64_t end) const;
  friend bool operator==(const AxisSplit& a, const AxisSplit& b);

 private:
  /// Of a cyclic split: runs before that of a chunk, from the start of the first round.
  std::int64_t run_of(std::int64_t chunk) const { return (chunk + phase) / width; }
  std::int64_t first_of(std::int64_t part) const;  // of block and boundaries, for 0 ≤ part ≤ parts
};

/// The split of an axis of `count` chunks whose chunk j lies near chunk ⌊j × led.count / count⌋ of a led one: on the
/// same ranks where counts are equal.
AxisSplit follow(const AxisSplit& led, std::int64_t count);

}  // namespace dunlin
