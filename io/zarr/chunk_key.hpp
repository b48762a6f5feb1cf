#pragma once
// Where a chunk lies below its array (Zarr v3, "chunk key encoding").
//
//   default, "/"   (1, 23, 45) → c/1/23/45      () → c
//   v2, "."        (1, 23, 45) → 1.23.45        () → 0

#include <string>

#include "dunlin/base/chunk_grid.hpp"

namespace dunlin {

struct ChunkKeyEncoding {
  enum class Kind { standard, v2 } kind = Kind::standard;
  char separator = '/';
};

std::string chunk_key(const ChunkKeyEncoding& encoding, const ChunkIndex& chunk);

}  // namespace dunlin
