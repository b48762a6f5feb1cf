#pragma once
// Attributes of a dataset or group of an HDF5 file.
//
// Numbers of all real types (enumerations by their base type), text of fixed and variable length, and lists of either
// become `Attributes`, in creation order where the file tracks it, else by name. A list of one is one value: netCDF
// writes every single number so. Lists of several axes are flattened, row-major. Attributes of other types (references,
// compound values) are left out, and so are those by which netCDF-4 and dimension scales keep their books.

#include <optional>

#include "dunlin/io/attributes.hpp"
#include "h5_handle.hpp"

namespace dunlin {

/// Attributes of an open object that a user wrote. `limit`: most bytes that an attribute may claim (the file's size).
/// Throws H5CallFailed. Use: inside an H5Session.
Attributes h5_attributes(hid_t object, std::uint64_t limit);

/// One attribute as h5_attributes has it, hidden ones included; nothing where there is none or it is of another type.
std::optional<AttributeValue> h5_attribute(hid_t object, const std::string& name, std::uint64_t limit);

/// True where the object has an attribute of this name.
bool h5_has_attribute(hid_t object, const std::string& name);

}  // namespace dunlin
