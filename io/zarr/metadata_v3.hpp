#pragma once
// zarr.json of Zarr v3: https://zarr-specs.readthedocs.io/en/latest/v3/core/index.html and, for bytes and zstd,
// zarr-extensions.
//
//   array := { zarr_format: 3, node_type: "array", shape, data_type, chunk_grid, chunk_key_encoding, fill_value,
//   codecs,
//              attributes?, dimension_names?, storage_transformers?: [] }
//   group := { zarr_format: 3, node_type: "group", attributes?,
//              consolidated_metadata?: { kind: "inline", metadata: { path: array | group … } } }
//
// Everything is checked before it is used: after parsing, the array's and a chunk's bytes fit 63 bits. A field that we
// do not know is refused unless it says must_understand: false. Mistakes are BadMetadata, valid kinds that we do not
// read UnsupportedMetadata.

#include <utility>
#include <vector>

#include "chunk_key.hpp"
#include "codec_json.hpp"
#include "dunlin/io/stored_array.hpp"

namespace dunlin {

/// Most bytes read of a zarr.json.
inline constexpr std::uint64_t kMetadataLimit = std::uint64_t{64} << 20;

struct ArrayMetadata {
  /// All but the name. The grid's steps are the chunk shape; chunks at the edges are stored whole.
  ArrayDescription description;
  ChunkKeyEncoding keys;
  ArrayCodecs codecs;
};

struct GroupMetadata {
  Attributes attributes;
  bool consolidated = false;
  /// Path below the group and metadata of every node, in the file's order; empty unless consolidated.
  std::vector<std::pair<std::string, Json>> nodes;
};

enum class NodeType { array, group };

/// What a zarr.json describes, with its format checked.
NodeType node_type(const Json& node, const std::string& where);
ArrayMetadata parse_array(const Json& node, const std::string& where);
GroupMetadata parse_group(const Json& node, const std::string& where);

/// zarr.json of an array to be written. The description is complete and its grid regular.
Json array_to_json(const ArrayDescription& description, const CodecChoice& codec);
Json group_to_json(const Attributes& attributes);

}  // namespace dunlin
