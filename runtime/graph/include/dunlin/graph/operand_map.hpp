#pragma once
// How an operand of an elementwise operation lies in the operation's index space, its *domain*.
//
// Axis k of the operand runs along axis `axis[k]` of the domain, whose chunks it shares; or it has length 1 there and
// is repeated ("stretched", axis[k] still names it); or, with axis[k] == −1, it has length 1 and no counterpart. Domain
// axes that no operand axis names repeat the operand as a whole.
//
//   domain (time, lat, lon)    x (time, lat, lon): {0, 1, 2}     mean (lat, lon): {1, 2}     weight (lat): {1}

#include <vector>

#include "dunlin/base/chunk_grid.hpp"

namespace dunlin {

struct OperandMap {
  Coords axis;
  friend bool operator==(const OperandMap&, const OperandMap&) = default;
};

/// The same position for every axis: {0, 1, …, rank−1}.
OperandMap straight(int rank);

/// Chunks of an operand that a block of domain chunks needs; the inverse. Grids: the operand's and the domain's.
ChunkBox operand_block(const OperandMap& map, const ChunkGrid& operand, const ChunkGrid& domain, const ChunkBox& block);
ChunkBox domain_block(const OperandMap& map, const ChunkGrid& operand, const ChunkGrid& domain, const ChunkBox& block);

/// True where axis `a` of one grid is cut as axis `b` of another, however the two say it.
bool same_chunks(const ChunkGrid& grid, int a, const ChunkGrid& other, int b);

/// The same along every axis. Precondition: equal ranks.
bool same_chunks(const ChunkGrid& grid, const ChunkGrid& other);

/// Throws UsageError unless an operand's grid fits the domain's along every mapped axis (equal chunks, or length 1).
/// Precondition: the map names every axis of the operand, and no axis of the domain twice.
void check_operand(const OperandMap& map, const ChunkGrid& operand, const ChunkGrid& domain);

/// A domain chunk walked in runs: stretches of elements along the innermost axes in which every operand advances by
/// equal steps or stands still.
struct RunPlan {
  std::int64_t run = 1;               // elements of one run
  Shape outer;                        // lengths of the axes outside the run
  std::vector<Coords> outer_strides;  // per operand: bytes per step of each outer axis
  std::vector<std::int64_t> steps;    // per operand: bytes from element to element of a run
  std::vector<bool> splat;            // per operand: stands still inside a run
};
/// `strides`: per operand bytes per step along each of its axes, of any sign; those of axes of length 1 do not matter.
/// `inner_limit`: only domain axes ≥ inner_limit may be part of the run (a reduction keeps its axes apart).
RunPlan plan_runs(const std::vector<OperandMap>& maps, const std::vector<Shape>& operand_shapes,
                  const std::vector<Coords>& strides, const Shape& domain, int inner_limit = 0);

}  // namespace dunlin
