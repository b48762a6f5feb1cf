#include "dunlin/io/stored_array.hpp"

namespace dunlin {

void StoredArray::load_index(const ChunkBox&, std::span<ChunkExtent>) const {
  throw InternalError("load_index: array '" + description_.name + "' needs no index");
}

void ArrayWriter::place(std::span<const EncodedObject> objects, std::span<Extent> extents) {
  require(objects.size() == extents.size(), "ArrayWriter::place: one extent per object");
  for (std::size_t k = 0; k < objects.size(); ++k) extents[k] = {.address = 0, .size = objects[k].size};
}

}  // namespace dunlin
