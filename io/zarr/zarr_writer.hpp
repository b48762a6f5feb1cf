#pragma once
// Writing a Zarr v3 hierarchy: regular grid, bytes in little-endian order, then one compressor.
//
//   create()   zarr.json of every group and array            one process, before the data
//   put()      one file per chunk, whole, edges padded with the fill value
//   finish()   the root's zarr.json again, now with the metadata of all nodes inline: written last

#include "dunlin/io/store.hpp"
#include "dunlin/io/stored_group.hpp"

namespace dunlin {

/// As the function of this name that takes a folder, into any store.
std::unique_ptr<GroupWriter> make_zarr3_writer(std::shared_ptr<Store> store, const NewGroup& group,
                                               const CodecChoice& codec);

}  // namespace dunlin
