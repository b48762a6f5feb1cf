#pragma once
// A Zarr v3 array in a store.
//
//   chunk on disk ── store ──▸ encoded bytes ── codec chain ──▸ elements ── swap, copy ──▸ the box that was asked for
//
// Chunks are stored whole, edges too. Where a chunk's elements lie in the box in one piece and all of them are wanted,
// they are decoded straight into it; else through a scratch chunk. A missing chunk reads as the fill value, as long as
// the array's zarr.json is still there: a store that vanishes while it is read is an error, not an array of fill.

#include "dunlin/io/store.hpp"
#include "metadata_v3.hpp"

namespace dunlin {

/// Where an array comes from.
struct ZarrOrigin {
  std::shared_ptr<const Store> store;
  std::string root;   // folder of the store; empty where it is no folder
  std::string key;    // of the array's node in the store, empty for the root
  std::string name;   // by which the array is known
  std::string stamp;  // size and time of the file that the metadata came from
};

class ZarrArray final : public StoredArray {
 public:
  /// Parses the metadata, which `where` names in messages. Throws BadMetadata, UnsupportedMetadata.
  ZarrArray(ZarrOrigin origin, const Json& node, const std::string& where);

  std::size_t read_scratch(const Box& box) const override;
  void read(const Box& box, const ReadAid& aid, std::span<std::byte> out) const override;
  bool is_hollow() const override;
  std::string identity() const override;
  void pack(Packer& out) const override;
  static std::shared_ptr<const StoredArray> unpack(Unpacker& in);

 private:
  ZarrArray(ZarrOrigin origin, std::string text, ArrayMetadata metadata);
  std::string key_below(const std::string& name) const;
  bool is_direct(const Box& box) const;
  void read_chunk(const ChunkIndex& chunk, const Box& box, const ReadAid& aid, std::span<std::byte> out) const;
  void load(const std::string& key, std::uint64_t stored, BufferPool& pool, std::span<std::byte> elements) const;
  void check_still_there(const ChunkIndex& chunk) const;

  ZarrOrigin origin_;
  std::string text_;  // the metadata as one line
  ChunkKeyEncoding keys_;
  ArrayCodecs codecs_;
  Shape chunk_shape_;
  Coords chunk_strides_;  // of the array's axes in a stored chunk, in elements
  std::size_t chunk_bytes_ = 0;
  bool transposed_ = false;
};

}  // namespace dunlin
