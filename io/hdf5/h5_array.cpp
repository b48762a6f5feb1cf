#include "h5_array.hpp"

#include "h5_chunk_index.hpp"
#include "h5_library_read.hpp"
#include "h5_region.hpp"

namespace dunlin {
namespace {

/// The elements that a stored chunk holds, also those over the end of the array.
Box stored_box(const ChunkGrid& grid, const ChunkIndex& chunk) {
  Box box;
  for (int a = 0; a < grid.rank(); ++a) {
    box.begin.push_back(chunk.at[a] * grid.step(a));
    box.end.push_back(box.begin[a] + grid.step(a));
  }
  return box;
}

const ChunkExtent& extent_of(const ChunkIndex& chunk, std::span<const IndexPage> pages) {
  for (const IndexPage& page : pages) {
    if (!page.chunks.contains(chunk)) continue;
    std::int64_t ordinal = 0;
    for (int a = 0; a < page.chunks.rank(); ++a)
      ordinal = ordinal * (page.chunks.end[a] - page.chunks.begin[a]) + chunk.at[a] - page.chunks.begin[a];
    require(ordinal < static_cast<std::int64_t>(page.extents.size()), "an index page holds an extent for each chunk");
    return page.extents[ordinal];
  }
  throw InternalError("no index page holds chunk " + to_string(chunk));
}

std::size_t bytes_of(std::int64_t elements, DType dtype) { return static_cast<std::size_t>(elements) * dtype.size(); }

}  // namespace

BadStoredChunk::BadStoredChunk(const std::string& path, const std::string& part, const std::string& reason)
    : InputError(part + " in " + path + " " + reason + ": the file is corrupt or truncated; copy or make it again"),
      path(path),
      part(part),
      reason(reason) {}

struct H5Array::Request {
  Block out;
  const ReadAid& aid;
  void count(std::int64_t bytes) const {
    if (aid.bytes_read) *aid.bytes_read += bytes;
  }
};

H5Array::H5Array(ArrayDescription description, std::shared_ptr<const H5File> file, H5Layout layout)
    : StoredArray(std::move(description)),
      file_(std::move(file)),
      layout_(std::move(layout)),
      chain_(make_chain(layout_.filters)),
      swap_(layout_.swapped ? description_.dtype.swap_size() : 1) {}

std::size_t H5Array::chunk_bytes() const {
  std::int64_t elements = 1;
  for (int a = 0; a < description_.grid.rank(); ++a) elements *= description_.grid.step(a);
  return bytes_of(elements, description_.dtype);
}

std::size_t H5Array::read_scratch(const Box& box) const {
  if (box.empty() || layout_.kind == H5Layout::Kind::compact) return 0;
  if (layout_.kind == H5Layout::Kind::contiguous)
    return read_part_scratch(product(layout_.stored) * static_cast<std::int64_t>(description_.dtype.size()));
  const std::size_t raw = chunk_bytes();
  if (layout_.kind == H5Layout::Kind::library) return library_scratch(description_.contiguous ? 0 : raw);
  if (chain_.empty()) return read_part_scratch(static_cast<std::int64_t>(raw));
  return chain_.stored_limit(raw) + chain_.decode_scratch(raw) + raw;
}

void H5Array::read(const Box& box, const ReadAid& aid, std::span<std::byte> out) const {
  require(out.size() == bytes_of(box.count(), description_.dtype), "read: the output holds the box");
  if (box.empty()) return;
  const Request request{{out, box, description_.dtype.size()}, aid};
  const Box inside = intersection(box, Box::whole(layout_.stored));
  if (inside != box) fill_part(request.out, box, description_.fill_value);
  if (inside.empty()) return;
  switch (layout_.kind) {
    case H5Layout::Kind::compact: {
      // Block is written through as little as it is read from: a const one would double every function for one use.
      const std::span<std::byte> values(const_cast<std::byte*>(layout_.compact.data()), layout_.compact.size());
      return copy_part({values, Box::whole(layout_.stored), description_.dtype.size()}, request.out, inside, 1);
    }
    case H5Layout::Kind::contiguous:
      return read_contiguous(request, inside);
    case H5Layout::Kind::library:
      return read_with_library(request, inside);
    case H5Layout::Kind::chunked:
      return description_.grid.chunks_of(inside).for_each([&](const ChunkIndex& chunk) { read_chunk(chunk, request); });
  }
}

/// Runs `read`, adding to what it throws which part of which array it was about.
template <class Read>
void H5Array::naming(const std::string& part, Read&& read) const {
  try {
    read();
  } catch (const BadData& bad) {
    throw BadStoredChunk(file_->path(), part, std::string("does not decode: ") + bad.what());
  } catch (const EndOfFile& end) {
    throw BadStoredChunk(file_->path(), part,
                         "lies beyond the end of the file (" + std::to_string(end.found) + " of " +
                             std::to_string(end.size) + " bytes are there)");
  } catch (const IoFailure& failure) {
    throw IoFailure("read", file_->path(), failure.error, part);
  }
}

void H5Array::check_extent(std::uint64_t address, std::uint64_t size, const std::string& part) const {
  const std::uint64_t end = file_->identity().size;
  if (address <= end && size <= end - address) return;
  throw BadStoredChunk(file_->path(), part,
                       "lies at bytes " + std::to_string(address) + " to " + std::to_string(address + size) +
                           ", beyond the end of the file at " + std::to_string(end));
}

void H5Array::read_contiguous(const Request& request, const Box& part) const {
  if (layout_.address == ChunkExtent::kAbsent) return fill_part(request.out, part, description_.fill_value);
  const std::string name = "'" + description_.name + "'";
  const Box stored = Box::whole(layout_.stored);
  check_extent(layout_.address, bytes_of(stored.count(), description_.dtype), name);
  naming(name, [&] {
    request.count(read_part(file_->bytes(), layout_.address, stored, request.out, part, swap_, *request.aid.pool));
  });
}

void H5Array::read_with_library(const Request& request, const Box& part) const {
  request.count(read_by_library(*file_, layout_.path, request.out, part));
}

std::string H5Array::name_of(const ChunkIndex& chunk) const {
  return "chunk " + to_string(chunk) + " of '" + description_.name + "'";
}

bool H5Array::has_filters(std::uint32_t skipped) const {
  for (std::size_t k = 0; k < layout_.filters.size(); ++k)
    if (k >= 32 || !(skipped >> k & 1)) return true;
  return false;
}

void H5Array::read_chunk(const ChunkIndex& chunk, const Request& request) const {
  const Box stored = stored_box(description_.grid, chunk);
  const Box whole = Box::whole(layout_.stored);
  const Box part = intersection(intersection(stored, whole), request.out.box);
  const ChunkExtent& extent = extent_of(chunk, request.aid.index);
  if (extent.address == ChunkExtent::kAbsent) return fill_part(request.out, part, description_.fill_value);
  const bool at_edge = intersection(stored, whole) != stored;
  const std::uint32_t skipped = at_edge && layout_.plain_edges ? ~std::uint32_t{0} : extent.filter_mask;
  const std::string name = name_of(chunk);
  check_extent(extent.address, extent.size, name);
  naming(name, [&] {
    if (has_filters(skipped)) return decode_chunk(extent, skipped, stored, part, request);
    if (extent.size != chunk_bytes())
      throw BadData(std::to_string(extent.size) + " bytes stored where " + std::to_string(chunk_bytes()) +
                    " are promised");
    request.count(read_part(file_->bytes(), extent.address, stored, request.out, part, swap_, *request.aid.pool));
  });
}

void H5Array::decode_chunk(const ChunkExtent& extent, std::uint32_t skipped, const Box& stored, const Box& part,
                           const Request& request) const {
  BufferPool& pool = *request.aid.pool;
  const std::size_t raw = chunk_bytes();
  if (extent.size > chain_.stored_limit(raw))
    throw BadData(std::to_string(extent.size) + " bytes stored for the " + std::to_string(raw) + " of a chunk");
  Buffer encoded = pool.allocate(extent.size);
  file_->bytes().read_at(extent.address, encoded.bytes());
  request.count(extent.size);
  if (part == stored) {
    if (const auto target = single_run(request.out, part); !target.empty()) {
      chain_.decode(encoded.bytes(), target, pool, skipped);
      if (swap_ > 1) swap_bytes(target, swap_);
      return;
    }
  }
  Buffer decoded = pool.allocate(raw);
  chain_.decode(encoded.bytes(), decoded.bytes(), pool, skipped);
  copy_part({decoded.bytes(), stored, request.out.element}, request.out, part, swap_);
}

void H5Array::load_index(const ChunkBox& chunks, std::span<ChunkExtent> extents) const {
  require(needs_index(), "load_index: the array needs an index");
  require(chunks.count() == static_cast<std::int64_t>(extents.size()), "load_index: an extent for each chunk");
  load_chunk_index(*file_, layout_.path, description_.grid, layout_.stored, chunks, extents);
}

std::string H5Array::identity() const {
  const FileIdentity& id = file_->identity();
  return file_->path() + ":" + description_.name + " (" + std::to_string(id.size) + " bytes, inode " +
         std::to_string(id.inode) + ", modified " + std::to_string(id.modified_ns) + " ns)";
}

}  // namespace dunlin
