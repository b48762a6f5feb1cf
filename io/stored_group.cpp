#include "dunlin/io/stored_group.hpp"

#include "hdf5/h5_group.hpp"
#include "zarr/zarr_group.hpp"

namespace dunlin {

const StoredArray* StoredGroup::find(const std::string& name) const {
  for (const auto& array : arrays)
    if (array->description().name == name) return array.get();
  return nullptr;
}

Attributes StoredGroup::attributes_of(const std::string& group) const {
  if (group.empty()) return attributes;
  const auto found = nested_attributes.find(group);
  return found == nested_attributes.end() ? Attributes() : found->second;
}

void StoredGroup::pack(Packer& out) const {
  out.text(path);
  out.text(format);
  attributes.pack(out);
  out.number(static_cast<std::int64_t>(nested_attributes.size()));
  for (const auto& [group, its_attributes] : nested_attributes) {
    out.text(group);
    its_attributes.pack(out);
  }
  out.number(static_cast<std::int64_t>(dimensions.size()));
  for (const StoredDimension& dimension : dimensions) {
    out.text(dimension.name);
    out.number(dimension.length);
    out.number(dimension.unlimited);
  }
  out.number(static_cast<std::int64_t>(arrays.size()));
  for (const auto& array : arrays) array->pack(out);
  out.number(static_cast<std::int64_t>(skipped.size()));
  for (const SkippedVariable& variable : skipped) {
    out.text(variable.name);
    out.text(variable.reason);
    out.number(static_cast<std::int64_t>(variable.kind));
    out.number(static_cast<std::int64_t>(variable.dimensions.size()));
    for (const std::string& dimension : variable.dimensions) out.text(dimension);
  }
}

StoredGroup unpack_stored(Unpacker& in) {
  StoredGroup group;
  group.path = in.text();
  group.format = in.text();
  group.attributes = Attributes::unpack(in);
  for (std::int64_t left = in.number(); left > 0; --left) {
    const std::string nested = in.text();
    group.nested_attributes[nested] = Attributes::unpack(in);
  }
  for (std::int64_t left = in.number(); left > 0; --left) {
    StoredDimension dimension;
    dimension.name = in.text();
    dimension.length = in.number();
    dimension.unlimited = in.number() != 0;
    group.dimensions.push_back(std::move(dimension));
  }
  const bool zarr = group.format.starts_with("Zarr");
  for (std::int64_t left = in.number(); left > 0; --left)
    group.arrays.push_back(zarr ? unpack_zarr_array(in)
                                : unpack_hdf5_array(in, group.arrays.empty() ? nullptr : group.arrays[0].get()));
  for (std::int64_t left = in.number(); left > 0; --left) {
    SkippedVariable variable;
    variable.name = in.text();
    variable.reason = in.text();
    variable.kind = static_cast<SkippedVariable::Kind>(in.number());
    for (std::int64_t axes = in.number(); axes > 0; --axes) variable.dimensions.push_back(in.text());
    group.skipped.push_back(std::move(variable));
  }
  return group;
}

}  // namespace dunlin
