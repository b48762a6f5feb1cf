#pragma once
// Reading values through the HDF5 library: for filters and types that only it decodes (n-bit, scale-offset, szip,
// plugins, integers of unusual bits). One thread at a time; a file that is read so is read by one process.

#include <string>

#include "h5_file.hpp"
#include "h5_region.hpp"

namespace dunlin {

/// Nanoseconds per byte that the library takes about (scale-offset, measured): for choosing between reading again and
/// keeping.
inline constexpr double kLibraryCost = 5;

/// Bytes that the library takes about at one time for stored chunks of `chunk` bytes: one encoded, one decoded, and
/// what it keeps anyway (its chunk cache and conversion buffer, 1 MiB each).
std::size_t library_scratch(std::size_t chunk);

/// Reads `part` of a dataset into a block, in this machine's byte order; missing chunks read as the fill value. Returns
/// the bytes taken from the file. Throws BadHdf5, InputChanged, EndOfFile, IoFailure.
std::int64_t read_by_library(const H5File& file, const std::string& dataset, const Block& to, const Box& part);

}  // namespace dunlin
