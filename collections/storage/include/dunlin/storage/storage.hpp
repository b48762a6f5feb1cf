#pragma once
// Stored arrays as graph layers: where files and graphs meet.
//
//   StoredGroup group = open_group(context, "in.nc");                       // collective; rank 0 opens, all know
//   LayerPtr x = read_layer(group.arrays[0]);                               // lazy
//   NewStore store = create_store(context, "out.zarr", new_group, codec);   // lazy as well: nothing is touched
//   context.compute(store.sinks({y}));                                      // grows as .out.zarr.partial, then appears
//
// Chunks: `auto_chunks` gives whole multiples of the stored chunks (slabs of a contiguous array) near 16 MiB, a
// function of the array and its storage alone.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dunlin/base/posix_file.hpp"
#include "dunlin/context/context.hpp"
#include "dunlin/graph/layer.hpp"
#include "dunlin/io/store.hpp"
#include "dunlin/io/stored_group.hpp"

namespace dunlin {

inline constexpr std::int64_t kChunkBytes = std::int64_t{16} << 20;

/// Collective: opens metadata on rank 0 and shares it.
StoredGroup open_group(ContextState& context, const std::string& path);

/// Chunks near `target` bytes: the last axes are filled first, an axis at a time, by whole stored chunks.
ChunkGrid auto_chunks(const ArrayDescription& array, std::int64_t target = kChunkBytes);

/// A source layer over a stored array (with its chunk-index layer where the format needs one; all on one rank, which
/// its name says, where only the format's library can decode it). `grid` must have the array's shape; a chunk that cuts
/// stored chunks is read by more than one task.
LayerPtr read_layer(std::shared_ptr<const StoredArray> array, const ChunkGrid& grid);
LayerPtr read_layer(std::shared_ptr<const StoredArray> array);

/// What a new store asks of the system. Tests give others: a store with faults, a file system that cannot exchange.
struct OutputSystem {
  /// The store in which the hierarchy grows, below a folder.
  std::function<std::shared_ptr<Store>(const std::string& root)> store = make_filesystem_store;
  /// Exchanges two paths in one step; false where that cannot be done.
  std::function<bool(const std::string& a, const std::string& b)> exchange = exchange_paths;
};

/// A new hierarchy to be written: sinks first, then their publication.
class NewStore {
 public:
  /// The same on all ranks; touches nothing. `overwrite`: an existing Zarr hierarchy or regular file is replaced once
  /// the new one is complete. `inputs`: paths that are read, which the output must not be, hold or lie in.
  NewStore(std::shared_ptr<ContextState> context, std::string path, NewGroup group, CodecChoice codec, bool overwrite,
           std::vector<std::string> inputs, OutputSystem system = {});
  ~NewStore();
  NewStore(NewStore&&) noexcept;

  /// One sink per array of the group, in its order; where a value's chunks are not the array's, a rechunk goes between.
  std::vector<LayerPtr> sinks(const std::vector<LayerPtr>& values) const;
  /// Collective: checks the place, takes the lock, creates `.NAME.partial`, computes the sinks, makes all names durable
  /// (every rank the folders that it wrote into, each once), publishes under the final name. On any error nothing is
  /// left, and an old output is untouched. Throws OutputExists, OutputIsInput, …
  RunReport write(const std::vector<LayerPtr>& values);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// The output is there already, and overwriting was not asked for.
struct OutputExists : UsageError {
  explicit OutputExists(const std::string& path);
};

}  // namespace dunlin
