// What every kind of layer promises: needs and feeds agree, blocks say what their chunks say, alignment fits, a layer
// on equal inputs is an equal layer, and its tasks make all of their output with no more scratch than their cost says.

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "conformance/graph/layer_cases.hpp"
#include "dunlin/base/box_copy.hpp"

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

/// Kinds whose chunks may come from nothing: tasks without arguments, groups into which nothing fell.
bool may_need_nothing(const Layer& layer) {
  const auto* reduction = dynamic_cast<const ReductionLayer*>(&layer);
  return layer.kind() == LayerKind::explicit_tasks || (reduction && reduction->step() == ReductionLayer::Step::final);
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
    std::set<ChunkIndex> fed_itself;
    for (int i = 0; i < static_cast<int>(layer.inputs().size()); ++i) {
      const ChunkGrid& from = layer.inputs()[i]->output().grid;
      std::map<ChunkIndex, Chunks> fed;  // by needs alone
      layer.output().grid.all().for_each([&](const ChunkIndex& chunk) {
        const Chunks needed = needs(layer, i, ChunkBox::single(chunk));
        for (const ChunkIndex& input : needed) fed[input].insert(chunk);
        if (!needed.empty()) fed_itself.insert(chunk);
      });
      from.all().for_each([&](const ChunkIndex& input) {
        EXPECT_EQ(feeds(layer, i, ChunkBox::single(input)), fed[input])
            << "chunk " << to_string(input) << " of input " << i;
      });
    }
    if (!layer.inputs().empty() && !may_need_nothing(layer)) {
      EXPECT_EQ(static_cast<std::int64_t>(fed_itself.size()), layer.output().grid.count()) << "a chunk needs nothing";
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

/// What a task makes of the parts that its layer asks for, with the elements of one slab of one part turned over.
struct PartRun {
  const Layer& layer;
  const Evaluation& values;
  ChunkIndex chunk;

  std::vector<std::byte> output(const ChunkIndex& changed, const Box& slab) const {
    const ValueSpec& from = layer.inputs()[0]->output();
    std::vector<ChunkBox> blocks;
    layer.needs(0, ChunkBox::single(chunk), blocks);
    const std::vector<ChunkIndex> needed = chunks_in(blocks, from.grid);
    std::vector<Box> parts;
    std::vector<std::vector<std::byte>> bytes;
    std::vector<ChunkView> views;
    for (const ChunkIndex& input : needed) {
      parts.push_back(layer.part(0, chunk, input));
      std::vector<std::byte> whole =
          values.chunks.at(layer.inputs()[0].get())[static_cast<std::size_t>(from.grid.ordinal(input))];
      const Box box = from.grid.box(input);
      if (input == changed) {
        std::vector<std::byte> turned = cut_out(whole, box, slab, from.dtype.size());
        for (std::byte& byte : turned) byte = ~byte;
        copy_box(slab, slab, turned.data(), box, whole.data(), from.dtype.size());
      }
      bytes.push_back(cut_out(whole, box, parts.back(), from.dtype.size()));
    }
    for (std::size_t k = 0; k < needed.size(); ++k)
      views.push_back({from.grid, from.grid.ordinal(needed[k]), bytes[k], parts[k]});
    std::vector<std::byte> out(static_cast<std::size_t>(layer.output().bytes(chunk)));
    BufferPool pool;
    TaskCounts counts;
    layer.kernel()->run({chunk, views, out, &pool, &counts});
    return out;
  }
};

TEST(EveryLayerThatCuts, AsksForPartsInsideOfChunksAndForNoSlabInVain) {
  for (const LayerCase& layer_case : layer_cases()) {
    SCOPED_TRACE(layer_case.why);
    const LayerGraph graph = LayerGraph::of(layer_case.sinks);
    const Evaluation values = evaluate(graph);
    for (const LayerPtr& layer : graph.layers()) {
      if (layer->inputs().size() != 1 || !layer->cuts(0)) continue;
      SCOPED_TRACE(layer->name());
      const ValueSpec& from = layer->inputs()[0]->output();
      layer->output().grid.all().for_each([&](const ChunkIndex& chunk) {
        const PartRun run{*layer, values, chunk};
        for (const ChunkIndex& input : needs(*layer, 0, ChunkBox::single(chunk))) {
          const Box part = layer->part(0, chunk, input);
          ASSERT_FALSE(part.empty());
          ASSERT_EQ(intersection(part, from.grid.box(input)), part) << "a part lies inside its chunk";
          for (int a = 0; a < part.rank(); ++a)
            for (const bool high : {false, true}) {
              Box slab = part;
              high ? slab.begin[a] = slab.end[a] - 1 : slab.end[a] = slab.begin[a] + 1;
              EXPECT_NE(run.output(input, slab),
                        values.chunks.at(layer.get())[static_cast<std::size_t>(layer->output().grid.ordinal(chunk))])
                  << "chunk " << to_string(chunk) << " does not need " << to_string(slab);
            }
        }
      });
    }
  }
}

TEST(EveryLayer, AlignsAlongAxesThatRunTheSameWay) {
  for_each_layer([](const Layer& layer) {
    const Alignment alignment = layer.alignment();
    if (alignment.input < 0) return;
    const auto* reduction = dynamic_cast<const ReductionLayer*>(&layer);
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
      // States of groups follow those of other groups to spread as evenly, not to lie beside them.
      if (reduction && reduction->is_grouped() && a == reduction->axes()[0]) continue;
      Coords at(static_cast<std::size_t>(grid.rank()), 0);
      const bool side_by_side = leader.count(static_cast<int>(axis)) == grid.count(a);
      std::int64_t before = -1;
      for (at[a] = 0; at[a] < grid.count(a); ++at[a]) {
        const Chunks needed = needs(layer, alignment.input, ChunkBox::single({at}));
        if (needed.empty()) continue;
        if (side_by_side) {
          EXPECT_TRUE(std::any_of(needed.begin(), needed.end(), [&](const ChunkIndex& chunk) {
            return chunk.at[axis] == at[a];
          })) << "equally many chunks lie side by side";
        } else {
          EXPECT_GE(needed.begin()->at[axis], before) << "later chunks need later ones";
          before = needed.begin()->at[axis];
        }
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
      EXPECT_TRUE(a.input == b.input && a.axis == b.axis && a.one_rank == b.one_rank && a.key == b.key &&
                  (a.fixed == nullptr) == (b.fixed == nullptr));
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
