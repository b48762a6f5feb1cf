#include "h5_dimensions.hpp"

#include <algorithm>
#include <limits>

#include "h5_attributes.hpp"

namespace dunlin {
namespace {

constexpr const char* kPure = "This is a netCDF dimension but not a netCDF variable";

/// The lists of references of DIMENSION_LIST, which the library allocates and gets back on destruction.
class ReferenceLists {
 public:
  ReferenceLists(hid_t attribute, hid_t space, std::size_t count)
      : type_(h5_check(H5Tvlen_create(H5T_STD_REF_OBJ), "make a type")), space_(space), lists_(count) {
    h5_check(H5Aread(attribute, type_.id(), lists_.data()), "read the list of dimensions");
  }
  ReferenceLists(const ReferenceLists&) = delete;
  ReferenceLists& operator=(const ReferenceLists&) = delete;
  ~ReferenceLists() { H5Dvlen_reclaim(type_.id(), space_, H5P_DEFAULT, lists_.data()); }

  /// Address of the object that is first on the list of an axis; an object reference is nothing else.
  haddr_t first(std::size_t axis) const {
    const hvl_t& list = lists_[axis];
    return list.len > 0 && list.p ? *static_cast<const hobj_ref_t*>(list.p) : HADDR_UNDEF;
  }

 private:
  H5Handle type_;
  hid_t space_;
  std::vector<hvl_t> lists_;
};

std::string text_attribute(const H5Dataset& dataset, const char* name, std::uint64_t limit) {
  const auto value = h5_attribute(dataset.handle.id(), name, limit);
  return value && value->is_text() ? value->as_text() : "";
}

}  // namespace

void H5Dimensions::add(const H5Dataset& dataset) {
  if (!dataset.reason.empty() || dataset.shape.empty()) return;
  if (text_attribute(dataset, "CLASS", limit_) != "DIMENSION_SCALE" || scales_.contains(dataset.object)) return;
  Scale scale{{dataset.path, dataset.shape[0], dataset.unlimited[0]}, std::numeric_limits<std::int64_t>::max(), false};
  scale.pure = text_attribute(dataset, "NAME", limit_).starts_with(kPure);
  const auto id = h5_attribute(dataset.handle.id(), "_Netcdf4Dimid", limit_);
  if (id && id->kind() == AttributeValue::Kind::integers && id->size() == 1) scale.netcdf_id = id->integer_at(0);
  scales_.emplace(dataset.object, scale);
  by_name_.emplace(dataset.path, dataset.object);
  order_.push_back(dataset.object);
}

bool H5Dimensions::is_pure(const H5Dataset& dataset) const {
  const auto scale = scales_.find(dataset.object);
  return scale != scales_.end() && scale->second.pure;
}

const H5Dimensions::Scale* H5Dimensions::named(const std::string& name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &scales_.at(found->second);
}

std::string H5Dimensions::fitting(const Scale& scale, const H5Dataset& dataset, std::size_t axis) const {
  const bool grows = scale.dimension.unlimited;
  return grows || scale.dimension.length == dataset.shape[axis] ? scale.dimension.name : "";
}

std::vector<std::string> H5Dimensions::listed(const H5Dataset& dataset) const {
  std::vector<std::string> names(dataset.shape.size());
  if (!h5_has_attribute(dataset.handle.id(), "DIMENSION_LIST")) return names;
  const H5Handle attribute(
      h5_check(H5Aopen(dataset.handle.id(), "DIMENSION_LIST", H5P_DEFAULT), "open the list of dimensions"));
  const H5Handle type(h5_check(H5Aget_type(attribute.id()), "read the list of dimensions"));
  const H5Handle space(h5_check(H5Aget_space(attribute.id()), "read the list of dimensions"));
  if (H5Tget_class(type.id()) != H5T_VLEN) return names;
  if (H5Sget_simple_extent_npoints(space.id()) != static_cast<hssize_t>(names.size())) return names;
  const ReferenceLists lists(attribute.id(), space.id(), names.size());
  for (std::size_t axis = 0; axis < names.size(); ++axis) {
    const auto scale = scales_.find(lists.first(axis));
    if (scale != scales_.end()) names[axis] = fitting(scale->second, dataset, axis);
  }
  return names;
}

std::vector<std::string> H5Dimensions::by_netcdf_id(const H5Dataset& dataset) const {
  std::vector<std::string> names(dataset.shape.size());
  const auto ids = h5_attribute(dataset.handle.id(), "_Netcdf4Coordinates", limit_);
  if (!ids || ids->kind() != AttributeValue::Kind::integers || ids->size() != names.size()) return names;
  for (std::size_t axis = 0; axis < names.size(); ++axis)
    for (const auto& [object, scale] : scales_)
      if (scale.netcdf_id == ids->integer_at(axis)) names[axis] = fitting(scale, dataset, axis);
  return names;
}

std::vector<std::string> H5Dimensions::names(const H5Dataset& dataset) const {
  if (dataset.shape.empty()) return {};
  const auto scale = scales_.find(dataset.object);
  if (scale == scales_.end()) return listed(dataset);
  std::vector<std::string> names = by_netcdf_id(dataset);
  names[0] = scale->second.dimension.name;
  return names;
}

void H5Dimensions::measure(const H5Dataset& dataset) {
  if (!dataset.reason.empty()) return;
  const std::vector<std::string> own = names(dataset);
  for (std::size_t axis = 0; axis < own.size(); ++axis) {
    const auto found = by_name_.find(own[axis]);
    if (found == by_name_.end()) continue;
    StoredDimension& dimension = scales_.at(found->second).dimension;
    if (dimension.unlimited) dimension.length = std::max(dimension.length, dataset.shape[axis]);
  }
}

Shape H5Dimensions::lengths(const H5Dataset& dataset, const std::vector<std::string>& names) const {
  Shape lengths = dataset.shape;
  for (std::size_t axis = 0; axis < names.size(); ++axis)
    if (const Scale* scale = named(names[axis])) lengths[axis] = scale->dimension.length;
  return lengths;
}

std::vector<StoredDimension> H5Dimensions::all() const {
  std::vector<const Scale*> scales;
  for (const haddr_t object : order_) scales.push_back(&scales_.at(object));
  std::stable_sort(scales.begin(), scales.end(),
                   [](const Scale* a, const Scale* b) { return a->netcdf_id < b->netcdf_id; });
  std::vector<StoredDimension> dimensions;
  for (const Scale* scale : scales) dimensions.push_back(scale->dimension);
  return dimensions;
}

}  // namespace dunlin
