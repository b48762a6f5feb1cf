#pragma once
// By which two graphs are told apart: 128-bit hashes of what layers say of themselves.
//
// A layer describes itself in two streams. *Structure*: kind, grids, dtypes, index maps, operation names; equal
// structure means that an equal plan serves. *Identity*: scalars, seeds, a source's path, size and time; equal
// structure and identity mean that the values are equal, so that the expressions can be shared. Pointers are in
// neither. What cannot say what it computes (an opaque callable) takes an ordinal that the context counts.
//
// The hash is XXH3 (128 bits) of the described bytes, chained over a graph's layers in topological order.

#include <cstdint>
#include <span>
#include <string_view>

#include "dunlin/base/chunk_grid.hpp"
#include "dunlin/base/dtype.hpp"
#include "dunlin/base/hash128.hpp"
#include "dunlin/base/pack.hpp"

namespace dunlin {

class Description {
 public:
  /// Appends to the structure.
  Description& structure(std::string_view text);
  Description& structure(std::int64_t number);
  Description& structure(const ChunkGrid& grid);
  Description& structure(DType type);
  Description& structure(const Coords& values);
  /// Appends to the identity.
  Description& identity(std::string_view text);
  Description& identity(std::int64_t number);
  Description& identity(std::span<const std::byte> bytes);

  Hash128 structure_hash() const;
  /// Structure and identity together.
  Hash128 value_hash() const;

 private:
  Packer structure_, identity_;
};

/// Hash of some bytes after `seed`.
Hash128 hash_bytes(std::span<const std::byte> bytes, const Hash128& seed = {});

}  // namespace dunlin
