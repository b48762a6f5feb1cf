#pragma once
// Whole arrays as bytes, the layers that make them and the sinks that keep what comes back; folders as they are on
// disk.

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "conformance/io/stored_array_conformance.hpp"
#include "dunlin/storage/storage.hpp"
#include "support/ranks.hpp"
#include "support/temporary_folder.hpp"
#include "support/watchdog.hpp"

namespace dunlin::test {

/// An array that the test knows, row-major.
struct WholeArray {
  Shape shape;
  DType dtype;
  std::vector<std::byte> bytes;

  /// Bytes that differ from element to element; for floats every bit pattern may occur, NaNs with payload too.
  static WholeArray of(const Shape& shape, DType dtype, unsigned seed = 1);
  std::vector<std::byte> box(const Box& box) const { return cut_out(bytes, shape, dtype.size(), box); }
};

/// Called where a task begins.
using TaskHook = std::function<void(const ChunkIndex&)>;

LayerPtr source_of(const std::string& name, const WholeArray& whole, const ChunkGrid& grid, TaskHook hook = {});

/// Computes a layer and compares every chunk that this rank gets, bit by bit; all ranks together get each once.
void expect_computes(Context& context, const LayerPtr& layer, const WholeArray& whole);

/// A sink that lets go of what it gets.
LayerPtr write_nothing(const LayerPtr& layer);

/// One array of a group to be written.
NewArray new_array(const std::string& name, const WholeArray& whole, const Shape& chunk);

/// Writes one array "x" into `path`, alike on all ranks. Collective.
RunReport write_one(Context& context, const std::string& path, const WholeArray& whole, const Shape& chunk,
                    const std::string& codec = "none", bool overwrite = false, TaskHook hook = {},
                    std::vector<std::string> inputs = {});

/// Reads the array "x" of `path` and compares. Collective.
void expect_holds(Context& context, const std::string& path, const WholeArray& whole);

/// Every file below a folder with its content, folders with a trailing slash.
std::map<std::string, std::string> snapshot(const std::string& folder);
void write_text(const std::string& path, const std::string& text);

/// The RankError that a collective call ends with on this rank.
std::optional<RankError> rank_error_of(const std::function<void()>& call);

}  // namespace dunlin::test
