#pragma once
// Opening an HDF5 or netCDF-4 file as a StoredGroup.
//
// Every dataset below the root that a hard link leads to is an array, named by its path; variables of a group come
// before its subgroups, in creation order where the file tracks it, else by name. What is not read is in `skipped` with
// a reason: types and filters that are not decoded, virtual datasets, values in other files, soft and external links.
// The format is "netCDF-4" where the file has dimension scales or netCDF's own attributes, else "HDF5". Attributes are
// those of the root.

#include <memory>
#include <string>

#include "dunlin/io/stored_group.hpp"

namespace dunlin {

/// True where the file has HDF5's signature, at its start or behind a user block. Throws IoFailure, InputError.
bool is_hdf5(const std::string& path);

/// Reads the metadata of the file; one thread at a time does, others wait. Throws BadHdf5 (an InputError) with path and
/// reason where the file is corrupt, truncated or was left open by its writer; InputError where it is missing;
/// IoFailure.
StoredGroup open_hdf5(const std::string& path);

/// Inverse of an array's `pack`, touching no file. `sibling`: an array unpacked before from the same group, whose open
/// file is shared; may be null.
std::shared_ptr<const StoredArray> unpack_hdf5_array(Unpacker& in, const StoredArray* sibling = nullptr);

}  // namespace dunlin
