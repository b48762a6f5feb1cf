#pragma once
// A reduction as its definition says it (reduction.hpp), one output element at a time, with none of the library's code:
// what the kernels must equal bit for bit.

#include <functional>
#include <vector>

#include "dunlin/graph/reduction.hpp"

namespace dunlin::test {

/// The state of one output element.
using State = std::vector<double>;

/// The results over `axes` of the array of shape `grid.shape()` whose element at a position is `value(position)`,
/// row-major over the other axes.
std::vector<double> plain_reduction(const Reducer& reducer, const Coords& axes, const ChunkGrid& grid,
                                    const std::function<double(const Coords&)>& value);

/// The same for each group of indices along `axis`: `labels[i]` in [0, groups) or −1. Row-major over the domain's axes,
/// `axis` having one element per group.
std::vector<double> plain_grouped_reduction(const Reducer& reducer, int axis, const ChunkGrid& grid,
                                            const std::vector<std::int64_t>& labels, std::int64_t groups,
                                            const std::function<double(const Coords&)>& value);

}  // namespace dunlin::test
