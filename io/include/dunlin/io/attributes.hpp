#pragma once
// Attributes of stored arrays and groups: small named values, in the order of the file.
//
// A value is text, a list of texts, a list of integers or reals with the dtype that the file gave them (a single number
// is a list of one that says so), or JSON text for what only Zarr can spell (nested objects), which is carried as it
// is.
//
//   attributes.set("units", AttributeValue::text("K"));
//   if (auto* fill = attributes.find("_FillValue")) fill->real(0)

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "dunlin/base/dtype.hpp"
#include "dunlin/base/pack.hpp"

namespace dunlin {

class JsonWriter;

class AttributeValue {
 public:
  enum class Kind : std::uint8_t { text, texts, integers, reals, json };

  static AttributeValue text(std::string value);
  static AttributeValue texts(std::vector<std::string> values);
  /// Numbers of an integer dtype (bool included); uint64 values are kept by their bits.
  static AttributeValue integers(DType type, std::vector<std::int64_t> values, bool scalar);
  static AttributeValue integer(std::int64_t value) { return integers(DType::int64, {value}, true); }
  static AttributeValue reals(DType type, std::vector<double> values, bool scalar);
  static AttributeValue real(double value, DType type = DType::float64) { return reals(type, {value}, true); }
  static AttributeValue json(std::string value);

  Kind kind() const { return kind_; }
  bool is_text() const { return kind_ == Kind::text; }
  bool is_number() const { return kind_ == Kind::integers || kind_ == Kind::reals; }
  /// One number in the file, as against a list of one.
  bool is_scalar() const { return scalar_; }
  std::size_t size() const;
  /// dtype of numbers as the file had it.
  DType dtype() const { return type_; }
  /// The text of `text` and `json` kinds.
  const std::string& as_text() const { return texts_.at(0); }
  const std::vector<std::string>& as_texts() const { return texts_; }
  /// Number k as a double, integers converted. Precondition: is_number(), k < size().
  double real_at(std::size_t k) const;
  /// Number k as an integer. Precondition: kind() == integers.
  std::int64_t integer_at(std::size_t k) const { return integers_.at(k); }

  friend bool operator==(const AttributeValue&, const AttributeValue&) = default;
  void pack(Packer& out) const;
  static AttributeValue unpack(Unpacker& in);

 private:
  Kind kind_ = Kind::text;
  bool scalar_ = false;
  DType type_;
  std::vector<std::string> texts_;
  std::vector<std::int64_t> integers_;
  std::vector<double> reals_;
};

/// Writes a value as JSON has it: numbers, truth values, texts, lists of them, and what was JSON as it was. Numbers
/// that are not finite become "NaN", "Infinity" and "-Infinity".
void write_value(JsonWriter& json, const AttributeValue& value);

class Attributes {
 public:
  using Entry = std::pair<std::string, AttributeValue>;
  const AttributeValue* find(const std::string& name) const;
  /// Replaces in place or appends.
  void set(const std::string& name, AttributeValue value);
  void remove(const std::string& name);
  /// The text of a text attribute, else `otherwise`.
  std::string text_or(const std::string& name, const std::string& otherwise) const;

  const std::vector<Entry>& entries() const { return entries_; }
  bool empty() const { return entries_.empty(); }
  friend bool operator==(const Attributes&, const Attributes&) = default;
  void pack(Packer& out) const;
  static Attributes unpack(Unpacker& in);

 private:
  std::vector<Entry> entries_;
};

}  // namespace dunlin
