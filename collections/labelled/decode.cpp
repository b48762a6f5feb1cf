#include "dunlin/labelled/decode.hpp"

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>

#include "base64.hpp"

namespace dunlin {
namespace {

// A number as a file's attribute has it: an integer of up to 65 bits, or a real.
struct Number {
  bool integral;
  bool negative;            // integral: the sign, and
  std::uint64_t magnitude;  // the absolute value
  double real;
};

Number number_of(std::int64_t value) {
  const bool negative = value < 0;
  const auto bits = static_cast<std::uint64_t>(value);
  return {true, negative, negative ? 0 - bits : bits, static_cast<double>(value)};
}

Number number_of(double value) {
  const bool integral = std::isfinite(value) && std::trunc(value) == value && std::abs(value) < 0x1p64;
  return {integral, value < 0, integral ? static_cast<std::uint64_t>(std::abs(value)) : 0, value};
}

Number number_of(const AttributeValue& value, std::size_t k) {
  if (value.kind() == AttributeValue::Kind::reals) return number_of(value.real_at(k));
  const std::int64_t integer = value.integer_at(k);
  if (value.dtype() == DType(DType::uint64))
    return {true, false, static_cast<std::uint64_t>(integer), static_cast<double>(static_cast<std::uint64_t>(integer))};
  return number_of(integer);
}

// The whole text as a number, blanks around it aside.
std::optional<Number> number_in(const std::string& text) {
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string::npos) return std::nullopt;
  const char *begin = text.data() + first, *end = text.data() + text.find_last_not_of(' ') + 1;
  std::int64_t integer = 0;
  if (const auto [stop, error] = std::from_chars(begin, end, integer); error == std::errc() && stop == end)
    return number_of(integer);
  double real = 0;
  if (const auto [stop, error] = std::from_chars(begin, end, real); error == std::errc() && stop == end)
    return number_of(real);
  return std::nullopt;
}

bool fits(const Number& number, DType type) {
  return visit_real(type, [&](auto zero) {
    using T = decltype(zero);
    if constexpr (std::is_integral_v<T>) {
      if (!number.negative) return number.magnitude <= static_cast<std::uint64_t>(std::numeric_limits<T>::max());
      return std::is_signed_v<T> && number.magnitude <= std::uint64_t{1} << (8 * sizeof(T) - 1);
    }
    return true;
  });
}

// The bits of an integer, as those of another type of the same size.
std::int64_t wrapped(const Number& number, DType type) {
  const std::uint64_t bits = number.negative ? 0 - number.magnitude : number.magnitude;
  return visit_real(type, [&](auto zero) {
    using T = decltype(zero);
    if constexpr (std::is_integral_v<T>) return static_cast<std::int64_t>(static_cast<T>(bits));
    return std::int64_t{0};
  });
}

// The marker in the type that is compared, or nothing where no value can equal it.
std::optional<Marker> marker_of(const Number& number, DType stored, DType compared) {
  if (compared.is_float()) {
    const bool single = compared == DType(DType::float32);
    if (std::isnan(number.real)) return std::nullopt;  // missing anyway
    if (!single || std::isinf(number.real)) return Marker{.real = number.real};
    if (std::abs(number.real) > std::numeric_limits<float>::max()) return std::nullopt;
    return Marker{.real = static_cast<double>(static_cast<float>(number.real))};
  }
  if (!number.integral || !(fits(number, compared) || fits(number, stored))) return std::nullopt;
  return Marker{.integer = wrapped(number, compared)};
}

void add_marker(Decoding& decoding, const Number& number, DType stored) {
  if (const auto marker = marker_of(number, stored, decoding.integers)) decoding.missing.push_back(*marker);
}

// True where the attribute says something about missing values of a real type.
bool add_markers(Decoding& decoding, const AttributeValue* value, DType stored) {
  if (value == nullptr) return false;
  if (value->is_text()) {
    std::optional<Number> spelled = number_in(value->as_text());
    if (spelled && stored.is_integer() && !std::isfinite(spelled->real)) spelled.reset();
    if (!spelled && stored.is_float())
      if (const auto real = base64_double(value->as_text())) spelled = number_of(*real);
    if (spelled) add_marker(decoding, *spelled, stored);
    return spelled.has_value();
  }
  if (!value->is_number()) return false;
  for (std::size_t k = 0; k < value->size(); ++k) add_marker(decoding, number_of(*value, k), stored);
  return value->size() > 0;
}

Number number_in(const std::vector<std::byte>& bytes, DType type) {
  return visit_real(type, [&](auto value) {
    using T = decltype(value);
    std::memcpy(&value, bytes.data(), sizeof value);
    if constexpr (std::is_floating_point_v<T>)
      return number_of(static_cast<double>(value));
    else if constexpr (std::is_unsigned_v<T>)
      return Number{true, false, value, static_cast<double>(value)};
    else
      return number_of(static_cast<std::int64_t>(value));
  });
}

DType other_sign(DType type) {
  switch (type.kind()) {
    case DType::int8:
      return DType::uint8;
    case DType::int16:
      return DType::uint16;
    case DType::int32:
      return DType::uint32;
    case DType::int64:
      return DType::uint64;
    case DType::uint8:
      return DType::int8;
    case DType::uint16:
      return DType::int16;
    case DType::uint32:
      return DType::int32;
    case DType::uint64:
      return DType::int64;
    default:
      return type;
  }
}

// The type after `_Unsigned`, which netCDF-3 and -4 classic use for want of unsigned types.
DType integers_of(DType stored, const Attributes& attributes) {
  const std::string is_unsigned = attributes.text_or("_Unsigned", "");
  if (is_unsigned == "true" && stored.is_signed_integer()) return other_sign(stored);
  if (is_unsigned == "false" && stored.is_unsigned_integer()) return other_sign(stored);
  return stored;
}

// The one number of a packing attribute; nothing where it is not there.
const AttributeValue* packing(const std::string& variable, const Attributes& attributes, const char* name) {
  const AttributeValue* value = attributes.find(name);
  if (value != nullptr && (!value->is_number() || value->size() != 1)) throw BadPacking(variable, name);
  return value;
}

// A float64 keeps its type whatever that of the attributes: xarray gives theirs, by which stored digits get lost.
DType packed_type(DType integers, const AttributeValue* scale, const AttributeValue* offset) {
  if (integers == DType(DType::float64)) return DType::float64;
  if (scale == nullptr) return DType::float64;  // an offset alone may be large beside the values
  if (offset == nullptr) return scale->dtype().is_float() ? scale->dtype() : DType(DType::float64);
  if (!(scale->dtype() == offset->dtype()) || !scale->dtype().is_float()) return DType::float64;
  if (integers.is_integer() && integers.size() > 2) return DType::float64;
  return scale->dtype();
}

DType marked_type(DType integers) {
  if (integers.is_integer() && integers.size() <= 2) return DType::float32;
  return integers == DType(DType::float32) ? DType::float32 : DType::float64;
}

}  // namespace

BadPacking::BadPacking(const std::string& variable, const std::string& attribute)
    : InputError("attribute '" + attribute + "' of '" + variable +
                 "' is not one number, so its values cannot be unpacked: correct it, or leave the variable out"),
      variable(variable),
      attribute(attribute) {}

Decoding decoding_of(const std::string& name, DType stored, const Attributes& attributes,
                     const std::vector<std::byte>& fill_value, bool fill_is_missing) {
  Decoding decoding{.integers = stored, .missing = {}, .type = stored};
  const bool flags = attributes.find("flag_values") != nullptr || attributes.find("flag_masks") != nullptr;
  if (!stored.is_real() || flags) return decoding;
  decoding.integers = decoding.type = integers_of(stored, attributes);
  bool marked = add_markers(decoding, attributes.find("_FillValue"), stored);
  marked |= add_markers(decoding, attributes.find("missing_value"), stored);
  if (fill_is_missing && fill_value.size() == stored.size()) {
    add_marker(decoding, number_in(fill_value, stored), stored);
    marked = true;
  }
  const AttributeValue* scale = packing(name, attributes, "scale_factor");
  const AttributeValue* offset = packing(name, attributes, "add_offset");
  decoding.packed = scale != nullptr || offset != nullptr;
  if (scale != nullptr) decoding.scale = scale->real_at(0);
  if (offset != nullptr) decoding.offset = offset->real_at(0);
  if (decoding.packed)
    decoding.type = packed_type(decoding.integers, scale, offset);
  else if (marked)
    decoding.type = marked_type(decoding.integers);
  return decoding;
}

Decoding decoding_of(const Variable& variable) {
  return decoding_of(variable.name, variable.data.dtype(), variable.attributes, variable.fill_value,
                     variable.fill_is_missing);
}

DType decoded_type(const Variable& variable) { return decoding_of(variable).type; }

Array decode(const Variable& variable) {
  const Decoding decoding = decoding_of(variable);
  Array x = variable.data;
  if (!(decoding.integers == x.dtype())) x = astype(x, decoding.integers);
  if (!decoding.missing.empty())
    x = mask_missing(x, decoding.missing, decoding.type);
  else if (!(decoding.type == x.dtype()))
    x = astype(x, decoding.type);
  return decoding.packed ? scale_offset(x, decoding.scale, decoding.offset) : x;
}

Attributes without_encoding(Attributes attributes) {
  for (const char* name : {"scale_factor", "add_offset", "_FillValue", "missing_value", "valid_min", "valid_max",
                           "valid_range", "actual_range", "_Unsigned"})
    attributes.remove(name);
  if (attributes.text_or("dtype", "") == "bool") attributes.remove("dtype");  // so xarray marks truth values it wrote
  return attributes;
}

std::vector<std::string> unread_markers(const Variable& variable) {
  std::vector<std::string> names;
  if (!variable.data.dtype().is_real()) return names;
  for (const char* name : {"_FillValue", "missing_value"})
    if (const AttributeValue* value = variable.attributes.find(name);
        value && value->is_text() && !value->as_text().empty()) {
      Decoding ignored{.integers = variable.data.dtype(), .missing = {}, .type = variable.data.dtype()};
      if (!add_markers(ignored, value, variable.data.dtype())) names.push_back(name);
    }
  return names;
}

Attributes readable(Attributes attributes, DType stored) {
  const AttributeValue* fill = attributes.find("_FillValue");
  if (fill == nullptr || !fill->is_text() || !stored.is_float()) return attributes;
  if (const auto spelled = base64_double(fill->as_text()))
    attributes.set("_FillValue", AttributeValue::real(*spelled, stored));
  return attributes;
}

std::vector<std::byte> missing_value(DType type) {
  require(type.is_float(), "only float types have a missing value");
  std::vector<std::byte> bytes(type.size());
  visit_real(type, [&](auto value) {
    value = static_cast<decltype(value)>(std::numeric_limits<double>::quiet_NaN());
    std::memcpy(bytes.data(), &value, sizeof value);
  });
  return bytes;
}

}  // namespace dunlin
