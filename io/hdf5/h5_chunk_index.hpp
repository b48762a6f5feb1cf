#pragma once
// Where the chunks of a dataset lie, asked from the library, O(log chunks) each: a million in about 1.5 s.

#include "dunlin/io/stored_array.hpp"
#include "h5_file.hpp"

namespace dunlin {

/// Fills the extents of a block of chunks, row-major; chunks outside the stored shape are absent. One thread at a time.
/// Throws BadHdf5 naming the chunk, InputChanged, IoFailure.
void load_chunk_index(const H5File& file, const std::string& dataset, const ChunkGrid& grid, const Shape& stored,
                      const ChunkBox& chunks, std::span<ChunkExtent> extents);

}  // namespace dunlin
