// What hashes tell apart: two layers that compute or are planned differently never hash alike, two that are equal
// always do. Pointers and names for people are in no hash.

#include "dunlin/graph/graph_hash.hpp"

#include <gtest/gtest.h>

#include <map>

#include "support/graph_layers.hpp"

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

/// Layers of which no two are equal.
std::vector<Variant> variants() {
  const LayerPtr x = pattern_source("x", kGrid), y = pattern_source("y", kGrid);
  const ChunkGrid square = ChunkGrid::regular({6, 6}, {2, 2});
  const LayerPtr s = pattern_source("s", square), row = pattern_source("row", ChunkGrid::regular({4}, {2}));
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
