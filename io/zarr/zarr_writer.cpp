// Writing a Zarr v3 hierarchy: regular grid, bytes in little-endian order, then one compressor.
//
//   create()   zarr.json of every group and array            one process, before the data
//   put()      one file per chunk, whole, edges padded with the fill value
//   sync()     what is not durable yet                       every process
//   finish()   the root's zarr.json again, now with the metadata of all nodes inline: written last, and synced

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "dunlin/base/box_copy.hpp"
#include "dunlin/io/store.hpp"
#include "dunlin/io/stored_group.hpp"
#include "metadata_v3.hpp"

namespace dunlin {
namespace {

[[noreturn]] void refuse(const std::string& name, const std::string& sentence) {
  throw UsageError("array '" + name + "' cannot be written as Zarr v3: " + sentence);
}

// Fills in what the user may leave out, and refuses what cannot be written.
ArrayDescription completed(ArrayDescription description) {
  const std::string& name = description.name;
  const ChunkGrid& grid = description.grid;
  const auto rank = static_cast<std::size_t>(grid.rank());
  if (const std::string fault = zarr3_name_fault(name); !fault.empty())
    refuse(name, fault + ": rename it, or leave it out (--var takes the names of the others)");
  if (grid.has_unknown()) refuse(name, "its shape is known by a run only; compute or persist it first");
  if (!grid.is_regular()) refuse(name, "its chunks differ in length; rechunk it to equal ones");
  if (description.dimensions.empty()) description.dimensions.resize(rank);
  if (description.dimensions.size() != rank)
    refuse(name, "it has " + std::to_string(rank) + " axes and " + std::to_string(description.dimensions.size()) +
                     " dimension names");
  if (description.fill_value.empty()) description.fill_value.resize(description.dtype.size());
  if (description.fill_value.size() != description.dtype.size())
    refuse(name, "its fill value has " + std::to_string(description.fill_value.size()) + " bytes, an element " +
                     std::to_string(description.dtype.size()));
  description.contiguous = false;
  description.fill_is_missing = false;
  return description;
}

std::span<const std::byte> bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

class ZarrArrayWriter final : public ArrayWriter {
 public:
  ZarrArrayWriter(std::shared_ptr<Store> store, ArrayDescription description, const CodecChoice& codec)
      : ArrayWriter(completed(std::move(description))),
        store_(std::move(store)),
        node_(array_to_json(description_, codec)),
        chain_(
            codecs_from_json(node_["codecs"], description_.dtype, description_.grid.rank(), description_.name).chain) {
    const ChunkGrid& grid = description_.grid;
    for (int a = 0; a < grid.rank(); ++a) chunk_shape_.push_back(std::max<std::int64_t>(grid.step(a), 1));
    chunk_bytes_ = static_cast<std::size_t>(product(chunk_shape_)) * description_.dtype.size();
    if (codec.name.starts_with("blosc") && chunk_bytes_ > blosc_limit())
      refuse(description_.name, "a chunk has " + std::to_string(chunk_bytes_) + " bytes, blosc holds at most " +
                                    std::to_string(blosc_limit()) + "; choose smaller chunks or another codec");
    description_.encoding = chain_.description();
  }

  const Json& node() const { return node_; }

  std::size_t encoded_bound(const ChunkIndex&) const override { return chain_.encoded_bound(chunk_bytes_); }

  /// Between codecs, and a whole chunk for one that the end of an axis cuts.
  std::size_t encode_scratch(const ChunkIndex& object) const override {
    const bool cut = description_.grid.box(object).shape() != chunk_shape_;
    return chain_.encode_scratch(chunk_bytes_) + (cut ? chunk_bytes_ : 0);
  }

  Buffer encode(const ChunkIndex& object, std::span<const std::byte> raw, BufferPool& pool) const override {
    const std::size_t element = description_.dtype.size();
    const Shape shape = description_.grid.box(object).shape();
    require(raw.size() == static_cast<std::size_t>(product(shape)) * element,
            "ArrayWriter::encode: the object's elements, clipped to the shape");
    Buffer encoded = pool.allocate(chain_.encoded_bound(chunk_bytes_));
    if (shape == chunk_shape_) {
      encoded.shrink(chain_.encode(raw, encoded.bytes(), pool));
      return encoded;
    }
    Buffer whole = pool.allocate(chunk_bytes_);
    const Coords strides = row_major_strides(chunk_shape_);
    fill_block(description_.fill_value.data(), whole.data(), strides, chunk_shape_, element);
    copy_block(raw.data(), row_major_strides(shape), whole.data(), strides, shape, element);
    encoded.shrink(chain_.encode(whole.bytes(), encoded.bytes(), pool));
    return encoded;
  }

  void put(const ChunkIndex& object, const Extent&, std::span<const std::byte> encoded) const override {
    store_->write(description_.name + "/" + chunk_key({}, object), encoded);
  }

 private:
  std::shared_ptr<Store> store_;
  Json node_;
  CodecChain chain_;
  Shape chunk_shape_;
  std::size_t chunk_bytes_ = 0;
};

class ZarrGroupWriter final : public GroupWriter {
 public:
  ZarrGroupWriter(std::shared_ptr<Store> store, const NewGroup& group, const CodecChoice& codec)
      : store_(std::move(store)), root_(group_to_json(group.attributes)) {
    std::set<std::string> arrays, groups;
    for (const NewArray& array : group.arrays) {
      auto writer = std::make_shared<ZarrArrayWriter>(store_, array.description, codec);
      const std::string& name = array.description.name;
      if (!arrays.insert(name).second) refuse(name, "another array has the same name");
      for (std::size_t slash = name.find('/'); slash != std::string::npos; slash = name.find('/', slash + 1))
        if (groups.insert(name.substr(0, slash)).second) nodes_.emplace_back(name.substr(0, slash), group_to_json({}));
      nodes_.emplace_back(name, writer->node());
      arrays_.push_back(std::move(writer));
    }
    for (const std::string& name : arrays)
      if (groups.contains(name)) refuse(name, "other arrays lie below its name, as in a group");
  }

  void create() override {
    write_node("", root_);
    for (const auto& [path, node] : nodes_) write_node(path, node);
  }

  void sync() override { store_->sync(); }

  void finish() override {
    Json metadata = Json::object();
    for (const auto& [path, node] : nodes_) metadata[path] = node;
    Json root = root_;
    root["consolidated_metadata"] = {{"kind", "inline"}, {"must_understand", false}, {"metadata", std::move(metadata)}};
    write_node("", root);
    store_->sync();
  }

 private:
  void write_node(const std::string& path, const Json& node) {
    store_->write(path.empty() ? "zarr.json" : path + "/zarr.json", bytes_of(write_json(node) + "\n"));
  }
  std::shared_ptr<Store> store_;
  Json root_;
  std::vector<std::pair<std::string, Json>> nodes_;  // groups before what they hold
};

}  // namespace

std::string zarr3_name_fault(const std::string& name) {
  try {
    check_key(name);
  } catch (const BadKey&) {
    return "its name is expected to be words separated by single slashes";
  }
  for (std::size_t begin = 0; begin < name.size();) {
    const std::size_t end = std::min(name.find('/', begin), name.size());
    const std::string part = name.substr(begin, end - begin);
    if (part == "zarr.json" || part.starts_with("__")) return "'" + part + "' is reserved";
    begin = end + 1;
  }
  return "";
}

std::unique_ptr<GroupWriter> make_zarr3_writer(std::shared_ptr<Store> store, const NewGroup& group,
                                               const CodecChoice& codec) {
  return std::make_unique<ZarrGroupWriter>(std::move(store), group, codec);
}

std::unique_ptr<GroupWriter> make_zarr3_writer(const std::string& root, const NewGroup& group,
                                               const CodecChoice& codec) {
  return make_zarr3_writer(make_filesystem_store(root), group, codec);
}

}  // namespace dunlin
