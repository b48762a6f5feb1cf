#include "program_kernel.hpp"

namespace dunlin {

bool next_position(Coords& position, const Shape& lengths) {
  for (int a = static_cast<int>(lengths.size()) - 1; a >= 0; --a) {
    if (++position[a] < lengths[a]) return true;
    position[a] = 0;
  }
  return false;
}

OperandWalk::OperandWalk(const Program& program, const ChunkGrid& domain, const std::vector<ChunkGrid>& grids,
                         const std::vector<OperandMap>& maps, const TaskRun& task, const ChunkIndex& domain_chunk,
                         int inner_limit)
    : shape_(domain.box(domain_chunk).shape()) {
  std::vector<Shape> shapes;
  require(task.inputs.size() == grids.size(), "an elementwise task has one chunk per operand");
  for (std::size_t o = 0; o < grids.size(); ++o) {
    shapes.push_back(grids[o].box(task.inputs[o].chunk()).shape());
    data_.push_back(task.inputs[o].bytes().data());
    sizes_.push_back(program.inputs()[o].size());
  }
  runs_ = plan_runs(maps, shapes, shape_, inner_limit);
}

void OperandWalk::at(const Coords& outer, std::int64_t offset, std::vector<TileInput>& inputs) const {
  inputs.resize(data_.size());
  for (std::size_t o = 0; o < data_.size(); ++o) {
    std::int64_t element = runs_.splat[o] ? 0 : offset;
    for (std::size_t a = 0; a < outer.size(); ++a) element += outer[a] * runs_.outer_strides[o][a];
    inputs[o] = {data_[o] + element * static_cast<std::int64_t>(sizes_[o]), runs_.splat[o]};
  }
}

void ProgramKernel::run(const TaskRun& task) const {
  const OperandWalk walk(program_, domain_, grids_, maps_, task, task.chunk);
  Buffer scratch = task.pool->allocate(scratch_bytes_);
  ProgramRun program(program_, scratch.bytes());
  const RunPlan& runs = walk.runs();
  const auto tile = static_cast<std::int64_t>(program.tile());
  const std::size_t size = program_.result_type().size();
  std::byte* out = task.output.data();
  std::vector<TileInput> inputs;
  Coords outer(runs.outer.size(), 0);
  do {
    for (std::int64_t offset = 0; offset < runs.run; offset += tile) {
      const auto n = static_cast<std::size_t>(std::min(tile, runs.run - offset));
      walk.at(outer, offset, inputs);
      program.run(inputs, out, n);
      out += n * size;
    }
  } while (next_position(outer, runs.outer));
}

Cost ProgramKernel::cost(const ChunkIndex& chunk) const {
  Cost cost;
  cost.scratch_bytes = static_cast<std::int64_t>(scratch_bytes_);
  cost.operations = program_.cost() * static_cast<double>(domain_.box(chunk).count());
  return cost;
}

}  // namespace dunlin
