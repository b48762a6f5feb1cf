// Properties of passes over random graphs: the values that sinks take are the same bit for bit, and nothing runs before
// what it needs.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "dunlin/plan/passes.hpp"
#include "dunlin/plan/schedule.hpp"
#include "property/random_graph.hpp"

namespace dunlin::test {
namespace {

LayerGraph draw() {
  std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
  return LayerGraph::of(random_sinks(random, {.layers = *rc::gen::inRange(1, 16), .chunks = 20}));
}

/// A graph with as many selections as can be.
LayerGraph draw_selections() {
  std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
  return LayerGraph::of(
      random_sinks(random, {.layers = *rc::gen::inRange(1, 24), .chunks = 20, .unknown = false, .selections = true}));
}

/// The chunks of what sinks take: sizes of some only a run tells.
std::vector<std::vector<std::vector<std::byte>>> taken(const LayerGraph& graph) {
  const Evaluation values = evaluate(graph);
  std::vector<std::vector<std::vector<std::byte>>> chunks;
  for (int sink : graph.sinks()) chunks.push_back(values.chunks.at(graph.layer(sink).inputs()[0].get()));
  return chunks;
}

RC_GTEST_PROP(Passes, LeaveEveryValueAsItIs, ()) {
  const LayerGraph graph = draw();
  const auto expected = taken(graph);
  const LayerGraph simple = simplify(graph), pushed = push_selections(simple), fused = fuse(pushed);
  RC_ASSERT(taken(simple) == expected);
  RC_ASSERT(taken(pushed) == expected);
  RC_ASSERT(taken(fused) == expected);
  RC_ASSERT(taken(choose(fused, {.ranks = 2, .threads = 1, .budget_bytes = 0})) == expected);
  RC_ASSERT(simple.size() <= graph.size());
  RC_ASSERT(simplify(simple).hash() == simple.hash());
}

RC_GTEST_PROP(PushSelections, LeavesEveryValueAsItIs, ()) {
  const LayerGraph graph = simplify(draw_selections());
  const auto expected = taken(graph);
  const LayerGraph pushed = push_selections(graph);
  RC_ASSERT(taken(pushed) == expected);
  RC_ASSERT(taken(choose(fuse(pushed), {.ranks = 2, .threads = 1, .budget_bytes = 0})) == expected);
  RC_ASSERT(simplify(pushed).hash() == pushed.hash());
}

RC_GTEST_PROP(Rounds, WriteEveryChunkOnceAndLeaveItAsItIs, ()) {
  const LayerGraph drawn = draw_selections();
  const int which = *rc::gen::inRange(0, static_cast<int>(drawn.sinks().size()));
  // In one chunk along all axes but the last: what takes something of everything.
  const LayerPtr value = drawn.layer(drawn.sinks()[which]).inputs()[0];
  Shape chunk = value->output().grid.shape();
  for (std::int64_t& length : chunk) length = std::max<std::int64_t>(length, 1);
  if (!chunk.empty()) chunk[chunk.size() - 1] = *rc::gen::inRange(1, 4);
  const LayerPtr sink = capture_sink(rechunk(value, ChunkGrid::regular(value->output().grid.shape(), chunk)));
  const LayerGraph graph = fuse(push_selections(simplify(LayerGraph::of({sink}))));
  const int ranks = *rc::gen::inRange(1, 4);
  const auto least = [&](std::int64_t budget) {
    const Cluster cluster{.ranks = ranks, .threads = 1, .budget_bytes = budget};
    return make_schedule(LayerPlan::of_rewritten(choose(graph, cluster), cluster), 0).least_bytes();
  };
  const std::int64_t budget = std::max<std::int64_t>(least(0) * *rc::gen::inRange(4, 10) / 10, 1);
  const LayerGraph after = in_rounds(graph, {.ranks = ranks, .threads = 1, .budget_bytes = budget});
  RC_TAG(after.sinks().size() > 1 ? "in rounds" : "at once");
  const auto expected = taken(graph)[0];
  const auto parts = taken(after);
  std::vector<int> times(expected.size(), 0);
  for (std::size_t s = 0; s < parts.size(); ++s) {
    const Layer& sink = after.layer(after.sinks()[s]);
    for (std::size_t k = 0; k < parts[s].size(); ++k) {
      const ChunkIndex chunk = sink.chunk_of_whole(sink.output().grid.at(ChunkOrdinal{static_cast<std::int64_t>(k)}));
      const auto place = static_cast<std::size_t>(graph.layer(graph.sinks()[0]).output().grid.ordinal(chunk));
      RC_ASSERT(parts[s][k] == expected.at(place));
      ++times[place];
    }
  }
  for (int of_chunk : times) RC_ASSERT(of_chunk == 1);
}

RC_GTEST_PROP(Stages, NeverPutALayerBeforeItsInputs, ()) {
  const LayerGraph drawn = draw();
  const LayerGraph chosen = choose(fuse(simplify(drawn)), {.ranks = 2, .threads = 1, .budget_bytes = 0});
  for (const LayerGraph& graph : {drawn, chosen}) {
    const std::vector<int> stage = stages_of(graph), part = parts_of(graph);
    for (int k = 0; k < graph.size(); ++k)
      for (int input : graph.inputs(k)) {
        RC_ASSERT(stage[input] <= stage[k]);
        RC_ASSERT(part[input] <= part[k]);
      }
  }
}

}  // namespace
}  // namespace dunlin::test
