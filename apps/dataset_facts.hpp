#pragma once
// What `info` tells of a file or store, gathered before anything is said, so that text and JSON say the same.
//
//   DatasetFacts facts = facts_of(dataset, open_group(context, path));      // nothing else is read
//   info_text(facts);   info_json(facts);

#include <optional>
#include <string>
#include <vector>

#include "dunlin/labelled/dataset.hpp"

namespace dunlin {

/// First and last value of a coordinate, decoded; with dates where it is a time.
struct Ends {
  double first = 0, last = 0;
  std::string first_date, last_date, calendar;
};

struct VariableFacts {
  std::string name;
  Role role = Role::data;
  /// As stored, and as decoding makes it: the same where there is nothing to decode.
  DType dtype, decoded;
  std::vector<std::string> dims;
  Shape shape;
  /// The storage's own chunks; empty where the values lie in one piece, or are a single value.
  Shape chunks;
  std::string encoding;
  std::int64_t bytes = 0;
  std::optional<Ends> ends;
  Attributes attributes;
};

struct DatasetFacts {
  std::string path, format, group;
  std::vector<Dimension> dimensions;
  std::vector<VariableFacts> variables;
  Attributes attributes;
  /// What cannot be carried, and what lies in other groups.
  std::vector<SkippedVariable> skipped;
};

/// Facts of the dataset's variables; `stored` is the group that it was opened from.
DatasetFacts facts_of(const Dataset& dataset, const StoredGroup& stored, const std::string& group);

/// For people: a block per kind of thing.
std::string info_text(const DatasetFacts& facts);
/// For programs: one JSON object {path, format, group, dimensions: [{name, length, unlimited}], variables: [{name,
/// role, dtype, decoded_dtype, dimensions, shape, chunks (null: one piece), encoding, bytes, first, last, first_date,
/// …, attributes}], attributes, skipped: [{name, reason}]}.
std::string info_json(const DatasetFacts& facts);

/// An attribute as people read it: "K", "-32768s", "1, 2, 3".
std::string attribute_text(const AttributeValue& value);

}  // namespace dunlin
