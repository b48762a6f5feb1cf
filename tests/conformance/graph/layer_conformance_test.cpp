// What every kind of layer promises: needs and feeds agree, blocks say what their chunks say, alignment fits, a layer
// on equal inputs is an equal layer, and its tasks make all of their output with no more scratch than their cost says.

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "conformance/graph/layer_cases.hpp"

namespace dunlin::test {
namespace {

using Chunks = std::set<ChunkIndex>;

Chunks as_set(const std::vector<ChunkIndex>& chunks) { return {chunks.begin(), chunks.end()}; }

Chunks needs(const Layer& layer, int input, const ChunkBox& block) {
  std::vector<ChunkBox> blocks;
  layer.needs(input, block, blocks);
  return as_set(chunks_in(blocks, layer.inputs()[input]->output().grid));
}

Chunks feeds(const Layer& layer, int input, const ChunkBox& block) {
  std::vector<ChunkBox> blocks;
  layer.feeds(input, block, blocks);
  return as_set(chunks_in(blocks, layer.output().grid));
}

/// Some blocks of a grid that has chunks: all of it, and a fixed number of others.
std::vector<ChunkBox> some_blocks(const ChunkGrid& grid) {
  std::mt19937_64 random(7);
  std::vector<ChunkBox> blocks{grid.all()};
  for (int k = 0; k < 20; ++k) {
    ChunkBox block;
    for (int a = 0; a < grid.rank(); ++a) {
      const auto begin = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(grid.count(a)));
      block.begin.push_back(begin);
      block.end.push_back(begin + 1 +
                          static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(grid.count(a) - begin)));
    }
    blocks.push_back(block);
  }
  return blocks;
}

/// Calls check(layer, why) for every layer of every case.
template <class Check>
void for_each_layer(Check&& check) {
  for (const LayerCase& layer_case : layer_cases()) {
    SCOPED_TRACE(layer_case.why);
    const LayerGraph graph = LayerGraph::of(layer_case.sinks);
    for (const LayerPtr& layer : graph.layers()) {
      SCOPED_TRACE(layer->name());
      check(*layer);
    }
  }
}

TEST(EveryLayer, FeedsWhatNeedsSayAndTheOtherWayRound) {
  for_each_layer([](const Layer& layer) {
    for (int i = 0; i < static_cast<int>(layer.inputs().size()); ++i) {
      const ChunkGrid& from = layer.inputs()[i]->output().grid;
      std::map<ChunkIndex, Chunks> fed;  // by needs alone
      layer.output().grid.all().for_each([&](const ChunkIndex& chunk) {
        const Chunks needed = needs(layer, i, ChunkBox::single(chunk));
        EXPECT_FALSE(needed.empty()) << "chunk " << to_string(chunk) << " needs nothing of input " << i;
        for (const ChunkIndex& input : needed) fed[input].insert(chunk);
      });
      from.all().for_each([&](const ChunkIndex& input) {
        EXPECT_EQ(feeds(layer, i, ChunkBox::single(input)), fed[input])
            << "chunk " << to_string(input) << " of input " << i;
      });
    }
  });
}

TEST(EveryLayer, BlocksNeedAndFeedWhatTheirChunksDo) {
  for_each_layer([](const Layer& layer) {
    for (int i = 0; i < static_cast<int>(layer.inputs().size()); ++i) {
      const ChunkGrid& from = layer.inputs()[i]->output().grid;
      if (layer.output().grid.count() > 0)
        for (const ChunkBox& block : some_blocks(layer.output().grid)) {
          Chunks one_by_one;
          block.for_each([&](const ChunkIndex& chunk) { one_by_one.merge(needs(layer, i, ChunkBox::single(chunk))); });
          EXPECT_EQ(needs(layer, i, block), one_by_one);
        }
      if (from.count() > 0)
        for (const ChunkBox& block : some_blocks(from)) {
          Chunks one_by_one;
          block.for_each([&](const ChunkIndex& chunk) { one_by_one.merge(feeds(layer, i, ChunkBox::single(chunk))); });
          EXPECT_EQ(feeds(layer, i, block), one_by_one);
        }
    }
  });
}

TEST(EveryLayer, AlignsAlongAxesThatRunTheSameWay) {
  for_each_layer([](const Layer& layer) {
    const Alignment alignment = layer.alignment();
    if (alignment.input < 0) return;
    ASSERT_LT(alignment.input, static_cast<int>(layer.inputs().size()));
    const ChunkGrid &grid = layer.output().grid, &leader = layer.inputs()[alignment.input]->output().grid;
    ASSERT_EQ(static_cast<int>(alignment.axis.size()), grid.rank());
    std::set<std::int64_t> used;
    for (int a = 0; a < grid.rank(); ++a) {
      const auto axis = alignment.axis[a];
      if (axis < 0) continue;
      ASSERT_LT(axis, leader.rank());
      EXPECT_TRUE(used.insert(axis).second) << "an axis leads one axis";
      if (grid.count() == 0) continue;
      Coords at(static_cast<std::size_t>(grid.rank()), 0);
      std::int64_t before = -1;
      for (at[a] = 0; at[a] < grid.count(a); ++at[a]) {
        const Chunks needed = needs(layer, alignment.input, ChunkBox::single({at}));
        EXPECT_GE(needed.begin()->at[axis], before) << "later chunks need later ones";
        before = needed.begin()->at[axis];
      }
      if (leader.count(static_cast<int>(axis)) == grid.count(a)) {
        EXPECT_EQ(before, grid.count(a) - 1) << "equally many chunks lie side by side";
      }
    }
  });
}

TEST(EveryLayer, IsEqualToItselfOnEqualInputs) {
  const auto cases = layer_cases(), again = layer_cases();  // no pointer in common
  for (std::size_t k = 0; k < cases.size(); ++k) {
    SCOPED_TRACE(cases[k].why);
    const LayerGraph graph = LayerGraph::of(cases[k].sinks), other = LayerGraph::of(again[k].sinks);
    EXPECT_EQ(graph.hash(), other.hash()) << "hashes do not depend on pointers";
    for (int ordinal = 0; ordinal < graph.size(); ++ordinal) {
      const Layer& layer = graph.layer(ordinal);
      SCOPED_TRACE(layer.name());
      const LayerPtr moved = layer.with_inputs(other.layer(ordinal).inputs());
      EXPECT_EQ(value_hash(*moved), value_hash(layer));
      EXPECT_EQ(moved->inputs(), other.layer(ordinal).inputs());
      EXPECT_EQ(moved->kind(), layer.kind());
      EXPECT_EQ(moved->name(), layer.name());
      EXPECT_EQ(moved->output(), layer.output());
      const Alignment a = layer.alignment(), b = moved->alignment();
      EXPECT_TRUE(a.input == b.input && a.axis == b.axis && a.one_rank == b.one_rank && a.key == b.key);
    }
  }
}

TEST(EveryLayer, MakesAllOfItsOutputWithinTheScratchThatItsCostSays) {
  for (const LayerCase& layer_case : layer_cases()) {
    SCOPED_TRACE(layer_case.why);
    const LayerGraph graph = LayerGraph::of(layer_case.sinks);
    // Twice, with other bytes below: what a task leaves unwritten differs.
    const Evaluation values = evaluate(graph), again = evaluate(graph, std::byte{0x54});
    for (const LayerPtr& layer : graph.layers()) {
      SCOPED_TRACE(layer->name());
      EXPECT_EQ(values.chunks.at(layer.get()), again.chunks.at(layer.get()));
      EXPECT_EQ(layer->has_output(), layer->kind() != LayerKind::sink);
      std::int64_t total = 0, largest = 0;
      layer->output().grid.all().for_each([&](const ChunkIndex& chunk) {
        const std::int64_t bytes = layer->output().bytes(chunk);
        EXPECT_GT(bytes, 0);
        EXPECT_GE(layer->kernel()->cost(chunk).operations, 0);
        total += bytes;
        largest = std::max(largest, bytes);
      });
      EXPECT_EQ(total, layer->output().total_bytes());
      if (total > 0) {
        EXPECT_EQ(largest, layer->output().largest_bytes());
      }
    }
  }
}

}  // namespace
}  // namespace dunlin::test
