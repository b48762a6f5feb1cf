#include "dunlin/graph/operand_map.hpp"

namespace dunlin {

OperandMap straight(int rank) {
  OperandMap map;
  for (int a = 0; a < rank; ++a) map.axis.push_back(a);
  return map;
}

namespace {

/// True where the operand runs along the domain axis chunk by chunk, false where it is repeated.
bool runs_along(const OperandMap& map, const ChunkGrid& operand, const ChunkGrid& domain, int k) {
  const auto a = static_cast<int>(map.axis[k]);
  return a >= 0 && (operand.length(k) == domain.length(a) && operand.count(k) == domain.count(a));
}

}  // namespace

ChunkBox operand_block(const OperandMap& map, const ChunkGrid& operand, const ChunkGrid& domain,
                       const ChunkBox& block) {
  ChunkBox result;
  for (int k = 0; k < operand.rank(); ++k) {
    const bool along = runs_along(map, operand, domain, k);
    result.begin.push_back(along ? block.begin[map.axis[k]] : 0);
    result.end.push_back(along ? block.end[map.axis[k]] : 1);
  }
  return result;
}

ChunkBox domain_block(const OperandMap& map, const ChunkGrid& operand, const ChunkGrid& domain, const ChunkBox& block) {
  ChunkBox result = domain.all();
  for (int k = 0; k < operand.rank(); ++k) {
    if (!runs_along(map, operand, domain, k)) continue;
    result.begin[map.axis[k]] = block.begin[k];
    result.end[map.axis[k]] = block.end[k];
  }
  return result;
}

bool same_chunks(const ChunkGrid& grid, int a, const ChunkGrid& other, int b) {
  if (grid.length(a) != other.length(b) || grid.count(a) != other.count(b)) return false;
  if (grid.is_regular(a) && other.is_regular(b) && grid.step(a) == other.step(b)) return true;
  for (std::int64_t chunk = 0; chunk < grid.count(a); ++chunk)
    if (grid.begin(a, chunk) != other.begin(b, chunk)) return false;
  return true;
}

bool same_chunks(const ChunkGrid& grid, const ChunkGrid& other) {
  for (int axis = 0; axis < grid.rank(); ++axis)
    if (!same_chunks(grid, axis, other, axis)) return false;
  return true;
}

void check_operand(const OperandMap& map, const ChunkGrid& operand, const ChunkGrid& domain) {
  require(static_cast<int>(map.axis.size()) == operand.rank(), "an operand map names every axis of its operand");
  std::uint32_t named = 0;
  for (int k = 0; k < operand.rank(); ++k) {
    const auto a = static_cast<int>(map.axis[k]);
    if (a >= 0) {
      require(a < domain.rank() && !(named >> a & 1), "an operand map names each axis of its domain at most once");
      named |= 1u << a;
    }
    if (a < 0 ? operand.length(k) == 1 : operand.length(k) == 1 && operand.count(k) == 1) continue;
    if (a < 0 || !same_chunks(operand, k, domain, a))
      throw UsageError("an operand of shape " + to_string(operand.shape()) + " in " + to_string(operand) +
                       " does not fit an operation over shape " + to_string(domain.shape()) + " in " +
                       to_string(domain) + " along its axis " + std::to_string(k) +
                       ": lengths and chunks must agree, or the length be 1; rechunk it first");
  }
}

RunPlan plan_runs(const std::vector<OperandMap>& maps, const std::vector<Shape>& operand_shapes,
                  const std::vector<Coords>& strides, const Shape& domain, int inner_limit) {
  const int rank = static_cast<int>(domain.size());
  const std::size_t operands = maps.size();
  std::vector<Coords> along(operands, Coords(static_cast<std::size_t>(rank), 0));  // by the domain's axes
  for (std::size_t o = 0; o < operands; ++o)
    for (std::size_t k = 0; k < operand_shapes[o].size(); ++k)
      if (maps[o].axis[k] >= 0 && operand_shapes[o][k] > 1) along[o][maps[o].axis[k]] = strides[o][k];
  RunPlan plan;
  plan.steps.assign(operands, 0);
  int a = rank;
  for (; a > inner_limit; --a) {
    const std::int64_t length = domain[a - 1];
    if (length == 1) continue;
    // The innermost axis sets the steps; the others must go on with them.
    bool fits = true;
    for (std::size_t o = 0; o < operands && fits && plan.run > 1; ++o)
      fits = along[o][a - 1] == plan.steps[o] * plan.run;
    if (!fits) break;
    if (plan.run == 1)
      for (std::size_t o = 0; o < operands; ++o) plan.steps[o] = along[o][a - 1];
    plan.run *= length;
  }
  for (std::size_t o = 0; o < operands; ++o)
    plan.splat.push_back(plan.run > 1 && plan.steps[o] == 0);  // one element is no stretch: read it where it lies
  for (int axis = 0; axis < a; ++axis) plan.outer.push_back(domain[axis]);
  plan.outer_strides.assign(operands, {});
  for (std::size_t o = 0; o < operands; ++o)
    for (int axis = 0; axis < a; ++axis) plan.outer_strides[o].push_back(along[o][axis]);
  return plan;
}

}  // namespace dunlin
