#include "json_text.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "metadata_error.hpp"

namespace dunlin {
namespace {

constexpr int kDeepest = 64;

// The parser knows no bare tokens, so each becomes a text that begins with NUL, and a number again once parsed.
struct Token {
  std::string_view bare, stand_in, text;
};
constexpr std::array<Token, 3> kTokens = {{
    {"NaN", "\"\\u0000NaN\"", std::string_view("\0NaN", 4)},
    {"-Infinity", "\"\\u0000-Infinity\"", std::string_view("\0-Infinity", 10)},
    {"Infinity", "\"\\u0000Infinity\"", std::string_view("\0Infinity", 9)},
}};
constexpr std::array<double, 3> kTokenValues = {std::numeric_limits<double>::quiet_NaN(),
                                                -std::numeric_limits<double>::infinity(),
                                                std::numeric_limits<double>::infinity()};

// Length of the text literal that begins at `at`, quotes included; to the end where it is not closed.
std::size_t literal_length(std::string_view text, std::size_t at) {
  for (std::size_t k = at + 1; k < text.size(); ++k) {
    if (text[k] == '\\')
      ++k;
    else if (text[k] == '"')
      return k + 1 - at;
  }
  return text.size() - at;
}

std::string with_stand_ins(std::string_view text, const std::string& where) {
  std::string result;
  result.reserve(text.size());
  int depth = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '"') {
      const std::size_t length = literal_length(text, at);
      result += text.substr(at, length);
      at += length;
      continue;
    }
    if (c == '[' || c == '{') {
      if (++depth > kDeepest) throw BadMetadata(where, "", "nests deeper than 64 levels");
    } else if (c == ']' || c == '}') {
      --depth;
    }
    const Token* found = nullptr;
    if (c == 'N' || c == 'I' || c == '-')
      for (const Token& token : kTokens)
        if (text.substr(at).starts_with(token.bare)) found = &token;
    result += found ? found->stand_in : text.substr(at, 1);
    at += found ? found->bare.size() : 1;
  }
  return result;
}

void restore_numbers(Json& value) {
  if (value.is_structured()) {
    for (Json& child : value) restore_numbers(child);
  } else if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    for (std::size_t k = 0; k < kTokens.size(); ++k)
      if (text == kTokens[k].text) {
        value = kTokenValues[k];
        return;
      }
  }
}

// Length of the UTF-8 sequence that begins at `at`, 0 where there is none (RFC 3629: shortest form, no surrogates).
std::size_t sequence_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t k) -> unsigned {
    return k < text.size() ? static_cast<unsigned char>(text[k]) : 0;
  };
  const unsigned first = byte(at);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4) return 0;
  for (std::size_t k = 1; k < length; ++k)
    if ((byte(at + k) & 0xc0) != 0x80) return 0;
  const unsigned second = byte(at + 1);
  if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f)) return 0;
  if ((first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f)) return 0;
  return length;
}

// Bytes that belong to no UTF-8 sequence are taken as Latin-1.
std::string as_utf8(const std::string& text) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = sequence_length(text, at);
    if (length > 0) {
      result.append(text, at, length);
      at += length;
      continue;
    }
    const auto c = static_cast<unsigned char>(text[at++]);
    result.push_back(static_cast<char>(0xc0 | c >> 6));
    result.push_back(static_cast<char>(0x80 | (c & 0x3f)));
  }
  return result;
}

std::string plain(const Json& value) {
  if (value.is_string()) return Json(as_utf8(value.get_ref<const std::string&>())).dump();
  if (value.is_number_float()) {
    const double number = value.get<double>();
    if (std::isnan(number)) return "NaN";
    if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
  }
  return value.dump();
}

bool is_plain_list(const Json& value) {
  for (const Json& child : value)
    if (child.is_structured()) return false;
  return value.is_array();
}

void write(const Json& value, bool compact, int depth, std::string& out) {
  if (!value.is_structured()) {
    out += plain(value);
    return;
  }
  const bool object = value.is_object();
  const bool one_line = compact || value.empty() || is_plain_list(value);
  const auto new_line = [&](int level) {
    if (one_line) return;
    out.push_back('\n');
    out.append(2 * static_cast<std::size_t>(level), ' ');
  };
  out.push_back(object ? '{' : '[');
  bool first = true;
  for (const auto& [key, child] : value.items()) {
    if (!first) out.append(one_line && !compact ? ", " : ",");
    first = false;
    new_line(depth + 1);
    if (object) out.append(Json(as_utf8(key)).dump()).append(compact ? ":" : ": ");
    write(child, compact, depth + 1, out);
  }
  new_line(depth);
  out.push_back(object ? '}' : ']');
}

}  // namespace

Json parse_json(std::string_view text, const std::string& where) {
  const std::string readable = with_stand_ins(text, where);
  try {
    Json value = Json::parse(readable);
    restore_numbers(value);
    return value;
  } catch (const Json::parse_error& error) {
    throw BadMetadata(where, "", "is no JSON: mistake near byte " + std::to_string(error.byte));
  } catch (const Json::exception&) {
    throw BadMetadata(where, "", "is no JSON: it holds a number that no 64-bit number can hold");
  }
}

std::string write_json(const Json& value, bool compact) {
  std::string text;
  write(value, compact, 0, text);
  return text;
}

std::string brief(const Json& value) {
  std::string text = write_json(value, true);
  if (text.size() > 60) {
    std::size_t end = 57;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    text = text.substr(0, end) + "...";
  }
  return text;
}

}  // namespace dunlin
