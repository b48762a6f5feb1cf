// What a task costs beside its work: a stencil of near-empty tasks, each needing three of the layer before.
//
//   task_cost [WIDTH STEPS]        per thread count: nanoseconds per task of a run, median of several

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "dunlin/exec/run.hpp"
#include "dunlin/graph/layer_graph.hpp"
#include "dunlin/graph/sink.hpp"
#include "dunlin/transport/local_transport.hpp"

namespace {

using namespace dunlin;

class AddKernel final : public Kernel {
 public:
  void run(const TaskRun& task) const override {
    double sum = 1;
    for (const ChunkView& input : task.inputs) {
      double value;
      std::memcpy(&value, input.bytes().data(), sizeof value);
      sum += value;
    }
    std::memcpy(task.output.data(), &sum, sizeof sum);
  }
  Cost cost(const ChunkIndex&) const override { return {.operations = 10}; }
};

class DropKernel final : public Kernel {
 public:
  void run(const TaskRun&) const override {}
  Cost cost(const ChunkIndex&) const override { return {}; }
};

/// Chunk i needs chunks i − 1, i and i + 1 of its input.
class StencilLayer final : public Layer {
 public:
  StencilLayer(const ChunkGrid& grid, std::vector<LayerPtr> inputs)
      : Layer(inputs.empty() ? LayerKind::source : LayerKind::overlap, "step", {DType::float64, grid}, inputs,
              std::make_shared<AddKernel>()) {}
  void needs(int, const ChunkBox& outputs, std::vector<ChunkBox>& blocks) const override {
    blocks.push_back(
        {{std::max<std::int64_t>(outputs.begin[0] - 1, 0)}, {std::min(outputs.end[0] + 1, output().grid.count(0))}});
  }
  void feeds(int input, const ChunkBox& chunks, std::vector<ChunkBox>& blocks) const override {
    needs(input, chunks, blocks);
  }
  void describe(Description& description) const override { description.structure("stencil"); }
  LayerPtr with_inputs(std::vector<LayerPtr> inputs) const override {
    return std::make_shared<StencilLayer>(output().grid, std::move(inputs));
  }
  Alignment alignment() const override {
    if (inputs().empty()) return {};
    return {.input = 0, .axis = {0}};
  }
};

double nanoseconds_per_task(int threads, std::int64_t width, int steps) {
  const ChunkGrid grid = ChunkGrid::regular({width}, {1});
  LayerPtr last = std::make_shared<StencilLayer>(grid, std::vector<LayerPtr>{});
  for (int step = 1; step < steps; ++step) last = std::make_shared<StencilLayer>(grid, std::vector<LayerPtr>{last});
  const LayerPtr sink = SinkLayer::make("drop", last, std::make_shared<DropKernel>(), "drop", {});
  const LayerPlan plan =
      LayerPlan::of_rewritten(LayerGraph::of({sink}), {.threads = threads, .budget_bytes = std::int64_t{1} << 40});
  const Schedule schedule = make_schedule(plan, 0);
  const auto transport = make_local_transport();
  const auto executor = make_executor(threads);
  BufferPool pool;
  Trace trace;
  std::vector<double> times;
  for (int round = 0; round < 7; ++round) {
    Counters counters;
    const auto start = std::chrono::steady_clock::now();
    if (run_schedule({plan, schedule, *transport, pool, *executor, trace, counters})) std::exit(1);
    times.push_back(std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count() /
                    static_cast<double>(schedule.tasks));
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  const std::int64_t width = argc > 2 ? std::atoll(argv[1]) : 64;
  const int steps = argc > 2 ? std::atoi(argv[2]) : 1000;
  for (int threads : argc > 3 ? std::vector<int>{std::atoi(argv[3])} : std::vector<int>{1, 2, 4})
    fmt::print("{} thread(s): {:.0f} ns a task\n", threads, nanoseconds_per_task(threads, width, steps));
}
