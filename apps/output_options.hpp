#pragma once
// Options of every command that writes a hierarchy: where, in which chunks and codec, and whether over an old one.
//
//   OUT   --overwrite   --codec CODEC   --chunks CHUNKS

#include <string>

#include "command_line.hpp"
#include "dunlin/labelled/zarr_output.hpp"

namespace dunlin {

/// The words, as they are typed.
struct OutputWords {
  std::string out = "OUT", codec = "blosc-lz4", chunks;  // a plan needs no OUT
  bool overwrite = false;
  void declare(CommandLine& line);
};

struct OutputOptions {
  /// Throws UsageError, among it where OUT's name promises a format that is not written.
  explicit OutputOptions(const OutputWords& words);
  std::string path;
  ZarrOptions zarr;
};

}  // namespace dunlin
