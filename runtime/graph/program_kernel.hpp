#pragma once
// Runs a register program over one chunk of a domain, run by run and tile by tile.

#include <vector>

#include "dunlin/graph/kernel.hpp"
#include "dunlin/graph/operand_map.hpp"
#include "dunlin/graph/program.hpp"

namespace dunlin {

/// The operands of one domain chunk, positioned: what walks the chunk for elementwise and reducing kernels alike.
class OperandWalk {
 public:
  /// `inputs`: one chunk per operand, as `needs` orders them.
  OperandWalk(const Program& program, const ChunkGrid& domain, const std::vector<ChunkGrid>& grids,
              const std::vector<OperandMap>& maps, const TaskRun& task, const ChunkIndex& domain_chunk,
              int inner_limit = 0);
  const RunPlan& runs() const { return runs_; }
  const Shape& shape() const { return shape_; }
  /// The operands at an outer position (one number per outer axis) and `offset` elements into the run.
  void at(const Coords& outer, std::int64_t offset, std::vector<TileInput>& inputs) const;

 private:
  Shape shape_;
  RunPlan runs_;
  std::vector<const std::byte*> data_;
  std::vector<std::int64_t> strides_;  // of tile inputs: 0 where elements lie side by side
};

/// Steps `position` through `lengths` in row-major order; false after the last.
bool next_position(Coords& position, const Shape& lengths);

class ProgramKernel final : public Kernel {
 public:
  ProgramKernel(Program program, ChunkGrid domain, std::vector<ChunkGrid> grids, std::vector<OperandMap> maps)
      : ready_(std::move(program)),
        domain_(std::move(domain)),
        grids_(std::move(grids)),
        maps_(std::move(maps)),
        element_time_(ready_.program().cost() + 0.5) {}
  bool takes_strides() const override { return true; }
  void run(const TaskRun& task) const override;
  Cost cost(const ChunkIndex& chunk) const override;

 private:
  ReadyProgram ready_;
  ChunkGrid domain_;
  std::vector<ChunkGrid> grids_;
  std::vector<OperandMap> maps_;
  double element_time_;  // nanoseconds, for polling
};

}  // namespace dunlin
