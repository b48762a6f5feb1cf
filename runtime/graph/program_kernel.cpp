#include "program_kernel.hpp"

#include "gather.hpp"
#include "pace.hpp"

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
  std::vector<Coords> strides;
  require(task.inputs.size() == grids.size(), "an elementwise task has one chunk per operand");
  for (std::size_t o = 0; o < grids.size(); ++o) {
    shapes.push_back(task.inputs[o].box().shape());
    strides.push_back(byte_strides(task.inputs[o], program.inputs()[o].size()));
    data_.push_back(task.inputs[o].bytes().data());
  }
  runs_ = plan_runs(maps, shapes, strides, shape_, inner_limit);
  for (std::size_t o = 0; o < grids.size(); ++o) {
    const auto size = static_cast<std::int64_t>(program.inputs()[o].size());
    const std::int64_t step = runs_.run > 1 ? runs_.steps[o] : size;
    // Memory of others need not be aligned: its elements are copied one by one as well.
    const auto unit = static_cast<std::int64_t>(program.inputs()[o].swap_size());
    bool aligned = reinterpret_cast<std::uintptr_t>(data_[o]) % static_cast<std::uintptr_t>(unit) == 0;
    for (std::int64_t stride : runs_.outer_strides[o]) aligned = aligned && stride % unit == 0;
    strides_.push_back(step == size && aligned ? 0 : step);
  }
}

void OperandWalk::at(const Coords& outer, std::int64_t offset, std::vector<TileInput>& inputs) const {
  inputs.resize(data_.size());
  for (std::size_t o = 0; o < data_.size(); ++o) {
    std::int64_t bytes = offset * runs_.steps[o];
    for (std::size_t a = 0; a < outer.size(); ++a) bytes += outer[a] * runs_.outer_strides[o][a];
    inputs[o] = {data_[o] + bytes, runs_.splat[o], strides_[o]};
  }
}

void ProgramKernel::run(const TaskRun& task) const {
  const OperandWalk walk(ready_.program(), domain_, grids_, maps_, task, task.chunk);
  Buffer scratch = task.pool->allocate(ready_.scratch_bytes());
  ProgramRun program(ready_, scratch.bytes());
  const RunPlan& runs = walk.runs();
  const auto tile = static_cast<std::int64_t>(program.tile());
  const std::size_t size = ready_.program().result_type().size();
  std::byte* out = task.output.data();
  Pace pace(task);
  std::vector<TileInput> inputs;
  Coords outer(runs.outer.size(), 0);
  do {
    for (std::int64_t offset = 0; offset < runs.run; offset += tile) {
      const auto n = static_cast<std::size_t>(std::min(tile, runs.run - offset));
      walk.at(outer, offset, inputs);
      program.run(inputs, out, n);
      out += n * size;
      pace.did(static_cast<double>(n) * element_time_);
    }
  } while (next_position(outer, runs.outer));
}

Cost ProgramKernel::cost(const ChunkIndex& chunk) const {
  Cost cost;
  cost.scratch_bytes = static_cast<std::int64_t>(ready_.scratch_bytes());
  cost.operations = ready_.program().cost() * static_cast<double>(domain_.box(chunk).count());
  return cost;
}

}  // namespace dunlin
