#pragma once
// The `codecs` of an array (Zarr v3): array→array codecs, exactly one array→bytes codec, bytes→bytes codecs.
//
//   codecs := transpose*  bytes  (blosc | gzip | zstd | crc32c)*
//
// What is valid but not read (sharding_indexed, vlen-utf8, codecs we do not know) is UnsupportedMetadata.

#include "../codec/chain.hpp"
#include "dunlin/base/coords.hpp"
#include "dunlin/base/dtype.hpp"
#include "dunlin/io/stored_group.hpp"
#include "json_text.hpp"

namespace dunlin {

struct ArrayCodecs {
  /// Stored axis i is the array's axis order[i]; the identity where nothing is transposed.
  Coords order;
  bool big_endian = false;
  CodecChain chain;
  /// For people: "raw", "blosc(lz4, 5, shuffle)", "transpose, big-endian, gzip 1".
  std::string description;
};

/// `list` is the value of 'codecs'. Throws BadMetadata, UnsupportedMetadata.
ArrayCodecs codecs_from_json(const Json& list, DType dtype, int rank, const std::string& where);

/// The codecs that a user's choice stands for, with defaults filled in.
Json codecs_to_json(const CodecChoice& choice, DType dtype);

}  // namespace dunlin
