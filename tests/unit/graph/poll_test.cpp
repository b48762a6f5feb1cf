// Long kernels give the run its moments, by the work that they have done; short ones do not.

#include <gtest/gtest.h>

#include "dunlin/graph/overlap.hpp"
#include "dunlin/graph/selection.hpp"
#include "support/graph_layers.hpp"

namespace dunlin::test {
namespace {

class CountingPoll final : public TaskPoll {
 public:
  void poll() override { ++count; }
  int count = 0;
};

/// Polls while the layer's first chunk is made of zeros.
int polls_of(const Layer& layer) {
  const ChunkIndex first{Coords(static_cast<std::size_t>(layer.output().grid.rank()), 0)};
  std::vector<std::vector<std::byte>> bytes;
  std::vector<ChunkView> views;
  for (int i = 0; i < static_cast<int>(layer.inputs().size()); ++i) {
    const ValueSpec& from = layer.inputs()[i]->output();
    std::vector<ChunkBox> blocks;
    layer.needs(i, ChunkBox::single(first), blocks);
    for (const ChunkIndex& chunk : chunks_in(blocks, from.grid)) {
      bytes.emplace_back(static_cast<std::size_t>(from.bytes(chunk)));
      views.push_back({from.grid, from.grid.ordinal(chunk), bytes.back()});
    }
  }
  std::vector<std::byte> out(static_cast<std::size_t>(layer.output().bytes(first)));
  BufferPool pool;
  TaskCounts counts;
  CountingPoll poll;
  layer.kernel()->run(
      {.chunk = first, .inputs = views, .output = out, .pool = &pool, .counts = &counts, .waiting = &poll});
  return poll.count;
}

TEST(EveryLongKernel, PollsAgainAndAgain) {
  const ChunkGrid grid = ChunkGrid::single({1500, 1000}), in_two = ChunkGrid::regular({1500, 1000}, {750, 1000});
  const LayerPtr x = pattern_source("x", grid), y = pattern_source("y", in_two);
  std::vector<std::int64_t> scattered;
  for (std::int64_t k = 0; k < 1000; ++k) scattered.push_back(k * k % 1000);
  const std::pair<const char*, LayerPtr> layers[] = {
      {"elementwise", apply(kAdd, {x, x})},
      {"elementwise, turned round",
       apply(kNegate, {pattern_source("t", ChunkGrid::single({1000, 1500}))}, {{{1, 0}}}, grid)},
      {"reduction of columns", LayerGraph::of({reduce(mean_reducer(), {0}, x)}).pointer(1)},
      {"reduction of rows", LayerGraph::of({reduce(mean_reducer(), {1}, x)}).pointer(1)},
      {"rechunk", rechunk(y, grid)},
      {"halo", OverlapLayer::make("h", x, {{1, 1, {Boundary::reflect}}, {}})},
      {"selection", SelectionLayer::make("s", x, {AxisSelection::all(1500), AxisSelection::list(scattered)})},
  };
  for (const auto& [why, layer] : layers) {
    SCOPED_TRACE(why);
    EXPECT_GE(polls_of(*layer), 5);
  }
}

TEST(EveryShortKernel, DoesNotPoll) {
  const LayerPtr x = pattern_source("x", ChunkGrid::regular({100, 10}, {50, 10}));
  EXPECT_EQ(polls_of(*apply(kAdd, {x, x})), 0);
  EXPECT_EQ(polls_of(*rechunk(x, ChunkGrid::single({100, 10}))), 0);
}

}  // namespace
}  // namespace dunlin::test
