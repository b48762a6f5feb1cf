#include "cell_methods.hpp"

namespace dunlin {

Attributes with_cell_method(Attributes attributes, const std::vector<std::string>& dims, const std::string& method) {
  if (dims.empty()) return attributes;
  std::string text = attributes.text_or("cell_methods", "");
  for (const std::string& dim : dims) text += (text.empty() ? "" : " ") + dim + ":";
  attributes.set("cell_methods", AttributeValue::text(text + " " + method));
  return attributes;
}

}  // namespace dunlin
