// From a dataset to what Zarr v3 stores: regular grids, attributes that are true, fill values as xarray reads them.

#include <cmath>
#include <cstring>
#include <set>

#include "base64.hpp"
#include "dunlin/labelled/references.hpp"
#include "dunlin/labelled/zarr_output.hpp"

namespace dunlin {
namespace {

// A Zarr v2 fill value as an attribute of its own type; nothing where it is no real number.
std::optional<AttributeValue> as_attribute(const std::vector<std::byte>& bytes, DType type) {
  if (!type.is_real() || bytes.size() != type.size()) return std::nullopt;
  return visit_real(type, [&](auto value) {
    std::memcpy(&value, bytes.data(), sizeof value);
    if constexpr (std::is_floating_point_v<decltype(value)>)
      return AttributeValue::real(static_cast<double>(value), type);
    else
      return AttributeValue::integers(type, {static_cast<std::int64_t>(value)}, true);
  });
}

// Spells `_FillValue` as xarray reads it in Zarr v3: base64 text for floats, a number for integers. What it cannot read
// there (text and complex fills) would make it refuse the whole dataset, and goes.
void spell_fill_value(Attributes& attributes, DType type) {
  const AttributeValue* fill = attributes.find("_FillValue");
  if (fill == nullptr) return;
  if (type.is_float() && fill->is_number() && fill->size() > 0)
    attributes.set("_FillValue", AttributeValue::text(base64_of(fill->real_at(0))));
  else if (type.is_float() && fill->is_text() && base64_double(fill->as_text()))
    return;
  else if (type.is_integer() && fill->kind() == AttributeValue::Kind::integers && fill->size() > 0)
    attributes.set("_FillValue", AttributeValue::integers(fill->dtype(), {fill->integer_at(0)}, true));
  else if (type.is_integer() && fill->is_number() && fill->size() > 0 &&
           std::trunc(fill->real_at(0)) == fill->real_at(0) && std::abs(fill->real_at(0)) < 0x1p63)
    attributes.set("_FillValue", AttributeValue::integer(static_cast<std::int64_t>(fill->real_at(0))));
  else
    attributes.remove("_FillValue");
}

Attributes stored_attributes(const Variable& variable, const std::set<std::string>& present) {
  Attributes attributes = keep_references(variable.attributes, present);
  const DType type = variable.data.dtype();
  if (variable.fill_is_missing && attributes.find("_FillValue") == nullptr)
    if (const auto fill = as_attribute(variable.fill_value, type)) attributes.set("_FillValue", *fill);
  spell_fill_value(attributes, type);
  return attributes;
}

// Variables that the dataset holds, and those that it says are in other files.
std::set<std::string> present_names(const Dataset& dataset) {
  std::set<std::string> names;
  for (const Variable& variable : dataset.variables()) names.insert(variable.name);
  std::string word;
  for (const char c : dataset.attributes().text_or("external_variables", "") + " ") {
    if (c != ' ')
      word += c;
    else if (!word.empty())
      names.insert(std::exchange(word, ""));
  }
  return names;
}

}  // namespace

NewGroup zarr_group(const Dataset& dataset, const ChunkChoice& chunks) {
  const std::set<std::string> present = present_names(dataset);
  std::vector<const Variable*> data;
  for (const std::string& name : dataset.data_variables()) data.push_back(dataset.find(name));
  chunks.check(dataset.dimensions(), data);
  NewGroup group{.attributes = keep_references(dataset.attributes(), present)};
  for (const Dimension& dimension : dataset.dimensions())
    group.dimensions.push_back({dimension.name, dimension.length, dimension.unlimited});
  for (const Variable& variable : dataset.variables()) {
    const bool cut = dataset.role(variable.name) == Role::data;
    ArrayDescription description{.name = variable.name,
                                 .dtype = variable.data.dtype(),
                                 .grid = (cut ? chunks : ChunkChoice()).apply(variable.dims, variable.data.grid()),
                                 .dimensions = variable.dims,
                                 .attributes = stored_attributes(variable, present),
                                 .fill_value = variable.fill_value};
    if (description.fill_value.empty()) description.fill_value.resize(description.dtype.size());
    group.arrays.push_back({std::move(description)});
  }
  return group;
}

}  // namespace dunlin
