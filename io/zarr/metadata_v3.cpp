#include "metadata_v3.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "attributes_json.hpp"
#include "fill_value.hpp"
#include "json_read.hpp"

namespace dunlin {
namespace {

template <std::size_t N>
void check_fields(const Json& node, const std::array<std::string_view, N>& known, const std::string& where) {
  for (const auto& [name, value] : node.items()) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const Json* must = value.is_object() ? member(value, "must_understand") : nullptr;
    if (!must || *must != Json(false))
      throw UnsupportedMetadata(where, "field '" + name + "' is unknown and does not say that it may be ignored");
  }
}

// Product of lengths and the element's size; BadMetadata where 63 bits cannot hold it.
void check_bytes(const std::vector<std::int64_t>& lengths, std::size_t element, const Place& place) {
  auto bytes = static_cast<std::int64_t>(element);
  for (std::int64_t length : lengths)
    if (__builtin_mul_overflow(bytes, std::max<std::int64_t>(length, 1), &bytes))
      place.expected("of less than 2^63 bytes in all", lengths);
}

std::uint32_t length_bytes(const Extension& type) {
  const Json& length = needed(type.configuration, type.place, "length_bytes", "a number of bytes");
  return static_cast<std::uint32_t>(whole_number(length, type.place.at("length_bytes"), 1, 1 << 30));
}

// r8, r16, …: raw bits.
std::optional<DType> raw_bits(const std::string& name) {
  std::uint32_t bits = 0;
  if (name.size() < 2 || name[0] != 'r') return std::nullopt;
  const auto [stop, error] = std::from_chars(name.data() + 1, name.data() + name.size(), bits);
  if (error != std::errc{} || stop != name.data() + name.size() || bits == 0 || bits % 8 != 0) return std::nullopt;
  return DType::bytes(bits / 8);
}

DType dtype_from(const Json& value, const Place& place) {
  const Extension type = extension_of(value, place);
  if (type.name == "null_terminated_bytes" || type.name == "raw_bytes") return DType::bytes(length_bytes(type));
  if (const auto raw = raw_bits(type.name)) return *raw;
  const auto plain = parse_dtype(type.name);
  if (!plain || plain->kind() == DType::raw)
    throw UnsupportedMetadata(place.where, "data type '" + type.name + "' is not handled");
  return *plain;
}

ChunkGrid grid_from(const Json& node, const Shape& shape, DType dtype, const std::string& where) {
  const Place place{where, "chunk_grid"};
  const Extension grid = extension_of(needed(node, {where, ""}, "chunk_grid", "a regular grid"), place);
  if (grid.name != "regular")
    throw UnsupportedMetadata(where, "chunk grid '" + grid.name + "' is not handled: only 'regular' is");
  const Place at = grid.place.at("chunk_shape");
  const Json& value = needed(grid.configuration, grid.place, "chunk_shape", "one length per axis");
  const auto chunk = whole_numbers(value, at, 1);
  if (chunk.size() != shape.size())
    at.expected("a list of " + std::to_string(shape.size()) + " lengths, one per axis", value);
  check_bytes(chunk, dtype.size(), at);
  return ChunkGrid::regular(shape, Shape(chunk));
}

ChunkKeyEncoding keys_from(const Json& node, const std::string& where) {
  const Place place{where, "chunk_key_encoding"};
  const Extension keys = extension_of(needed(node, {where, ""}, "chunk_key_encoding", "'default' or 'v2'"), place);
  ChunkKeyEncoding encoding;
  if (keys.name == "v2")
    encoding = {ChunkKeyEncoding::Kind::v2, '.'};
  else if (keys.name != "default")
    throw UnsupportedMetadata(where, "chunk key encoding '" + keys.name + "' is not handled: 'default' and 'v2' are");
  if (const Json* separator = member(keys.configuration, "separator")) {
    if (*separator != Json("/") && *separator != Json("."))
      keys.place.at("separator").expected("'/' or '.'", *separator);
    encoding.separator = separator->get_ref<const std::string&>()[0];
  }
  return encoding;
}

std::vector<std::string> dimensions_from(const Json& node, std::size_t rank, const std::string& where) {
  std::vector<std::string> names(rank);
  const Json* value = member(node, "dimension_names");
  if (!value || value->is_null()) return names;
  const Place place{where, "dimension_names"};
  if (!value->is_array() || value->size() != rank)
    place.expected("a list of " + std::to_string(rank) + " names, one per axis", *value);
  for (std::size_t a = 0; a < rank; ++a)
    if (!(*value)[a].is_null()) names[a] = text_of((*value)[a], place);
  return names;
}

Attributes attributes_of(const Json& node, const std::string& where) {
  const Json* value = member(node, "attributes");
  if (!value) return {};
  if (!value->is_object()) Place{where, "attributes"}.expected("an object", *value);
  return attributes_from_json(*value);
}

Json data_type_to_json(DType dtype) {
  if (dtype.kind() != DType::raw) return to_string(dtype);
  return {{"name", "null_terminated_bytes"}, {"configuration", {{"length_bytes", dtype.size()}}}};
}

}  // namespace

NodeType node_type(const Json& node, const std::string& where) {
  const Place place{where, ""};
  if (!node.is_object()) place.expected("an object", node);
  const Json& format = needed(node, place, "zarr_format", "3");
  if (format != Json(3)) place.at("zarr_format").expected("3", format);
  const Json& type = needed(node, place, "node_type", "'array' or 'group'");
  if (type == Json("array")) return NodeType::array;
  if (type != Json("group")) place.at("node_type").expected("'array' or 'group'", type);
  return NodeType::group;
}

ArrayMetadata parse_array(const Json& node, const std::string& where) {
  static constexpr std::array<std::string_view, 11> kFields = {
      "zarr_format", "node_type", "shape",      "data_type",       "chunk_grid",          "chunk_key_encoding",
      "fill_value",  "codecs",    "attributes", "dimension_names", "storage_transformers"};
  const Place place{where, ""};
  require(node_type(node, where) == NodeType::array, "parse_array gets an array's metadata");
  check_fields(node, kFields, where);
  ArrayMetadata metadata;
  ArrayDescription& description = metadata.description;
  const auto lengths = whole_numbers(needed(node, place, "shape", "a list of lengths"), place.at("shape"), 0);
  if (lengths.size() > kMaxRank)
    throw UnsupportedMetadata(where, "it has " + std::to_string(lengths.size()) + " axes: at most " +
                                         std::to_string(kMaxRank) + " are handled");
  description.dtype = dtype_from(needed(node, place, "data_type", "a type"), place.at("data_type"));
  check_bytes(lengths, description.dtype.size(), place.at("shape"));
  description.grid = grid_from(node, Shape(lengths), description.dtype, where);
  metadata.keys = keys_from(node, where);
  description.fill_value =
      fill_from_json(needed(node, place, "fill_value", "a value of the array's type"), description.dtype, where);
  metadata.codecs = codecs_from_json(needed(node, place, "codecs", "a list of codecs"), description.dtype,
                                     description.grid.rank(), where);
  if (const Json* transformers = member(node, "storage_transformers")) {
    if (!transformers->is_array()) place.at("storage_transformers").expected("a list", *transformers);
    if (!transformers->empty()) throw UnsupportedMetadata(where, "it uses storage transformers, which are not handled");
  }
  description.dimensions = dimensions_from(node, lengths.size(), where);
  description.attributes = attributes_of(node, where);
  description.encoding = metadata.codecs.description;
  description.decode_cost = metadata.codecs.chain.decode_cost();
  return metadata;
}

GroupMetadata parse_group(const Json& node, const std::string& where) {
  static constexpr std::array<std::string_view, 4> kFields = {"zarr_format", "node_type", "attributes",
                                                              "consolidated_metadata"};
  require(node_type(node, where) == NodeType::group, "parse_group gets a group's metadata");
  check_fields(node, kFields, where);
  GroupMetadata group;
  group.attributes = attributes_of(node, where);
  const Json* consolidated = member(node, "consolidated_metadata");
  if (!consolidated || consolidated->is_null()) return group;
  const Place place{where, "consolidated_metadata"};
  if (!consolidated->is_object()) place.expected("an object", *consolidated);
  const Json& kind = needed(*consolidated, place, "kind", "'inline'");
  if (kind != Json("inline")) place.at("kind").expected("'inline'", kind);
  const Json& nodes = needed(*consolidated, place, "metadata", "an object of nodes");
  if (!nodes.is_object()) place.at("metadata").expected("an object of nodes", nodes);
  group.consolidated = true;
  for (const auto& [path, child] : nodes.items()) group.nodes.emplace_back(path, child);
  return group;
}

Json array_to_json(const ArrayDescription& description, const CodecChoice& codec) {
  const ChunkGrid& grid = description.grid;
  Json shape = Json::array(), chunk = Json::array(), names = Json::array();
  for (int a = 0; a < grid.rank(); ++a) {
    shape.push_back(grid.length(a));
    chunk.push_back(std::max<std::int64_t>(grid.step(a), 1));
  }
  bool named = false;
  for (const std::string& name : description.dimensions) {
    names.push_back(name.empty() ? Json() : Json(name));
    named = named || !name.empty();
  }
  Json node = {{"zarr_format", 3},
               {"node_type", "array"},
               {"shape", shape},
               {"data_type", data_type_to_json(description.dtype)},
               {"chunk_grid", {{"name", "regular"}, {"configuration", {{"chunk_shape", chunk}}}}},
               {"chunk_key_encoding", {{"name", "default"}, {"configuration", {{"separator", "/"}}}}},
               {"fill_value", fill_to_json(description.fill_value, description.dtype)},
               {"codecs", codecs_to_json(codec, description.dtype)},
               {"attributes", attributes_to_json(description.attributes)}};
  if (named) node["dimension_names"] = names;
  node["storage_transformers"] = Json::array();
  return node;
}

Json group_to_json(const Attributes& attributes) {
  return {{"zarr_format", 3}, {"node_type", "group"}, {"attributes", attributes_to_json(attributes)}};
}

}  // namespace dunlin
