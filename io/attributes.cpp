#include "dunlin/io/attributes.hpp"

#include <algorithm>

namespace dunlin {

AttributeValue AttributeValue::text(std::string value) {
  AttributeValue result;
  result.kind_ = Kind::text;
  result.scalar_ = true;
  result.texts_ = {std::move(value)};
  return result;
}

AttributeValue AttributeValue::texts(std::vector<std::string> values) {
  AttributeValue result;
  result.kind_ = Kind::texts;
  result.texts_ = std::move(values);
  return result;
}

AttributeValue AttributeValue::integers(DType type, std::vector<std::int64_t> values, bool scalar) {
  require(type.is_integer() || type.kind() == DType::boolean, "an integer attribute has an integer dtype");
  require(!scalar || values.size() == 1, "a scalar attribute has one value");
  AttributeValue result;
  result.kind_ = Kind::integers;
  result.type_ = type;
  result.scalar_ = scalar;
  result.integers_ = std::move(values);
  return result;
}

AttributeValue AttributeValue::reals(DType type, std::vector<double> values, bool scalar) {
  require(type.is_float(), "a real attribute has a floating dtype");
  require(!scalar || values.size() == 1, "a scalar attribute has one value");
  AttributeValue result;
  result.kind_ = Kind::reals;
  result.type_ = type;
  result.scalar_ = scalar;
  result.reals_ = std::move(values);
  return result;
}

AttributeValue AttributeValue::json(std::string value) {
  AttributeValue result = text(std::move(value));
  result.kind_ = Kind::json;
  return result;
}

std::size_t AttributeValue::size() const {
  return kind_ == Kind::integers ? integers_.size() : kind_ == Kind::reals ? reals_.size() : texts_.size();
}

double AttributeValue::real_at(std::size_t k) const {
  require(is_number(), "only a number has a real value");
  if (kind_ == Kind::reals) return reals_.at(k);
  const std::int64_t value = integers_.at(k);
  if (type_.kind() == DType::uint64) return static_cast<double>(static_cast<std::uint64_t>(value));
  return static_cast<double>(value);
}

void AttributeValue::pack(Packer& out) const {
  out.number(static_cast<std::int64_t>(kind_));
  out.number(scalar_);
  out.text(to_string(type_));
  out.number(static_cast<std::int64_t>(size()));
  for (const std::string& value : texts_) out.text(value);
  for (std::int64_t value : integers_) out.number(value);
  for (double value : reals_) out.real(value);
}

AttributeValue AttributeValue::unpack(Unpacker& in) {
  AttributeValue result;
  const std::int64_t kind = in.number();
  require(kind >= 0 && kind <= static_cast<std::int64_t>(Kind::json), "a packed attribute is of a known kind");
  result.kind_ = static_cast<Kind>(kind);
  result.scalar_ = in.number() != 0;
  const auto type = parse_dtype(in.text());
  require(type.has_value(), "a packed attribute has a known dtype");
  result.type_ = *type;
  const std::int64_t count = in.number();
  for (std::int64_t k = 0; k < count; ++k) {
    if (result.kind_ == Kind::integers)
      result.integers_.push_back(in.number());
    else if (result.kind_ == Kind::reals)
      result.reals_.push_back(in.real());
    else
      result.texts_.push_back(in.text());
  }
  return result;
}

const AttributeValue* Attributes::find(const std::string& name) const {
  for (const Entry& entry : entries_)
    if (entry.first == name) return &entry.second;
  return nullptr;
}

void Attributes::set(const std::string& name, AttributeValue value) {
  for (Entry& entry : entries_)
    if (entry.first == name) {
      entry.second = std::move(value);
      return;
    }
  entries_.emplace_back(name, std::move(value));
}

void Attributes::remove(const std::string& name) {
  std::erase_if(entries_, [&](const Entry& entry) { return entry.first == name; });
}

std::string Attributes::text_or(const std::string& name, const std::string& otherwise) const {
  const AttributeValue* value = find(name);
  return value && value->is_text() ? value->as_text() : otherwise;
}

void Attributes::pack(Packer& out) const {
  out.number(static_cast<std::int64_t>(entries_.size()));
  for (const auto& [name, value] : entries_) {
    out.text(name);
    value.pack(out);
  }
}

Attributes Attributes::unpack(Unpacker& in) {
  Attributes result;
  const std::int64_t count = in.number();
  for (std::int64_t k = 0; k < count; ++k) {
    std::string name = in.text();
    result.entries_.emplace_back(std::move(name), AttributeValue::unpack(in));
  }
  return result;
}

}  // namespace dunlin
