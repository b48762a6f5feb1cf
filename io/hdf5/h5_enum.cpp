#include "h5_enum.hpp"

#include <cstring>
#include <memory>

#include "../codec/codecs.hpp"

namespace dunlin {
namespace {

struct Returned {
  void operator()(char* text) const { H5free_memory(text); }
};

std::string name_of(hid_t type, unsigned member) {
  const std::unique_ptr<char, Returned> name(H5Tget_member_name(type, member));
  if (!name) throw H5CallFailed("read a member of an enumeration", h5_reason());
  std::string text = name.get();
  for (char& c : text)
    if (static_cast<unsigned char>(c) <= ' ') c = '_';
  return text.empty() ? "_" : text;
}

std::int64_t value_of(hid_t type, unsigned member, const H5ElementType& element) {
  std::vector<std::byte> bytes(element.dtype->size());
  h5_check(H5Tget_member_value(type, member, bytes.data()), "read a member of an enumeration");
  if (element.swapped) swap_bytes(bytes, element.dtype->swap_size());
  return visit_real(*element.dtype, [&](auto value) {
    std::memcpy(&value, bytes.data(), sizeof value);
    return static_cast<std::int64_t>(value);
  });
}

}  // namespace

void add_enum_flags(hid_t type, const H5ElementType& element, Attributes& attributes) {
  if (H5Tget_class(type) != H5T_ENUM || attributes.find("flag_values") || attributes.find("flag_masks")) return;
  std::vector<std::int64_t> values;
  std::string meanings;
  const auto count = static_cast<unsigned>(h5_check(H5Tget_nmembers(type), "read an enumeration"));
  for (unsigned k = 0; k < count; ++k) {
    values.push_back(value_of(type, k, element));
    meanings += (k ? " " : "") + name_of(type, k);
  }
  attributes.set("flag_values", AttributeValue::integers(*element.dtype, std::move(values), false));
  if (!attributes.find("flag_meanings")) attributes.set("flag_meanings", AttributeValue::text(std::move(meanings)));
}

}  // namespace dunlin
