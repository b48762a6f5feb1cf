#include "dunlin/labelled/dimension.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace dunlin {
namespace {

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

// The axis that a standard name or units stand for: 'T', 'Y', 'X', else 0.
char axis_of_meaning(const Attributes& attributes) {
  const std::string name = attributes.text_or("standard_name", "");
  if (name == "time") return 'T';
  if (name == "latitude") return 'Y';
  if (name == "longitude") return 'X';
  if (!name.empty()) return 0;
  const std::string units = lower(attributes.text_or("units", ""));
  if (units.find(" since ") != std::string::npos) return 'T';
  // CF 1.11, sections 4.1 and 4.2.
  for (const char* north : {"degrees_north", "degree_north", "degree_n", "degrees_n", "degreen", "degreesn"})
    if (units == north) return 'Y';
  for (const char* east : {"degrees_east", "degree_east", "degree_e", "degrees_e", "degreee", "degreese"})
    if (units == east) return 'X';
  return 0;
}

char axis_letter(const Attributes& attributes) {
  const std::string text = attributes.text_or("axis", "");
  return text.size() == 1 ? static_cast<char>(std::toupper(static_cast<unsigned char>(text[0]))) : '\0';
}

// The letter of a common word: "time" is T.
char axis_of_word(const std::string& word) {
  if (word == "time") return 'T';
  if (word == "latitude" || word == "lat") return 'Y';
  if (word == "longitude" || word == "lon") return 'X';
  return 0;
}

// True where a one-dimensional variable says that its dimension is what `typed` means.
bool means(const Variable& variable, const std::string& typed) {
  const Attributes& attributes = variable.attributes;
  const char axis = axis_letter(attributes);
  if (typed.size() == 1) {
    const char letter = static_cast<char>(std::toupper(static_cast<unsigned char>(typed[0])));
    if (std::string("TZYX").find(letter) == std::string::npos) return false;
    return axis == letter || (axis == 0 && variable.is_coordinate() && axis_of_meaning(attributes) == letter);
  }
  const std::string word = lower(typed);
  const bool named = attributes.find("standard_name") != nullptr;
  if (axis_of_word(word) != 0 && axis == axis_of_word(word) && !named) return true;
  if (!variable.is_coordinate()) return false;
  if (attributes.text_or("standard_name", "") == typed) return true;
  return axis_of_word(word) != 0 && axis_of_meaning(attributes) == axis_of_word(word);
}

}  // namespace

NoSuchDimension::NoSuchDimension(const std::string& typed, const std::vector<std::string>& known)
    : InputError("no dimension '" + typed + "': " + (known.empty() ? "there are none" : "there are " + listed(known)) +
                 nearest_hint(typed, known)),
      typed(typed) {}

AmbiguousDimension::AmbiguousDimension(const std::string& typed, const std::vector<std::string>& candidates)
    : UsageError("'" + typed + "' may be any of " + listed(candidates) + ": name one of these"),
      typed(typed),
      candidates(candidates) {}

int DimensionChoice::axis_of(const Variable& variable) const {
  if (position < 0) return variable.axis(name);
  return position < static_cast<int>(variable.dims.size()) ? position : -1;
}

std::string DimensionChoice::text() const { return position < 0 ? name : "axis " + std::to_string(position); }

DimensionChoice choose_dimension(const std::string& typed, const std::vector<Dimension>& dimensions,
                                 std::span<const Variable> variables) {
  std::vector<std::string> known, candidates;
  bool nameless = false;
  for (const Dimension& dimension : dimensions) {
    if (dimension.name == typed) return {typed};
    known.push_back(dimension.name);
    nameless |= dimension.nameless;
  }
  int position = -1;
  const char* end = typed.data() + typed.size();
  if (nameless && std::from_chars(typed.data(), end, position).ptr == end && position >= 0 && position < kMaxRank)
    return {"", position};
  for (const Variable& variable : variables) {
    if (variable.dims.size() != 1 || !means(variable, typed)) continue;
    const std::string& dim = variable.dims[0];
    if (std::find(candidates.begin(), candidates.end(), dim) == candidates.end()) candidates.push_back(dim);
  }
  if (candidates.empty()) throw NoSuchDimension(typed, known);
  if (candidates.size() > 1) throw AmbiguousDimension(typed, candidates);
  return {candidates[0]};
}

}  // namespace dunlin
