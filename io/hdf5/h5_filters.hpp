#pragma once
// The filter pipeline of a chunked dataset, as a chain of our codecs.
//
//   id  filter       parameter                       codec
//    1  deflate      level                           zlib
//    2  shuffle      bytes of an element             shuffle
//    3  fletcher32   -                               fletcher32
//
// Other filters are the library's business, where it has them (n-bit, scale-offset, szip, plugins): then one rank reads
// by it. Filters stand in the order in which they encode. Bit k of a chunk's filter mask means that filter k was left
// out.

#include <optional>
#include <string>

#include "../codec/chain.hpp"
#include "h5_handle.hpp"

namespace dunlin {

struct H5Filter {
  int id;
  std::uint32_t parameter;  // the level, or the bytes of an element; else 0
};

struct H5Pipeline {
  std::vector<H5Filter> filters;  // those that we know
  bool by_library = false;        // there are others, all of which the library decodes
  std::string names;              // of all: "shuffle, scale-offset"
  std::string reason;             // why it cannot be decoded, empty where it can: "lzf (HDF5 filter 32000)"
};

/// Pipeline of a dataset's creation list. Throws H5CallFailed. Use: inside an H5Session.
H5Pipeline h5_pipeline(hid_t creation_list, std::size_t element);

/// The codecs of a pipeline without a reason that needs no library.
CodecChain make_chain(const std::vector<H5Filter>& filters);

}  // namespace dunlin
