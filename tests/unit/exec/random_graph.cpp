#include "random_graph.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>
#include <string>

#include "dunlin/graph/rechunk.hpp"

namespace dunlin::test {
namespace {

/// An array over some of the graph's dimensions, ascending, with its values.
struct Node {
  LayerPtr layer;
  Coords dims;
  std::vector<double> values;
  const ChunkGrid& grid() const { return layer->output().grid; }
};

std::int64_t offset_in(const Shape& shape, const Coords& at) {
  std::int64_t offset = 0;
  for (std::size_t a = 0; a < shape.size(); ++a) offset = offset * shape[a] + at[a];
  return offset;
}

class Generator {
 public:
  Generator(unsigned seed, Numbers numbers) : random_(seed), seed_(seed), numbers_(numbers) {
    const int dims = pick(1, 3);
    for (int d = 0; d < dims; ++d) lengths_.push_back(pick(1, 13));
  }

  RandomGraph make() {
    add_source();
    for (int step = pick(2, 7); step > 0; --step) add_step();
    RandomGraph graph;
    add_sink(graph, static_cast<int>(nodes_.size()) - 1);
    if (pick(0, 1)) add_sink(graph, pick(0, static_cast<int>(nodes_.size()) - 1));
    return graph;
  }

 private:
  int pick(int low, int high) { return std::uniform_int_distribution(low, high)(random_); }
  const Node& any() { return nodes_[static_cast<std::size_t>(pick(0, static_cast<int>(nodes_.size()) - 1))]; }
  std::string name(const char* what) { return std::string(what) + " " + std::to_string(nodes_.size()); }

  Shape shape_of(const Coords& dims) const {
    Shape shape;
    for (std::int64_t d : dims) shape.push_back(lengths_[static_cast<std::size_t>(d)]);
    return shape;
  }

  ChunkGrid random_grid(const Shape& shape) {
    std::vector<std::vector<std::int64_t>> spans;
    for (std::int64_t length : shape) {
      auto& axis = spans.emplace_back();
      for (std::int64_t rest = length; rest > 0; rest -= axis.back())
        axis.push_back(pick(1, static_cast<int>(std::min<std::int64_t>(rest, 5))));
    }
    return ChunkGrid::ragged(spans);
  }

  double value_of(std::uint64_t key) const {
    std::uint64_t x = key * 0x9E3779B97F4A7C15ull;
    x = (x ^ (x >> 29)) * 0xBF58476D1CE4E5B9ull;
    x ^= x >> 32;
    if (numbers_ == Numbers::whole) return static_cast<double>(x % 17) - 8;
    return std::ldexp(static_cast<double>(x >> 11), -53 + static_cast<int>(x % 40) - 20) * (x & 1024 ? 1 : -1);
  }

  void add_source() {
    Coords dims;
    for (int d = 0; d < static_cast<int>(lengths_.size()); ++d) dims.push_back(d);
    const Shape shape = shape_of(dims);
    const std::uint64_t salt = seed_ * 1'000'003ull + nodes_.size();
    const ValueAt value = [this_copy = *this, shape, salt](const Coords& at) {
      return this_copy.value_of(salt * 1'000'003ull + static_cast<std::uint64_t>(offset_in(shape, at)));
    };
    Node node{source(name("source"), random_grid(shape), value, {.scratch_bytes = 8 * pick(0, 20)}), dims, {}};
    for_each_position(shape, [&](const Coords& at) { node.values.push_back(value(at)); });
    nodes_.push_back(std::move(node));
  }

  void add_step() {
    switch (pick(0, 5)) {
      case 0:
        return add_source();
      case 1: {
        Node from = any();
        from.layer = scaled(name("scale"), from.layer, 3, -1);
        for (double& value : from.values) value = value * 3 - 1;
        nodes_.push_back(std::move(from));
        return;
      }
      case 2: {
        Node from = any();
        from.layer = RechunkLayer::make(name("rechunk"), from.layer, random_grid(from.grid().shape()));
        nodes_.push_back(std::move(from));
        return;
      }
      case 3:
        return add_sum(any());
      default:
        return add_combination(any(), any());
    }
  }

  void add_sum(Node from) {
    if (from.dims.empty()) return;
    const int mask = pick(1, (1 << from.dims.size()) - 1);
    Coords axes, dims;
    for (std::size_t a = 0; a < from.dims.size(); ++a)
      if (mask >> a & 1)
        axes.push_back(static_cast<std::int64_t>(a));
      else
        dims.push_back(from.dims[a]);
    const Shape shape = shape_of(dims);
    std::vector<double> sums(static_cast<std::size_t>(product(shape)), 0.0);
    std::size_t k = 0;
    for_each_position(from.grid().shape(), [&](const Coords& at) {
      Coords kept;
      for (std::size_t a = 0; a < at.size(); ++a)
        if (!(mask >> a & 1)) kept.push_back(at[a]);
      sums[static_cast<std::size_t>(offset_in(shape, kept))] += from.values[k++];
    });
    nodes_.push_back({summed(name("sum"), from.layer, axes), dims, std::move(sums)});
  }

  /// a ± b where b's dimensions are among a's; b gets a's chunks before.
  void add_combination(Node a, Node b) {
    if (a.dims.size() < b.dims.size()) std::swap(a, b);
    OperandMap map;
    ChunkGrid grid = b.grid();
    for (std::size_t k = 0; k < b.dims.size(); ++k) {
      const auto found = std::find(a.dims.begin(), a.dims.end(), b.dims[k]);
      if (found == a.dims.end()) return;
      map.axis.push_back(found - a.dims.begin());
      grid = grid.with_axis_of(static_cast<int>(k), a.grid(), static_cast<int>(map.axis.back()));
    }
    if (grid != b.grid()) b.layer = RechunkLayer::make(name("fit"), b.layer, grid);
    const double sign = pick(0, 1) ? 1 : -1;
    Node result = a;
    result.layer = combined(name("combine"), a.grid(), a.layer, straight(a.grid().rank()), b.layer, map, sign);
    std::size_t k = 0;
    for_each_position(a.grid().shape(), [&](const Coords& at) {
      Coords other;
      for (std::int64_t axis : map.axis) other.push_back(at[static_cast<std::size_t>(axis)]);
      result.values[k++] += sign * b.values[static_cast<std::size_t>(offset_in(shape_of(b.dims), other))];
    });
    nodes_.push_back(std::move(result));
  }

  void add_sink(RandomGraph& graph, int node) {
    const Node& from = nodes_[static_cast<std::size_t>(node)];
    graph.collected.push_back(std::make_shared<Collected>(from.grid()));
    graph.expected.push_back(from.values);
    graph.sinks.push_back(sink("sink " + std::to_string(graph.sinks.size()), from.layer, graph.collected.back()));
  }

  std::mt19937 random_;
  unsigned seed_;
  Numbers numbers_;
  std::vector<std::int64_t> lengths_;
  std::vector<Node> nodes_;
};

}  // namespace

RandomGraph random_graph(unsigned seed, Numbers numbers) { return Generator(seed, numbers).make(); }

std::int64_t check_collected(Collected& collected, const std::vector<double>& whole) {
  const Shape shape = collected.grid().shape();
  const auto chunks = collected.take();
  for (const auto& [chunk, values] : chunks) {
    const Box box = collected.grid().box(chunk);
    EXPECT_EQ(static_cast<std::int64_t>(values.size()), box.count());
    std::size_t k = 0;
    bool equal = true;
    for_each_position(box.shape(), [&](const Coords& inside) {
      Coords at = inside;
      for (std::size_t a = 0; a < at.size(); ++a) at[a] += box.begin[a];
      const double& expected = whole[static_cast<std::size_t>(offset_in(shape, at))];
      equal = equal && std::memcmp(&expected, &values[k++], sizeof expected) == 0;
    });
    EXPECT_TRUE(equal) << "chunk " << to_string(chunk) << " differs";
  }
  return static_cast<std::int64_t>(chunks.size());
}

std::vector<double> whole_of(Collected& collected) {
  const Shape shape = collected.grid().shape();
  std::vector<double> whole(static_cast<std::size_t>(product(shape)));
  for (const auto& [chunk, values] : collected.take()) {
    const Box box = collected.grid().box(chunk);
    std::size_t k = 0;
    for_each_position(box.shape(), [&](const Coords& inside) {
      Coords at = inside;
      for (std::size_t a = 0; a < at.size(); ++a) at[a] += box.begin[a];
      whole[static_cast<std::size_t>(offset_in(shape, at))] = values[k++];
    });
  }
  return whole;
}

}  // namespace dunlin::test
