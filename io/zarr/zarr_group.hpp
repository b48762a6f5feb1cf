#pragma once
// Opening a Zarr v3 hierarchy: by its consolidated metadata where it has one, else by listing the store.
//
// Arrays of nested groups appear with their path as name. An array that is itself the root is named after its folder.
// An array that cannot be read (a type or codec that is not handled) goes into `skipped`; broken metadata is an error.

#include <memory>
#include <string>

#include "dunlin/io/store.hpp"
#include "dunlin/io/stored_group.hpp"

namespace dunlin {

/// Opens the hierarchy in a folder. Throws InputError.
StoredGroup open_zarr(const std::string& path);
/// Opens the hierarchy in a store. `path` is what it is called; `root` its folder, empty where it is none (then its
/// arrays cannot be packed).
StoredGroup open_zarr(std::shared_ptr<const Store> store, const std::string& path, const std::string& root);
/// Inverse of StoredArray::pack for Zarr.
std::shared_ptr<const StoredArray> unpack_zarr_array(Unpacker& in);

}  // namespace dunlin
