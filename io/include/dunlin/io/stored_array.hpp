#pragma once
// An array on disk: what every format promises to the rest of the house.
//
// Reading. A `StoredArray` reads any box of elements into row-major memory, in this machine's byte order, on any
// thread, on any rank. Formats whose chunk addresses only their library knows (HDF5) say `needs_index()`: one process
// then makes pages of the index (`load_index`), the pages travel, and `read` gets the pages that cover its box. Others
// need none. What only the format's own library can decode says `reading_library()`, and is read by one process.
//
//   description().grid      the storage's own chunks, the cheapest unit to read; one chunk where stored contiguously
//   read(box, aid, out)     out.size() == box.count() × dtype.size(); missing chunks read as the fill value
//
// Writing. An `ArrayWriter` writes whole storage objects (chunk, shard, HDF5 chunk: the unit of ownership), each by one
// process, once, in three steps, so that formats with a central allocation fit:
//
//   encode(object, raw) → bytes       anywhere, any thread
//   place({object, size}…) → extents  by whom `placer()` says, in a fixed order
//   put(object, extent, bytes)        anywhere, any thread
//   finish_array()                    by one process, after every object of every rank was put
//
// Errors: InputError for what the file says (corrupt, unknown, too short), StorageError for what the system says; both
// name file, array and chunk. Nothing that the metadata says is believed before it is checked: decoded sizes are
// bounded by the chunk's own size. Threading: all const functions may be called by several threads at once.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "dunlin/base/chunk_grid.hpp"
#include "dunlin/base/dtype.hpp"
#include "dunlin/io/attributes.hpp"
#include "dunlin/memory/buffer.hpp"

namespace dunlin {

/// What one knows of an array without reading it.
struct ArrayDescription {
  std::string name;  // path inside the file or store, without a leading slash: "air_temperature", "group/x"
  DType dtype;
  ChunkGrid grid;
  /// True where the values lie in one piece, row-major, unencoded: any box costs its own bytes only.
  bool contiguous = false;
  /// One per axis; empty text for an axis without a name.
  std::vector<std::string> dimensions;
  Attributes attributes;
  /// Value of elements that were never written, dtype.size() bytes; zeros unless the file says otherwise.
  std::vector<std::byte> fill_value;
  /// Zarr v2's fill_value is the missing value; Zarr v3's and HDF5's are not.
  bool fill_is_missing = false;
  /// How it is encoded, for people: "shuffle, deflate 1", "blosc(lz4, 5, shuffle)", "raw".
  std::string encoding;
  /// About how many nanoseconds decoding takes per array byte on one core; 0 for raw values.
  double decode_cost = 0;

  std::int64_t bytes() const { return product(grid.shape()) * static_cast<std::int64_t>(dtype.size()); }
};

/// One stored chunk's place in its file.
struct ChunkExtent {
  std::uint64_t address = 0;  // kAbsent: never written, reads as fill
  std::uint32_t size = 0;     // bytes as stored
  std::uint32_t filter_mask = 0;
  static constexpr std::uint64_t kAbsent = ~std::uint64_t{0};
};
static_assert(sizeof(ChunkExtent) == 16);

/// Part of a chunk index: the extents of a block of stored chunks, row-major. Borrows its memory.
struct IndexPage {
  ChunkBox chunks;
  std::span<const ChunkExtent> extents;
};

/// What `read` may use besides the file.
struct ReadAid {
  BufferPool* pool = nullptr;          // for scratch; never null
  std::span<const IndexPage> index;    // pages that cover the box; empty where !needs_index()
  std::int64_t* bytes_read = nullptr;  // gains the bytes taken from files; may be null
};

class StoredArray {
 public:
  virtual ~StoredArray() = default;
  const ArrayDescription& description() const { return description_; }

  /// Upper bound of the scratch bytes that `read` takes from the pool at one time for a box of this size.
  virtual std::size_t read_scratch(const Box& box) const = 0;
  /// Reads a box, row-major, into `out`. The box is inside the shape; an empty box reads nothing.
  virtual void read(const Box& box, const ReadAid& aid, std::span<std::byte> out) const = 0;

  /// Name of the library that `read` calls ("HDF5") where it is not safe to be called by several threads: then one
  /// thread of one process reads. Empty where any may.
  virtual std::string reading_library() const { return ""; }

  /// True where `read` needs index pages.
  virtual bool needs_index() const { return false; }
  /// Fills the extents of a block of stored chunks, row-major. Not thread-safe: one thread of one process, which opens
  /// what it needs. Precondition: needs_index().
  virtual void load_index(const ChunkBox& chunks, std::span<ChunkExtent> extents) const;
  /// True where the storage could hold chunks of the array's elements and holds none, so that all read as the fill
  /// value: never written, or lost. Looks at the storage; one process. Formats that cannot tell say false.
  virtual bool is_hollow() const { return false; }
  /// Text that changes when the stored bytes do: path, size and modification time, or the metadata's own. Decides
  /// whether two reads are of the same thing.
  virtual std::string identity() const = 0;
  /// Everything another process needs to make an equal StoredArray without opening the file: see StoredGroup::pack.
  virtual void pack(Packer& out) const = 0;

 protected:
  explicit StoredArray(ArrayDescription description) : description_(std::move(description)) {}
  ArrayDescription description_;
};

/// Who decides where encoded objects lie.
enum class Placer { nobody, object_owner, one_rank };

/// An encoded object's place: meaning by the format.
struct Extent {
  std::uint64_t address = 0;
  std::uint64_t size = 0;
};

struct EncodedObject {
  ChunkIndex object;
  std::uint64_t size;
};

class ArrayWriter {
 public:
  virtual ~ArrayWriter() = default;
  const ArrayDescription& description() const { return description_; }
  /// The unit of ownership.
  const ChunkGrid& object_grid() const { return description_.grid; }
  virtual Placer placer() const { return Placer::nobody; }

  /// Upper bound of an encoded object's bytes.
  virtual std::size_t encoded_bound(const ChunkIndex& object) const = 0;
  /// Upper bound of the scratch that `encode` takes from the pool at one time beside its result.
  virtual std::size_t encode_scratch(const ChunkIndex& object) const = 0;
  /// Encodes an object's elements (row-major, clipped to the array's shape) into a buffer of the pool, shrunk to the
  /// encoded size.
  virtual Buffer encode(const ChunkIndex& object, std::span<const std::byte> raw, BufferPool& pool) const = 0;
  /// Decides where objects lie; called as `placer()` says, batches in a fixed order. The default needs no deciding.
  virtual void place(std::span<const EncodedObject> objects, std::span<Extent> extents);
  /// Writes the encoded bytes of an object.
  virtual void put(const ChunkIndex& object, const Extent& extent, std::span<const std::byte> encoded) const = 0;
  /// Called by one process after all objects of all processes were put.
  virtual void finish_array() {}

 protected:
  explicit ArrayWriter(ArrayDescription description) : description_(std::move(description)) {}
  ArrayDescription description_;
};

}  // namespace dunlin
