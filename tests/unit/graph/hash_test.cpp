// What hashes tell apart: two layers that compute or are planned differently never hash alike, two that are equal
// always do. Pointers and names for people are in no hash.

#include "dunlin/graph/graph_hash.hpp"

#include <gtest/gtest.h>

#include <map>
#include <thread>

#include "dunlin/graph/concatenation.hpp"
#include "dunlin/graph/partition.hpp"
#include "dunlin/graph/selection.hpp"
#include "support/graph_layers.hpp"
#include "support/user_layers.hpp"

namespace dunlin::test {
namespace {

struct Variant {
  std::string what;
  LayerPtr layer;
};

const ChunkGrid kGrid = ChunkGrid::regular({6, 4}, {2, 2});

LayerPtr with_constant(double constant, const char* name = "scaled") {
  Program program;
  program.add(kMultiply, std::vector{program.add_input(DType::float64), program.add_constant(constant)});
  return BlockwiseLayer::make(name, program, kGrid, {pattern_source("x", kGrid)}, {straight(2)});
}

Reducer named(const char* name, std::int64_t parameter = 0) {
  Reducer reducer = mean_reducer();
  reducer.name = name;
  reducer.parameter = parameter;
  return reducer;
}

LayerPtr mean_of(const ChunkGrid& domain, const Coords& axes, const LayerPtr& x, const OperandMap& map,
                 const Reducer& reducer = mean_reducer()) {
  return ReductionLayer::make("r", reducer, axes, Program::identity(DType::float64), domain, {x}, {map});
}

std::shared_ptr<const Partition> on_rank(int rank) {
  return std::make_shared<Partition>(Partition::on_one_rank(kGrid, 3, rank));
}

/// Layers of which no two are equal.
std::vector<Variant> variants() {
  const LayerPtr x = pattern_source("x", kGrid), y = pattern_source("y", kGrid);
  const ChunkGrid square = ChunkGrid::regular({6, 6}, {2, 2});
  const LayerPtr s = pattern_source("s", square), row = pattern_source("row", ChunkGrid::regular({4}, {2}));
  const AxisSelection columns = AxisSelection::all(4);
  const auto domain = [](std::int64_t length, std::int64_t chunk) {
    return ChunkGrid::regular({length, 4}, {chunk, 2});
  };
  return {
      {"a source", x},
      {"of another identity", y},
      {"of other chunks", pattern_source("x", ChunkGrid::regular({6, 4}, {3, 2}))},
      {"of another shape", pattern_source("x", ChunkGrid::regular({5, 4}, {2, 2}))},
      {"of another type", pattern_source("x", kGrid, DType::float32)},
      {"read again", static_cast<const SourceLayer&>(*x).again(1)},
      {"read a third time", static_cast<const SourceLayer&>(*x).again(2)},
      {"on one rank", one_rank_source("x", kGrid, 1)},
      {"on another rank", one_rank_source("x", kGrid, 2)},
      {"with pages", paged_source("x", kGrid, {2, 1})},
      {"with other pages", paged_source("x", kGrid, {1, 2})},
      {"an operation", apply(kAdd, {x, y})},
      {"another operation", apply(kSubtract, {x, y})},
      {"its operands changed places", apply(kSubtract, {y, x})},
      {"one operand twice", apply(kSubtract, {x, x})},
      {"of float32",
       apply(kSubtract32, {pattern_source("x", kGrid, DType::float32), pattern_source("y", kGrid, DType::float32)})},
      {"x + y of a square", apply(kAdd, {s, s}, {straight(2), straight(2)}, square)},
      {"x + its transpose", apply(kAdd, {s, s}, {straight(2), {{1, 0}}}, square)},
      {"a constant", with_constant(2.0)},
      {"another constant", with_constant(3.0)},
      {"a negative zero", with_constant(-0.0)},
      {"a zero", with_constant(0.0)},
      {"a mean", mean_of(kGrid, {0}, x, straight(2))},
      {"over another axis", mean_of(kGrid, {1}, x, straight(2))},
      {"over both", mean_of(kGrid, {0, 1}, x, straight(2))},
      {"of another name", mean_of(kGrid, {0}, x, straight(2), named("sum"))},
      {"with another parameter", mean_of(kGrid, {0}, x, straight(2), named("mean", 5))},
      {"a mean of what is repeated", mean_of(domain(6, 3), {0}, row, {{1}})},
      {"repeated more often in as many chunks", mean_of(domain(8, 4), {0}, row, {{1}})},
      {"in other chunks", mean_of(domain(6, 4), {0}, row, {{1}})},
      {"a mean of groups", reduce_grouped(mean_reducer(), 0, {0, 0, 1, 1, 0, 0}, 2, x)},
      {"of other groups", reduce_grouped(mean_reducer(), 0, {0, 0, 1, 1, 0, 1}, 2, x)},
      {"of as many groups elsewhere in their chunk", reduce_grouped(mean_reducer(), 0, {0, 0, 1, 1, 1, 0}, 2, x)},
      {"of other numbers", reduce_grouped(mean_reducer(), 0, {1, 1, 0, 0, 1, 1}, 2, x)},
      {"of one group more", reduce_grouped(mean_reducer(), 0, {0, 0, 1, 1, 0, 0}, 3, x)},
      {"of groups together", reduce_grouped(mean_reducer(), 0, {0, 0, 1, 1, 0, 0}, 2, x, 2)},
      {"a source in place",
       SourceLayer::make_fixed("x", {DType::float64, kGrid}, x->kernel(), "pattern x", on_rank(1))},
      {"in another place", SourceLayer::make_fixed("x", {DType::float64, kGrid}, x->kernel(), "pattern x", on_rank(2))},
      {"a halo", OverlapLayer::make("h", x, {{1, 0, {}}, {}})},
      {"a halo on the other side", OverlapLayer::make("h", x, {{0, 1, {}}, {}})},
      {"along the other axis", OverlapLayer::make("h", x, {{}, {1, 0, {}}})},
      {"of another boundary", OverlapLayer::make("h", x, {{1, 0, {Boundary::nearest}}, {}})},
      {"of a third", OverlapLayer::make("h", x, {{1, 0, {Boundary::periodic}}, {}})},
      {"of a constant", OverlapLayer::make("h", x, {{1, 0, Boundary::of(1.0)}, {}})},
      {"of another constant", OverlapLayer::make("h", x, {{1, 0, Boundary::of(2.0)}, {}})},
      {"a selection", SelectionLayer::make("s", x, {AxisSelection::range(0, 1, 4), columns})},
      {"of other rows", SelectionLayer::make("s", x, {AxisSelection::range(1, 1, 4), columns})},
      {"of a list", SelectionLayer::make("s", x, {AxisSelection::list({0, 1, 2, 3}), columns})},
      {"of another list", SelectionLayer::make("s", x, {AxisSelection::list({0, 1, 3, 2}), columns})},
      {"joined", ConcatenateLayer::make("j", {x, y}, 0)},
      {"the other way round", ConcatenateLayer::make("j", {y, x}, 0)},
      {"along the other axis", ConcatenateLayer::make("j", {x, y}, 1)},
      {"boxed", boxed(x)},
      {"its positives", positives(x)},
      {"its digest", digest(x)},
      {"its digests along an axis", digest_along(x, 0)},
      {"along another axis", digest_along(x, 1)},
      {"a rechunk", rechunk(x, ChunkGrid::single({6, 4}))},
      {"another rechunk", rechunk(x, ChunkGrid::regular({6, 4}, {6, 1}))},
      {"a sink", capture_sink(x)},
      {"a sink elsewhere", capture_sink(x, "other")},
      {"a sink on rank 0", capture_sink_on_rank_0(x, "kept")},
  };
}

TEST(GraphHash, TellsAllThatDiffersApart) {
  std::map<Hash128, std::string> seen;
  for (const auto& [what, layer] : variants()) {
    const auto [found, is_new] = seen.emplace(LayerGraph::of({layer}).hash(), what);
    EXPECT_TRUE(is_new) << what << " is taken for: " << found->second;
  }
}

TEST(GraphHash, IsTheSameForWhatIsEqual) {
  const auto once = variants(), again = variants();
  for (std::size_t k = 0; k < once.size(); ++k) {
    EXPECT_NE(once[k].layer, again[k].layer);
    EXPECT_EQ(LayerGraph::of({once[k].layer}).hash(), LayerGraph::of({again[k].layer}).hash()) << once[k].what;
  }
}

TEST(GraphHash, LeavesNamesForPeopleOut) {
  EXPECT_EQ(value_hash(*with_constant(2.0, "scaled")), value_hash(*with_constant(2.0, "twice")));
}

Description described(const LayerPtr& layer) {
  Description description;
  layer->describe(description);
  return description;
}

TEST(StructureHash, LeavesScalarsParametersAndSourcesOut) {
  // An equal structure means that an equal plan serves: a time step with a new dt and new fields.
  EXPECT_EQ(described(with_constant(2)).structure_hash(), described(with_constant(3)).structure_hash());
  EXPECT_NE(described(with_constant(2)).value_hash(), described(with_constant(3)).value_hash());
  EXPECT_EQ(described(pattern_source("x", kGrid)).structure_hash(),
            described(pattern_source("y", kGrid)).structure_hash());
  EXPECT_EQ(described(capture_sink(pattern_source("x", kGrid), "a")).structure_hash(),
            described(capture_sink(pattern_source("x", kGrid), "b")).structure_hash());
}

TEST(StructureHash, OfGraphsIsThatOfConnectionsAndStructures) {
  const auto graph = [](double constant, const char* source, bool twice) {
    const LayerPtr scaled = with_constant(constant), x = pattern_source(source, kGrid);
    return LayerGraph::of({capture_sink(apply(kAdd, {scaled, twice ? scaled : x}))});
  };
  const LayerGraph step = graph(2, "x", false), next = graph(3, "y", false);
  EXPECT_EQ(step.structure_hash(), next.structure_hash()) << "a time step of new data";
  EXPECT_NE(step.hash(), next.hash());
  EXPECT_NE(step.structure_hash(), graph(2, "x", true).structure_hash()) << "connected otherwise";
  EXPECT_NE(step.structure_hash(), step.hash());
  const LayerPtr x = pattern_source("x", kGrid), y = pattern_source("y", kGrid);
  EXPECT_NE(LayerGraph::of({x, apply(kAdd, {x, y})}).structure_hash(),
            LayerGraph::of({apply(kAdd, {x, y})}).structure_hash())
      << "another sink";
}

TEST(LayerHashes, AreThoseOfTheDescriptionWhicheverThreadAsksFirst) {
  for (int tries = 0; tries < 50; ++tries) {
    const LayerPtr layer = apply(kAdd, {pattern_source("x", kGrid), pattern_source("y", kGrid)});
    std::vector<Hash128> seen(4);
    {
      std::vector<std::jthread> threads;
      for (Hash128& hash : seen) threads.emplace_back([&] { hash = value_hash(*layer); });
    }
    for (const Hash128& hash : seen) EXPECT_EQ(hash, value_hash(*layer));
  }
}

TEST(LayerHashes, AreNotTakenOverByACopyThatDiffers) {
  const LayerPtr x = pattern_source("x", kGrid);
  const Hash128 before = value_hash(*x);
  const LayerPtr again = static_cast<const SourceLayer&>(*x).again(1);
  EXPECT_NE(value_hash(*again), before);
  EXPECT_NE(structure_hash(*again), structure_hash(*x)) << "another reading is planned apart";
}

TEST(HashOfBytes, DiffersWithEveryLength) {
  // Short texts are hashed at once, long ones in a stream.
  std::vector<std::byte> text(600, std::byte{7});
  std::map<Hash128, std::size_t> seen;
  for (std::size_t length = 0; length <= text.size(); ++length)
    EXPECT_TRUE(seen.emplace(hash_bytes(std::span(text).first(length)), length).second) << length;
}

TEST(Description, KeepsNeighbouringPartsApart) {
  const auto texts = [](const char* a, const char* b) {
    return Description().structure(a).structure(b).structure_hash();
  };
  EXPECT_NE(texts("ab", "c"), texts("a", "bc"));
  EXPECT_NE(Description().structure(Coords{1}).structure(Coords{2, 3}).structure_hash(),
            Description().structure(Coords{1, 2}).structure(Coords{3}).structure_hash());
  EXPECT_NE(Description().structure("a").identity("b").value_hash(), Description().structure("ab").value_hash());
  EXPECT_NE(Description().structure("a").value_hash(), Description().structure("a").structure_hash());
}

TEST(HashOfBytes, DependsOnEveryByteAndTheSeed) {
  const std::string text = "dunlin";
  const auto bytes = std::as_bytes(std::span(text));
  EXPECT_EQ(hash_bytes(bytes), hash_bytes(bytes));
  EXPECT_NE(hash_bytes(bytes), hash_bytes(bytes.first(5)));
  EXPECT_NE(hash_bytes(bytes), hash_bytes(bytes, {0, 1}));
  EXPECT_NE(hash_bytes(bytes, {1, 0}), hash_bytes(bytes, {0, 1}));
}

}  // namespace
}  // namespace dunlin::test
