// What `info` shows to people.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "dataset_facts.hpp"
#include "dunlin/base/byte_size.hpp"
#include "terminal.hpp"

namespace dunlin {
namespace {

constexpr const char* kIndent = "      ";

std::string joined(const std::vector<std::string>& parts, const char* between) {
  std::string text;
  for (std::size_t k = 0; k < parts.size(); ++k) text += (k ? between : "") + one_line(parts[k]);
  return text;
}

std::string by(const Shape& shape) {
  std::string text;
  for (std::size_t k = 0; k < shape.size(); ++k) text += (k ? " x " : "") + std::to_string(shape[k]);
  return text;
}

// As short as reads back to the same number of the type that the file has.
std::string real_text(double value, DType type) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  char text[64];
  const auto end = type == DType(DType::float32) ? std::to_chars(text, text + sizeof text, static_cast<float>(value))
                                                 : std::to_chars(text, text + sizeof text, value);
  return std::string(text, end.ptr);
}

std::string integer_text(std::int64_t value, DType type) {
  return type == DType(DType::uint64) ? std::to_string(static_cast<std::uint64_t>(value)) : std::to_string(value);
}

// Lines of a text under one another, its control characters harmless.
std::string indented(const std::string& text, const std::string& indent) {
  std::string result;
  std::size_t begin = 0;
  for (;;) {
    const std::size_t end = text.find('\n', begin);
    result += one_line(text.substr(begin, end - begin));
    if (end == std::string::npos || end + 1 == text.size()) return result;
    result += "\n" + indent;
    begin = end + 1;
  }
}

std::string attributes_text(const Attributes& attributes, const std::string& indent) {
  std::string text;
  for (const auto& [name, value] : attributes.entries())
    text += fmt::format("{}{} = {}\n", indent, one_line(name), indented(attribute_text(value), indent + "  "));
  return text;
}

std::string ends_text(const VariableFacts& variable) {
  const Ends& ends = *variable.ends;
  if (!ends.first_date.empty())
    return fmt::format("{}from {} to {} ({})\n", kIndent, ends.first_date, ends.last_date, ends.calendar);
  return fmt::format("{}from {} to {}\n", kIndent, real_text(ends.first, variable.decoded),
                     real_text(ends.last, variable.decoded));
}

std::string storage_text(const VariableFacts& variable) {
  const bool plain = variable.encoding.empty() || variable.encoding == "raw";
  if (variable.shape.empty()) return plain ? "" : "as " + variable.encoding;
  const std::string pieces = variable.chunks.empty() ? "in one piece" : "in chunks of " + by(variable.chunks);
  return pieces + (plain ? "" : ", " + variable.encoding);
}

std::string variable_text(const VariableFacts& variable) {
  std::string text =
      fmt::format("  {}({})  {}", one_line(variable.name), joined(variable.dims, ", "), to_string(variable.dtype));
  if (!(variable.decoded == variable.dtype)) text += " (decoded: " + to_string(variable.decoded) + ")";
  if (!variable.shape.empty()) text += fmt::format("  {}  {}", by(variable.shape), human_bytes(variable.bytes));
  text += "\n";
  if (variable.ends) text += ends_text(variable);
  const std::string stored = storage_text(variable);
  if (!stored.empty()) text += kIndent + ("stored " + stored) + "\n";
  return text + attributes_text(variable.attributes, kIndent);
}

std::string dimensions_text(const std::vector<Dimension>& dimensions) {
  std::size_t width = 0;
  for (const Dimension& dimension : dimensions) width = std::max(width, dimension.name.size());
  std::string text;
  for (const Dimension& dimension : dimensions)
    text += fmt::format("  {:<{}}  {:>10}{}\n", one_line(dimension.name), width, dimension.length,
                        dimension.unlimited ? "  unlimited" : "");
  return text;
}

std::string block(const std::string& title, const std::string& lines) {
  return lines.empty() ? "" : "\n" + title + "\n" + lines;
}

std::string variables_text(const DatasetFacts& facts, std::initializer_list<Role> roles) {
  std::string text;
  for (Role role : roles)
    for (const VariableFacts& variable : facts.variables)
      if (variable.role == role) text += variable_text(variable);
  return text;
}

}  // namespace

std::string attribute_text(const AttributeValue& value) {
  switch (value.kind()) {
    case AttributeValue::Kind::text:
    case AttributeValue::Kind::json:
      return value.as_text();
    case AttributeValue::Kind::texts:
      return joined(value.as_texts(), ", ");
    default:
      break;
  }
  std::vector<std::string> numbers;
  for (std::size_t k = 0; k < value.size(); ++k)
    numbers.push_back(value.kind() == AttributeValue::Kind::integers ? integer_text(value.integer_at(k), value.dtype())
                                                                     : real_text(value.real_at(k), value.dtype()));
  return joined(numbers, ", ");
}

std::string info_text(const DatasetFacts& facts) {
  std::string text = one_line(facts.path) + ": " + facts.format +
                     (facts.group.empty() ? "" : ", group " + one_line(facts.group)) + "\n";
  text += block("Dimensions", dimensions_text(facts.dimensions));
  text += block("Coordinates", variables_text(facts, {Role::coordinate, Role::auxiliary}));
  text += block("Data", variables_text(facts, {Role::data}));
  text += block("Supporting variables", variables_text(facts, {Role::supporting}));
  text += block("Attributes", attributes_text(facts.attributes, "  "));
  std::string skipped;
  for (const SkippedVariable& one : facts.skipped) skipped += "  " + one_line(one.name + ": " + one.reason) + "\n";
  return text + block("Left out", skipped);
}

}  // namespace dunlin
