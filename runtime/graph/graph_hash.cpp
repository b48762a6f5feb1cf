#include "dunlin/graph/graph_hash.hpp"

#include <xxhash.h>

#include <cstring>
#include <memory>
#include <new>

namespace dunlin {

Hash128 hash_bytes(std::span<const std::byte> bytes, const Hash128& seed) {
  // Short ones, as graphs have them, without the state of a stream: the hash is the same.
  constexpr std::size_t kShort = 240;
  if (bytes.size() <= kShort) {
    std::byte text[sizeof seed + kShort];
    std::memcpy(text, seed.data(), sizeof seed);
    if (!bytes.empty()) std::memcpy(text + sizeof seed, bytes.data(), bytes.size());
    const XXH128_hash_t hash = XXH3_128bits(text, sizeof seed + bytes.size());
    return {hash.high64, hash.low64};
  }
  const std::unique_ptr<XXH3_state_t, XXH_errorcode (*)(XXH3_state_t*)> state(XXH3_createState(), XXH3_freeState);
  if (!state) throw std::bad_alloc();
  XXH3_128bits_reset(state.get());
  XXH3_128bits_update(state.get(), seed.data(), sizeof seed);
  XXH3_128bits_update(state.get(), bytes.data(), bytes.size());
  const XXH128_hash_t hash = XXH3_128bits_digest(state.get());
  return {hash.high64, hash.low64};
}

Description& Description::structure(std::string_view text) {
  structure_.text(std::string(text));
  return *this;
}
Description& Description::structure(std::int64_t number) {
  structure_.number(number);
  return *this;
}
Description& Description::structure(const ChunkGrid& grid) {
  structure_.number(grid.rank());
  for (int a = 0; a < grid.rank(); ++a) {
    structure_.number(grid.length(a));
    structure_.number(grid.count(a));
    if (grid.is_regular(a)) {
      structure_.number(grid.step(a));
    } else if (grid.length(a) != kUnknown) {
      for (std::int64_t chunk = 0; chunk < grid.count(a); ++chunk) structure_.number(grid.begin(a, chunk));
    }
  }
  return *this;
}
Description& Description::structure(DType type) {
  structure_.number(type.kind());
  structure_.number(static_cast<std::int64_t>(type.size()));
  return *this;
}
Description& Description::structure(const Coords& values) {
  structure_.coords(values);
  return *this;
}
Description& Description::identity(std::string_view text) {
  identity_.text(std::string(text));
  return *this;
}
Description& Description::identity(std::int64_t number) {
  identity_.number(number);
  return *this;
}
Description& Description::identity(std::span<const std::byte> bytes) {
  identity_.block(bytes);
  return *this;
}

Hash128 Description::structure_hash() const { return hash_bytes(structure_.bytes()); }
Hash128 Description::value_hash() const { return hash_bytes(identity_.bytes(), structure_hash()); }

}  // namespace dunlin
