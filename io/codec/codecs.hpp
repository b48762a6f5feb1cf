#pragma once
// The codecs that Dunlin has, one file each. A factory checks its settings (UsageError) and returns a codec that may be
// shared by any number of threads. `Codec::name` is the word for messages: "gzip", "blosc(lz4, 5, shuffle)".

#include <memory>

#include "dunlin/io/codec.hpp"

namespace dunlin {

using CodecPtr = std::shared_ptr<const Codec>;

/// RFC 1952 and RFC 1950 around deflate (RFC 1951), through ISA-L. `level` is zlib's 0 to 9; ISA-L has three strengths,
/// so 0 and 1 mean its first, 2 to 5 its second, 6 to 9 its third. Any deflate stream is decoded, whoever wrote it.
CodecPtr make_gzip(int level);
CodecPtr make_zlib(int level);

/// Zstandard frames (RFC 8878). `level` -131072 to 22, 0 meaning 3; `checksum` appends a content checksum.
CodecPtr make_zstd(int level, bool checksum = false);

struct BloscOptions {
  enum Shuffle { none = 0, bytes = 1, bits = 2 };
  std::string compressor = "lz4";  // blosclz, lz4, lz4hc, zlib, zstd, snappy
  int level = 5;                   // 0 to 9
  Shuffle shuffle = bytes;
  std::size_t element = 1;    // bytes of one element, what shuffle works on; 1 where it exceeds 255
  std::size_t blocksize = 0;  // bytes; 0 lets blosc choose
};
/// Blosc 1 containers, through the context interface with one thread: the same bytes whatever the machine.
CodecPtr make_blosc(const BloscOptions& options);
/// Most bytes that one blosc container holds (2 GiB less its header).
std::size_t blosc_limit();

/// Byte k of every element together, k ascending; bytes that fill no whole element stay at the end (HDF5 filter 2).
CodecPtr make_shuffle(std::size_t element);

/// HDF5 filter 3: four bytes of checksum at the end.
CodecPtr make_fletcher32();
/// Zarr's `crc32c`: four bytes of CRC-32C (RFC 3720), little-endian, at the end.
CodecPtr make_crc32c();

/// Reverses each number of `width` bytes: 1, 2, 4 or 8. Precondition: the size is a multiple of the width.
void swap_bytes(std::span<std::byte> bytes, std::size_t width);
/// The same as a codec.
CodecPtr make_byte_swap(std::size_t width);

}  // namespace dunlin
