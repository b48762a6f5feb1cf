#pragma once
// Layers with cheap kernels: sources that compute their values from positions, a few operations, and sinks that keep
// what they get. All values are float64. Hooks let a test see, delay or break a task.

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "dunlin/graph/layer.hpp"
#include "dunlin/graph/operand_map.hpp"

namespace dunlin::test {

/// The value of an element, from its position in the whole array.
using ValueAt = std::function<double(const Coords&)>;

struct TaskSettings {
  /// Called where a task begins; what it throws is what the task throws.
  std::function<void(const ChunkIndex&)> hook;
  bool serial = false;
  /// Taken from the pool while the task runs, and planned.
  std::int64_t scratch_bytes = 0;
};

LayerPtr source(const std::string& name, const ChunkGrid& grid, ValueAt value, const TaskSettings& settings = {});

/// x × factor + addend.
LayerPtr scaled(const std::string& name, LayerPtr x, double factor, double addend);
/// a + sign × b, over a domain in which they lie as the maps say.
LayerPtr combined(const std::string& name, const ChunkGrid& domain, LayerPtr a, const OperandMap& a_map, LayerPtr b,
                  const OperandMap& b_map, double sign);
LayerPtr rechunked(const std::string& name, LayerPtr x, const ChunkGrid& grid);
/// Sum over axes.
LayerPtr summed(const std::string& name, LayerPtr x, const Coords& axes);

/// What a sink got on this rank, chunk by chunk.
class Collected {
 public:
  explicit Collected(ChunkGrid grid) : grid_(std::move(grid)) {}
  void put(const ChunkIndex& chunk, std::span<const std::byte> bytes);
  const ChunkGrid& grid() const { return grid_; }
  std::map<ChunkIndex, std::vector<double>> take();

 private:
  ChunkGrid grid_;
  std::mutex mutex_;
  std::map<ChunkIndex, std::vector<double>> chunks_;
};
LayerPtr sink(const std::string& name, LayerPtr value, std::shared_ptr<Collected> into,
              const TaskSettings& settings = {}, std::function<void(const Outcome&)> finish = {});

/// Calls f(position) for every position of a shape, row-major.
void for_each_position(const Shape& shape, const std::function<void(const Coords&)>& f);

}  // namespace dunlin::test
