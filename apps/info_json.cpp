// What `info --json` gives to programs.

#include "dataset_facts.hpp"
#include "dunlin/base/json_writer.hpp"

namespace dunlin {
namespace {

void attributes(JsonWriter& json, const Attributes& all) {
  json.key("attributes").begin_object();
  for (const auto& [name, value] : all.entries()) {
    json.key(name);
    write_value(json, value);
  }
  json.end_object();
}

void lengths(JsonWriter& json, const Shape& shape) {
  json.begin_array();
  for (std::int64_t length : shape) json.value(length);
  json.end_array();
}

void ends(JsonWriter& json, const Ends& ends) {
  json.key("first").value(ends.first).key("last").value(ends.last);
  if (ends.first_date.empty()) return;
  json.key("first_date").value(ends.first_date).key("last_date").value(ends.last_date);
  json.key("calendar").value(ends.calendar);
}

void variable(JsonWriter& json, const VariableFacts& facts) {
  json.begin_object().key("name").value(facts.name).key("role").value(to_string(facts.role));
  json.key("dtype").value(to_string(facts.dtype)).key("decoded_dtype").value(to_string(facts.decoded));
  json.key("dimensions").begin_array();
  for (const std::string& dim : facts.dims) json.value(dim);
  json.end_array().key("shape");
  lengths(json, facts.shape);
  json.key("chunks");
  if (facts.chunks.empty())
    json.null();
  else
    lengths(json, facts.chunks);
  json.key("encoding").value(facts.encoding).key("bytes").value(facts.bytes);
  if (facts.ends) ends(json, *facts.ends);
  attributes(json, facts.attributes);
  json.end_object();
}

}  // namespace

std::string info_json(const DatasetFacts& facts) {
  JsonWriter json;
  json.begin_object().key("path").value(facts.path).key("format").value(facts.format);
  json.key("group").value(facts.group).key("dimensions").begin_array();
  for (const Dimension& dimension : facts.dimensions) {
    json.begin_object().key("name").value(dimension.name).key("length").value(dimension.length);
    json.key("unlimited").value(dimension.unlimited).end_object();
  }
  json.end_array().key("variables").begin_array();
  for (const VariableFacts& one : facts.variables) variable(json, one);
  json.end_array();
  attributes(json, facts.attributes);
  json.key("skipped").begin_array();
  for (const SkippedVariable& one : facts.skipped)
    json.begin_object().key("name").value(one.name).key("reason").value(one.reason).end_object();
  json.end_array().end_object();
  return json.text() + "\n";
}

}  // namespace dunlin
