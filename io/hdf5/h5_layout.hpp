#pragma once
// How a dataset's values lie in its file: all that reading needs, and nothing of the library.

#include <vector>

#include "dunlin/base/coords.hpp"
#include "dunlin/base/pack.hpp"
#include "h5_filters.hpp"

namespace dunlin {

struct H5Layout {
  enum class Kind : std::uint8_t {
    compact,     // inside the header, kept here
    contiguous,  // in one piece
    chunked,     // in chunks, of which only the file's index knows where
    library,     // in a way that only the library decodes
  };
  Kind kind = Kind::contiguous;
  std::string path;  // of the dataset in its file, which may differ from the array's name
  /// Elements that the file holds per axis. Less than the array's own length where other variables of an unlimited
  /// dimension are longer; the rest reads as fill, as netCDF says.
  Shape stored;
  bool swapped = false;
  std::vector<std::byte> compact;  // values in this machine's byte order
  std::uint64_t address = 0;       // of the piece, in the file; ChunkExtent::kAbsent where nothing was written
  std::vector<H5Filter> filters;
  bool plain_edges = false;  // chunks that reach over the end of an axis are stored without filters

  void pack(Packer& out) const;
  static H5Layout unpack(Unpacker& in);
};

}  // namespace dunlin
