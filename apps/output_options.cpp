#include "output_options.hpp"

#include <array>
#include <filesystem>

#include "input_name.hpp"

namespace dunlin {
namespace {

// A folder of Zarr's under such a name would mislead whoever finds it.
void check_name(const std::string& out) {
  if (out.empty()) throw UsageError("OUT is empty: give the path of what is to be written, such as out.zarr");
  if (is_url(out)) throw UrlAsPath(out);
  constexpr std::array foreign = {".nc", ".nc4", ".cdf", ".h5", ".hdf5", ".hdf", ".he5"};
  const std::string extension = std::filesystem::path(out).extension().string();
  for (const char* one : foreign)
    if (extension == one)
      throw UsageError("OUT is '" + out + "', and what is written is a Zarr v3 hierarchy, a folder: name it " +
                       std::filesystem::path(out).replace_extension(".zarr").string());
  const std::size_t colon = out.rfind(':');
  if (colon != std::string::npos && out.substr(0, colon).ends_with(".zarr"))
    throw UsageError("OUT is '" + out + "': a hierarchy is written as a whole, without :VARIABLE: give " +
                     out.substr(0, colon));
}

}  // namespace

void OutputWords::declare(CommandLine& line) {
  line.heading("Output");
  line.option("--chunks", "CHUNKS", chunks, "chunk lengths, time=1,lat=256,lon=all or by position (near 16 MiB)");
  line.option("--codec", "CODEC", codec, "blosc-lz4 (default), blosc-zstd:3, zstd:3, gzip:1 or none");
  line.flag("--overwrite", overwrite, "replace OUT, once the new one is complete", CommandLine::Use::how);
}

OutputOptions::OutputOptions(const OutputWords& words) : path(words.out) {
  check_name(words.out);
  zarr.overwrite = words.overwrite;
  zarr.codec = parse_codec(words.codec);
  if (!words.chunks.empty()) zarr.chunks = ChunkChoice::parse(words.chunks);
}

}  // namespace dunlin
