#pragma once
// A lazy array: positions only, by NumPy's rules. Names and labels stand on it in labelled/.
//
// An `Array` is an immutable value: dtype, shape, chunk grid, the layer that makes it, and the context's shared state.
// It is cheap to copy and safe to read from several threads. Nothing is computed until a collective call asks for it.
// Operations are free functions by theme (elementwise.hpp, reductions.hpp), with a few methods for chaining.
//
//   Array x = from_stored(context.state(), group.arrays[0]);      // (240, 37, 49) float32
//   Array anomaly = x - mean(x, {0});                             // still nothing read

#include <memory>
#include <string>
#include <vector>

#include "dunlin/base/chunk_grid.hpp"
#include "dunlin/base/dtype.hpp"
#include "dunlin/context/context.hpp"
#include "dunlin/graph/layer.hpp"

namespace dunlin {

class Array {
 public:
  Array(std::shared_ptr<ContextState> context, LayerPtr layer)
      : context_(std::move(context)), layer_(std::move(layer)) {}

  DType dtype() const { return layer_->output().dtype; }
  const ChunkGrid& grid() const { return layer_->output().grid; }
  Shape shape() const { return grid().shape(); }
  int rank() const { return grid().rank(); }
  const LayerPtr& layer() const { return layer_; }
  const std::shared_ptr<ContextState>& context() const { return context_; }

  /// The same values in other chunks.
  Array rechunk(const ChunkGrid& grid) const;
  Array mean(const Coords& axes) const;
  /// Collective: all values, row-major, on every rank. Throws UsageError above `limit` bytes (64 MiB), naming the ways
  /// out. T must be the dtype's C++ type.
  template <class T>
  std::vector<T> compute() const;
  std::vector<std::byte> compute_bytes(std::int64_t limit = std::int64_t{64} << 20) const;

 private:
  std::shared_ptr<ContextState> context_;
  LayerPtr layer_;
};

/// A small array that every rank holds alike (coordinates): `values` is row-major, of shape and dtype; one chunk.
/// Not collective. The bytes are part of the graph's identity.
Array from_replicated(std::shared_ptr<ContextState> context, const Shape& shape, DType dtype,
                      std::vector<std::byte> values);

template <class T>
std::vector<T> Array::compute() const {
  if (dtype_of<T>() != dtype())
    throw UsageError("compute<" + to_string(dtype_of<T>()) + ">() of an array of " + to_string(dtype()) +
                     ": name the array's own type, or convert with astype before");
  const std::vector<std::byte> bytes = compute_bytes();
  std::vector<T> values(bytes.size() / sizeof(T));
  std::copy_n(bytes.data(), bytes.size(), reinterpret_cast<std::byte*>(values.data()));
  return values;
}

}  // namespace dunlin
