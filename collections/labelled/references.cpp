#include "dunlin/labelled/references.hpp"

#include <algorithm>
#include <functional>
#include <sstream>

namespace dunlin {
namespace {

// How an attribute names variables.
enum class Form {
  list,    // "lat lon height"
  keyed,   // "area: cell_area volume: cell_volume": the words after the keys
  mapping  // "crs", or "crs: x y other: lat lon": the keys, and the words after them
};

// What the named variables are for.
enum class Purpose {
  support,   // nothing without the variable that names them
  ancillary  // data that belongs to other data; or a term of a formula, which may be such data
};

struct Referring {
  const char* name;
  Form form;
  Purpose purpose = Purpose::support;
};

// CF 1.11, appendix A, and UGRID 1.0.
constexpr Referring kSupporting[] = {
    {"bounds", Form::list},
    {"climatology", Form::list},
    {"grid_mapping", Form::mapping},
    {"cell_measures", Form::keyed},
    {"formula_terms", Form::keyed, Purpose::ancillary},
    {"ancillary_variables", Form::list, Purpose::ancillary},
    {"geometry", Form::list},
    {"node_coordinates", Form::list},
    {"node_count", Form::list},
    {"part_node_count", Form::list},
    {"interior_ring", Form::list},
    {"coordinate_interpolation", Form::mapping},
    {"mesh", Form::list},
    {"edge_coordinates", Form::list},
    {"face_coordinates", Form::list},
    {"face_node_connectivity", Form::list},
    {"edge_node_connectivity", Form::list},
    {"face_edge_connectivity", Form::list},
    {"face_face_connectivity", Form::list},
    {"edge_face_connectivity", Form::list},
    {"boundary_node_connectivity", Form::list},
};
constexpr Referring kCoordinates = {"coordinates", Form::list};

std::vector<std::string> words(const std::string& text) {
  // Some files write "area : cell_area".
  std::string joined;
  std::istringstream in(text);
  std::vector<std::string> result;
  for (std::string word; in >> word;) {
    if (word == ":" && !result.empty())
      result.back() += ":";
    else
      result.push_back(word);
  }
  return result;
}

bool is_key(const std::string& word) { return word.size() > 1 && word.back() == ':'; }
std::string key_name(const std::string& word) { return word.substr(0, word.size() - 1); }

// Names in an attribute's text.
std::vector<std::string> names_in(const Referring& referring, const std::string& text) {
  std::vector<std::string> names;
  for (const std::string& word : words(text)) {
    if (!is_key(word))
      names.push_back(word);
    else if (referring.form == Form::mapping)
      names.push_back(key_name(word));
  }
  return names;
}

using IsPresent = std::function<bool(const std::string&)>;

// The text with only those names that are present; empty where none is left.
std::string kept(const Referring& referring, const std::string& text, const IsPresent& present) {
  std::string result;
  const auto add = [&](const std::string& word) { result += (result.empty() ? "" : " ") + word; };
  std::string key;        // the last key, not yet added
  bool skipping = false;  // after a mapping's key that is not present
  for (const std::string& word : words(text)) {
    if (is_key(word)) {
      key = word;
      skipping = referring.form == Form::mapping && !present(key_name(word));
      if (referring.form == Form::mapping && !skipping) add(word);
    } else if (!skipping && present(word)) {
      if (referring.form == Form::keyed && !key.empty()) add(key);
      add(word);
    }
  }
  return result;
}

void append_once(std::vector<std::string>& names, const std::vector<std::string>& more) {
  for (const std::string& name : more)
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

}  // namespace

std::vector<std::string> coordinate_references(const Attributes& attributes) {
  std::vector<std::string> names;
  append_once(names, names_in(kCoordinates, attributes.text_or(kCoordinates.name, "")));
  return names;
}

std::vector<std::string> supporting_references(const Attributes& attributes) {
  std::vector<std::string> names;
  for (const Referring& referring : kSupporting)
    append_once(names, names_in(referring, attributes.text_or(referring.name, "")));
  return names;
}

std::vector<std::string> subordinate_references(const Attributes& attributes) {
  std::vector<std::string> names;
  for (const Referring& referring : kSupporting)
    if (referring.purpose == Purpose::support)
      append_once(names, names_in(referring, attributes.text_or(referring.name, "")));
  return names;
}

std::vector<std::string> formula_terms(const Attributes& attributes) {
  std::vector<std::string> names;
  append_once(names, names_in({"formula_terms", Form::keyed}, attributes.text_or("formula_terms", "")));
  return names;
}

Attributes keep_references(Attributes attributes, const std::set<std::string>& present) {
  const auto is_present = [&](const std::string& name) { return present.contains(name); };
  const auto keep = [&](const Referring& referring) {
    const AttributeValue* value = attributes.find(referring.name);
    if (value == nullptr || !value->is_text()) return;
    const std::vector<std::string> names = names_in(referring, value->as_text());
    if (std::all_of(names.begin(), names.end(), is_present)) return;  // the text stays as it was written
    const std::string text = kept(referring, value->as_text(), is_present);
    if (text.empty())
      attributes.remove(referring.name);
    else
      attributes.set(referring.name, AttributeValue::text(text));
  };
  keep(kCoordinates);
  for (const Referring& referring : kSupporting) keep(referring);
  return attributes;
}

}  // namespace dunlin
