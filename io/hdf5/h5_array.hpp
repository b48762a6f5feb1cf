#pragma once
// A dataset of an HDF5 file as a StoredArray.
//
// Reading calls no HDF5, but where only the library decodes: bytes are taken from the file by their address and decoded
// by our codecs. Addresses of chunks come as index pages, which `load_index` makes with the library (h5_driver.hpp).
// Chunks are stored whole, also where they reach over the end of the array.
//
//   layout      read                                               index
//   compact     from memory                                        no
//   contiguous  the box's own bytes, nearby runs together          no
//   chunked     unfiltered: as contiguous, chunk by chunk;         yes
//               filtered: whole chunks, decoded straight into the
//               destination where they lie there in one piece
//   library     by H5Dread, on one thread of one process           no

#include "dunlin/io/stored_array.hpp"
#include "h5_file.hpp"
#include "h5_layout.hpp"

namespace dunlin {

/// A stored chunk that is not what the metadata says.
struct BadStoredChunk : InputError {
  /// `part`: "chunk (3, 0) of 'temp'" or "'temp'".
  BadStoredChunk(const std::string& path, const std::string& part, const std::string& reason);
  std::string path, part, reason;
};

class H5Array final : public StoredArray {
 public:
  H5Array(ArrayDescription description, std::shared_ptr<const H5File> file, H5Layout layout);

  std::size_t read_scratch(const Box& box) const override;
  void read(const Box& box, const ReadAid& aid, std::span<std::byte> out) const override;
  std::string reading_library() const override { return layout_.kind == H5Layout::Kind::library ? "HDF5" : ""; }
  bool needs_index() const override { return layout_.kind == H5Layout::Kind::chunked; }
  void load_index(const ChunkBox& chunks, std::span<ChunkExtent> extents) const override;
  std::string identity() const override;
  void pack(Packer& out) const override;

  /// Inverse of pack. Shares the file of `sibling`, another array of the same group, where there is one.
  static std::shared_ptr<const H5Array> unpack(Unpacker& in, const StoredArray* sibling);

 private:
  struct Request;
  std::size_t chunk_bytes() const;
  void read_with_library(const Request& request, const Box& part) const;
  void read_contiguous(const Request& request, const Box& part) const;
  void read_chunk(const ChunkIndex& chunk, const Request& request) const;
  void decode_chunk(const ChunkExtent& extent, std::uint32_t skipped, const Box& stored, const Box& part,
                    const Request& request) const;
  bool has_filters(std::uint32_t skipped) const;
  void check_extent(std::uint64_t address, std::uint64_t size, const std::string& part) const;
  std::string name_of(const ChunkIndex& chunk) const;
  template <class Read>
  void naming(const std::string& part, Read&& read) const;

  std::shared_ptr<const H5File> file_;
  H5Layout layout_;
  CodecChain chain_;
  std::size_t swap_;  // unit of byte order to reverse, 1 where there is nothing to do
};

}  // namespace dunlin
