#include "attributes_json.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "dunlin/base/json_writer.hpp"
#include "metadata_error.hpp"

namespace dunlin {
namespace {

constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

bool needs_unsigned(const Json& value) { return value.is_number_unsigned() && value.get<std::uint64_t>() > kMost; }
bool is_negative(const Json& value) { return value.is_number_integer() && !value.is_number_unsigned(); }

template <class Predicate>
bool all_of(const Json& list, Predicate&& predicate) {
  return std::all_of(list.begin(), list.end(), predicate);
}

AttributeValue from_json(const Json& value) {
  const bool scalar = !value.is_array();
  const Json list = scalar ? Json::array({value}) : value;
  if (list.empty()) return AttributeValue::json(write_json(value, true));
  if (all_of(list, [](const Json& v) { return v.is_string(); })) {
    auto texts = list.get<std::vector<std::string>>();
    return scalar ? AttributeValue::text(std::move(texts[0])) : AttributeValue::texts(std::move(texts));
  }
  if (all_of(list, [](const Json& v) { return v.is_boolean(); })) {
    std::vector<std::int64_t> truths;
    for (const Json& v : list) truths.push_back(v.get<bool>());
    return AttributeValue::integers(DType::boolean, std::move(truths), scalar);
  }
  if (all_of(list, [](const Json& v) { return v.is_number_integer(); })) {
    const bool high = std::any_of(list.begin(), list.end(), needs_unsigned);
    const bool low = high && std::any_of(list.begin(), list.end(), is_negative);
    std::vector<std::int64_t> numbers;
    for (const Json& v : list)
      numbers.push_back(high ? static_cast<std::int64_t>(v.get<std::uint64_t>()) : v.get<std::int64_t>());
    if (!low) return AttributeValue::integers(high ? DType::uint64 : DType::int64, std::move(numbers), scalar);
  } else if (all_of(list, [](const Json& v) { return v.is_number(); })) {
    return AttributeValue::reals(DType::float64, list.get<std::vector<double>>(), scalar);
  }
  return AttributeValue::json(write_json(value, true));
}

Json number(const AttributeValue& value, std::size_t k) {
  if (value.kind() == AttributeValue::Kind::reals) return value.real_at(k);
  const std::int64_t bits = value.integer_at(k);
  if (value.dtype().kind() == DType::boolean) return bits != 0;
  if (value.dtype().kind() == DType::uint64) return static_cast<std::uint64_t>(bits);
  return bits;
}

Json to_json(const std::string& name, const AttributeValue& value) {
  switch (value.kind()) {
    case AttributeValue::Kind::text:
      return value.as_text();
    case AttributeValue::Kind::texts:
      return value.as_texts();
    case AttributeValue::Kind::json:
      try {
        return parse_json(value.as_text(), "the value of attribute '" + name + "'");
      } catch (const BadMetadata& error) {
        throw UsageError(error.what());
      }
    default:
      break;
  }
  if (value.is_scalar()) return number(value, 0);
  Json list = Json::array();
  for (std::size_t k = 0; k < value.size(); ++k) list.push_back(number(value, k));
  return list;
}

void write(JsonWriter& out, const Json& value) {
  switch (value.type()) {
    case Json::value_t::object:
      out.begin_object();
      for (const auto& [name, member] : value.items()) {
        out.key(name);
        write(out, member);
      }
      out.end_object();
      return;
    case Json::value_t::array:
      out.begin_array();
      for (const Json& member : value) write(out, member);
      out.end_array();
      return;
    case Json::value_t::string:
      out.value(value.get_ref<const std::string&>());
      return;
    case Json::value_t::boolean:
      out.value(value.get<bool>());
      return;
    case Json::value_t::number_integer:
      out.value(value.get<std::int64_t>());
      return;
    case Json::value_t::number_unsigned:
      out.value(value.get<std::uint64_t>());
      return;
    case Json::value_t::number_float:
      if (const double number = value.get<double>(); std::isfinite(number))
        out.value(number);
      else  // as Zarr spells it
        out.value(std::isnan(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity");
      return;
    default:
      out.null();
  }
}

}  // namespace

void write_value(JsonWriter& json, const AttributeValue& value) { write(json, to_json("", value)); }

Attributes attributes_from_json(const Json& object) {
  Attributes attributes;
  for (const auto& [name, value] : object.items()) attributes.set(name, from_json(value));
  return attributes;
}

Json attributes_to_json(const Attributes& attributes) {
  Json object = Json::object();
  for (const auto& [name, value] : attributes.entries()) object[name] = to_json(name, value);
  return object;
}

}  // namespace dunlin
