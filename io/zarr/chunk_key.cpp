#include "chunk_key.hpp"

namespace dunlin {

std::string chunk_key(const ChunkKeyEncoding& encoding, const ChunkIndex& chunk) {
  const bool standard = encoding.kind == ChunkKeyEncoding::Kind::standard;
  std::string key = standard ? "c" : "";
  for (std::int64_t place : chunk.at) {
    if (!key.empty()) key += encoding.separator;
    key += std::to_string(place);
  }
  return key.empty() ? "0" : key;
}

}  // namespace dunlin
