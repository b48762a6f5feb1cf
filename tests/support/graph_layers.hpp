#pragma once
// Layers, operations and reducers for tests of graphs and plans; evaluation.hpp runs them without a plan.
//
//   LayerPtr x = pattern_source("x", ChunkGrid::regular({10, 7}, {4, 3}));       // x[i, j] = pattern("x", i * 7 + j)
//   LayerPtr mean = reduce(order_reducer(), {0}, x);
//   Evaluation values = evaluate(LayerGraph::of({capture_sink(mean)}));          // every chunk, one after the other
//   values.array(*mean)                                                          // the whole array, row-major

#include <map>
#include <string>
#include <vector>

#include "dunlin/graph/blockwise.hpp"
#include "dunlin/graph/layer_graph.hpp"
#include "dunlin/graph/rechunk.hpp"
#include "dunlin/graph/reduction.hpp"
#include "dunlin/graph/sink.hpp"
#include "dunlin/graph/source.hpp"
#include "support/evaluation.hpp"

namespace dunlin::test {

/// Operations over float64 unless their name says otherwise. `weigh` is a + b * c.
extern const OpDescriptor kAdd, kSubtract, kMultiply, kNegate, kWeigh, kSubtract32, kWiden, kNarrow;
/// "int16 value, int16 marker → float32, NaN where they are equal": decoding as netCDF files need it.
extern const OpDescriptor kMask16;
/// An addition said to cost so much that it is not fused.
extern const OpDescriptor kDearAdd;

/// Sum and count in two planes, finished as the mean: what users have.
Reducer mean_reducer(DType from = DType::float64);
/// A state that depends on the order and grouping of every take and merge, in three planes: what tests need. `taker`
/// names the dtype that it takes.
Reducer order_reducer(DType from = DType::float64);

/// A value in [−2, 2) that depends on all bits of (name, element), exact in float32.
double pattern(const std::string& name, std::int64_t element);

/// A source whose element e, row-major, is pattern(name, e) in `type` (for int16: 0 … 15). `decoding`: operations that
/// its cost claims per byte.
LayerPtr pattern_source(const std::string& name, const ChunkGrid& grid, DType type = DType::float64,
                        double decoding = 0);
/// The same in float64, of a kernel that makes whole chunks only: all others make parts too.
LayerPtr whole_source(const std::string& name, const ChunkGrid& grid);
/// The same as the first, every chunk with the page of an aid layer on one rank; `pages[a]` chunks of axis a share a
/// page. Its kernel checks that it gets the page that it needs.
LayerPtr paged_source(const std::string& name, const ChunkGrid& grid, const Coords& pages, std::uint64_t key = 0,
                      DType type = DType::float64);
/// The same with pages of a given aid, whose chunks along axis a are those of `grid` by `pages[a]`.
LayerPtr paged_source(const std::string& name, const ChunkGrid& grid, const Coords& pages, const LayerPtr& aid,
                      DType type = DType::float64);
/// The grid that an aid of such pages has.
ChunkGrid page_grid(const ChunkGrid& grid, const Coords& pages);
LayerPtr one_rank_source(const std::string& name, const ChunkGrid& grid, std::uint64_t key);

/// op(operands…), all lying straight in the first one's grid.
LayerPtr apply(const OpDescriptor& op, std::vector<LayerPtr> operands);
LayerPtr apply(const OpDescriptor& op, std::vector<LayerPtr> operands, std::vector<OperandMap> maps,
               const ChunkGrid& domain);
/// The whole reduction of one array.
LayerPtr reduce(const Reducer& reducer, const Coords& axes, const LayerPtr& of);
/// The reduction of each group of indices along an axis.
LayerPtr reduce_grouped(const Reducer& reducer, int axis, const std::vector<std::int64_t>& labels, std::int64_t groups,
                        const LayerPtr& of, std::int64_t groups_per_chunk = 1);
LayerPtr rechunk(const LayerPtr& of, const ChunkGrid& grid);
/// A sink that does nothing with its input.
LayerPtr capture_sink(const LayerPtr& of, const std::string& identity = "kept");
LayerPtr capture_sink_on_rank_0(const LayerPtr& of, const std::string& identity = "kept on rank 0");

}  // namespace dunlin::test
