#include "zarr_array.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "dunlin/base/box_copy.hpp"
#include "metadata_error.hpp"

namespace dunlin {
namespace {

// True where a block of shape `part` inside a row-major array of shape `whole` is contiguous: behind its first axis of
// more than one element it spans the whole.
bool is_one_piece(const Shape& part, const Shape& whole) {
  bool single = true;
  for (std::size_t a = 0; a < part.size(); ++a) {
    if (!single && part[a] != whole[a]) return false;
    single = single && part[a] == 1;
  }
  return true;
}

}  // namespace

ZarrArray::ZarrArray(ZarrOrigin origin, const Json& node, const std::string& where)
    : ZarrArray(std::move(origin), write_json(node, true), parse_array(node, where)) {}

ZarrArray::ZarrArray(ZarrOrigin origin, std::string text, ArrayMetadata metadata)
    : StoredArray(std::move(metadata.description)),
      origin_(std::move(origin)),
      text_(std::move(text)),
      keys_(metadata.keys),
      codecs_(std::move(metadata.codecs)) {
  description_.name = origin_.name;
  const int rank = description_.grid.rank();
  Shape stored;
  for (int a = 0; a < rank; ++a) chunk_shape_.push_back(description_.grid.step(a));
  for (int a = 0; a < rank; ++a) stored.push_back(chunk_shape_[codecs_.order[a]]);
  const Coords strides = row_major_strides(stored);
  chunk_strides_ = Coords(rank, 1);
  for (int a = 0; a < rank; ++a) chunk_strides_[codecs_.order[a]] = strides[a];
  transposed_ = chunk_strides_ != row_major_strides(chunk_shape_);
  chunk_bytes_ = static_cast<std::size_t>(product(chunk_shape_)) * description_.dtype.size();
}

std::string ZarrArray::key_below(const std::string& name) const {
  return origin_.key.empty() ? name : origin_.key + "/" + name;
}

// True where every stored chunk that the box touches is whole and lies in it in one piece.
bool ZarrArray::is_direct(const Box& box) const {
  for (int a = 0; a < box.rank(); ++a)
    if (box.begin[a] % chunk_shape_[a] != 0 || box.end[a] % chunk_shape_[a] != 0) return false;
  return !transposed_ && is_one_piece(chunk_shape_, box.shape());
}

std::size_t ZarrArray::read_scratch(const Box& box) const {
  if (box.empty()) return 0;
  const std::size_t elements = is_direct(box) ? 0 : chunk_bytes_;
  if (codecs_.chain.empty()) return elements;
  return elements + codecs_.chain.stored_limit(chunk_bytes_) + codecs_.chain.decode_scratch(chunk_bytes_);
}

void ZarrArray::read(const Box& box, const ReadAid& aid, std::span<std::byte> out) const {
  if (box.empty()) return;
  require(aid.pool != nullptr, "ZarrArray::read: a pool for scratch");
  require(out.size() == static_cast<std::size_t>(box.count()) * description_.dtype.size(),
          "ZarrArray::read: the output has the box's size");
  description_.grid.chunks_of(box).for_each([&](const ChunkIndex& chunk) { read_chunk(chunk, box, aid, out); });
}

void ZarrArray::read_chunk(const ChunkIndex& chunk, const Box& box, const ReadAid& aid,
                           std::span<std::byte> out) const {
  const std::size_t element = description_.dtype.size();
  const Box all = description_.grid.box(chunk);
  const Box part = intersection(all, box);
  const Coords out_strides = row_major_strides(box.shape());
  std::byte* to = out.data() + offset_of(part.begin, box.begin, out_strides) * static_cast<std::int64_t>(element);
  const std::string key = key_below(chunk_key(keys_, chunk));
  const auto stored = origin_.store->size(key);
  if (!stored) {
    check_still_there(chunk);
    fill_block(description_.fill_value.data(), to, out_strides, part.shape(), element);
    return;
  }
  try {
    if (!transposed_ && part.shape() == chunk_shape_ && is_one_piece(chunk_shape_, box.shape())) {
      load(key, *stored, *aid.pool, {to, chunk_bytes_});
    } else {
      if (codecs_.chain.empty() && *stored != chunk_bytes_)  // before memory is taken for it
        throw BadData("has " + std::to_string(*stored) + " bytes where " + std::to_string(chunk_bytes_) +
                      " are promised");
      Buffer scratch = aid.pool->allocate(chunk_bytes_);
      load(key, *stored, *aid.pool, scratch.bytes());
      const std::int64_t from = offset_of(part.begin, all.begin, chunk_strides_) * static_cast<std::int64_t>(element);
      copy_block(scratch.data() + from, chunk_strides_, to, out_strides, part.shape(), element);
    }
  } catch (const BadData& error) {
    throw BadData(origin_.store->location(key) + ": chunk " + to_string(chunk) + " of array '" + description_.name +
                  "' is damaged: " + error.what());
  }
  if (aid.bytes_read) *aid.bytes_read += static_cast<std::int64_t>(*stored);
}

// Reads and decodes a stored chunk into `elements`, in this machine's byte order.
void ZarrArray::load(const std::string& key, std::uint64_t stored, BufferPool& pool,
                     std::span<std::byte> elements) const {
  if (codecs_.chain.empty()) {
    if (stored != elements.size())
      throw BadData("has " + std::to_string(stored) + " bytes where " + std::to_string(elements.size()) +
                    " are promised");
    origin_.store->read(key, 0, elements);
  } else {
    const std::size_t limit = codecs_.chain.stored_limit(elements.size());
    if (stored > limit)
      throw BadData("has " + std::to_string(stored) + " bytes, more than any encoding of " +
                    std::to_string(elements.size()));
    Buffer encoded = pool.allocate(static_cast<std::size_t>(stored));
    origin_.store->read(key, 0, encoded.bytes());
    codecs_.chain.decode(encoded.bytes(), elements, pool);
  }
  if (codecs_.big_endian) swap_bytes(elements, description_.dtype.swap_size());
  // Any byte but 0 is true, as in NumPy; in memory it is 1, so that a C++ bool may be read from it.
  if (description_.dtype.kind() == DType::boolean)
    for (std::byte& truth : elements) truth = std::byte(truth != std::byte{0});
}

void ZarrArray::check_still_there(const ChunkIndex& chunk) const {
  const std::string key = key_below("zarr.json");
  if (!origin_.store->size(key))
    throw InputError(origin_.store->location(key) + " has vanished: chunk " + to_string(chunk) + " of array '" +
                     description_.name + "' cannot be read");
}

// Below an array lie its metadata and its chunks, under whatever keys.
bool ZarrArray::is_hollow() const {
  return description_.grid.count() > 0 && !origin_.store->holds_more_than(origin_.key, key_below("zarr.json"));
}

std::string ZarrArray::identity() const {
  return "zarr:" + origin_.store->location(origin_.key) + "\n" + origin_.stamp + "\n" + text_;
}

void ZarrArray::pack(Packer& out) const {
  require(!origin_.root.empty(), "only arrays of a folder can be sent to other processes");
  out.text(origin_.root);
  out.text(origin_.key);
  out.text(origin_.name);
  out.text(origin_.stamp);
  out.text(text_);
}

std::shared_ptr<const StoredArray> ZarrArray::unpack(Unpacker& in) {
  ZarrOrigin origin;
  origin.root = in.text();
  origin.key = in.text();
  origin.name = in.text();
  origin.stamp = in.text();
  const std::string text = in.text();
  origin.store = make_filesystem_store(origin.root);
  const std::string where = origin.store->location(origin.key);
  return std::make_shared<ZarrArray>(std::move(origin), parse_json(text, where), where);
}

}  // namespace dunlin
