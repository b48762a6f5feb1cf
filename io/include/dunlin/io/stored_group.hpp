#pragma once
// A file or store as a group of arrays: what opening yields, for every format.
//
// One process opens (`open_stored`), packs the group, and the others unpack it: a StoredGroup made from a packed one is
// equal and has touched no file; its arrays open files only when they read. Arrays of nested groups appear with their
// path as name.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "dunlin/io/store.hpp"
#include "dunlin/io/stored_array.hpp"

namespace dunlin {

/// A dimension of the file: its length, and whether it can grow.
struct StoredDimension {
  std::string name;
  std::int64_t length = 0;
  bool unlimited = false;
};

/// A variable that cannot be carried, and why.
struct SkippedVariable {
  enum class Kind {
    type,     // there is no type or shape for its values: texts of any length, compounds
    storage,  // its values are numbers, stored in a way that is not handled: an unknown codec or filter, other files
    place,    // it is a link, or lies in another group
  };
  std::string name, reason;
  Kind kind = Kind::type;
  /// Kind::storage: one name per axis, empty for an axis without a name.
  std::vector<std::string> dimensions = {};
};

struct StoredGroup {
  std::string path;    // of the file or store, as given
  std::string format;  // "netCDF-4", "HDF5", "Zarr v2", "Zarr v3"
  Attributes attributes;
  std::map<std::string, Attributes> nested_attributes;  // of nested groups that have any, by path: "ocean/deep"
  std::vector<StoredDimension> dimensions;
  std::vector<std::shared_ptr<const StoredArray>> arrays;  // in the file's order where it has one, else by name
  std::vector<SkippedVariable> skipped;

  const StoredArray* find(const std::string& name) const;
  /// Of a nested group by its path, or of the root for "".
  Attributes attributes_of(const std::string& group) const;
  void pack(Packer& out) const;
};

/// Opens whatever lies at `path`: a Zarr hierarchy (a folder with zarr.json, .zgroup or .zarray) or an HDF5/netCDF-4
/// file. Metadata only. Throws InputError naming the path where it is missing, corrupt or of no known format.
StoredGroup open_stored(const std::string& path);
/// Inverse of pack.
StoredGroup unpack_stored(Unpacker& in);

/// What is to be created.
struct NewArray {
  ArrayDescription description;  // name, dtype, regular grid, dimensions, attributes, fill_value
};
struct NewGroup {
  Attributes attributes;
  std::vector<StoredDimension> dimensions;
  std::vector<NewArray> arrays;
};

/// A hierarchy that is being written. Made alike on every rank, without I/O; then one process calls `create`, all write
/// objects through `arrays` and then call `sync`, and one process calls `finish` once all have.
class GroupWriter {
 public:
  virtual ~GroupWriter() = default;
  /// In the order of NewGroup::arrays.
  const std::vector<std::shared_ptr<ArrayWriter>>& arrays() const { return arrays_; }
  /// Writes the metadata that must be there before the data.
  virtual void create() = 0;
  /// Makes all that this process wrote durable, values and names: after a loss of power a published output has its
  /// chunks. Every process.
  virtual void sync() = 0;
  /// Writes the metadata that must come last (consolidated metadata), after finish_array of each, and makes it durable.
  virtual void finish() = 0;

 protected:
  std::vector<std::shared_ptr<ArrayWriter>> arrays_;
};

/// A codec as the user names it: "blosc-lz4", "blosc-zstd:3", "zstd:3", "gzip:1", "lz4", "none".
struct CodecChoice {
  std::string name = "blosc-lz4";
  int level = -1;  // -1: the codec's default
};
/// Parses a choice; throws UsageError that lists the known ones.
CodecChoice parse_codec(const std::string& text);

/// Why Zarr v3 cannot hold an array of this name ("'zarr.json' is reserved"); empty where it can.
std::string zarr3_name_fault(const std::string& name);

/// A Zarr v3 hierarchy in folder `root`, which `create` makes. Throws UsageError where an array cannot be written (an
/// irregular grid, a dtype that Zarr has no name for).
std::unique_ptr<GroupWriter> make_zarr3_writer(const std::string& root, const NewGroup& group,
                                               const CodecChoice& codec);
/// The same in any store.
std::unique_ptr<GroupWriter> make_zarr3_writer(std::shared_ptr<Store> store, const NewGroup& group,
                                               const CodecChoice& codec);

}  // namespace dunlin
