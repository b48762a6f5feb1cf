#include "h5_chunk_index.hpp"

namespace dunlin {
namespace {

class IndexReader {
 public:
  IndexReader(const H5File& file, const std::string& path, const ChunkGrid& grid, const Shape& stored)
      : library_(file.library()),
        dataset_(h5_check(H5Dopen2(library_.handle.id(), path.c_str(), H5P_DEFAULT), "open '" + path + "'")),
        grid_(grid),
        stored_(stored) {
    library_.driver.spy();
  }
  ~IndexReader() { library_.driver.stop_spying(); }

  ChunkExtent find(const ChunkIndex& chunk) {
    hsize_t offset[kMaxRank];
    for (int a = 0; a < grid_.rank(); ++a) {
      const std::int64_t begin = chunk.at[a] * grid_.step(a);
      if (begin >= stored_[a]) return {.address = ChunkExtent::kAbsent};
      offset[a] = static_cast<hsize_t>(begin);
    }
    library_.driver.spy();
    std::uint32_t mask = 0;
    std::byte nothing{};  // the driver transfers no raw byte
    if (H5Dread_chunk(dataset_.id(), H5P_DEFAULT, offset, &mask, &nothing) < 0) return missing(chunk, offset);
    const auto& seen = library_.driver.seen();
    if (seen.size() != 1 || seen[0].size > UINT32_MAX)
      throw H5CallFailed("find chunk " + to_string(chunk), "it is not stored in one piece of less than 4 GiB");
    return {.address = seen[0].address, .size = static_cast<std::uint32_t>(seen[0].size), .filter_mask = mask};
  }

 private:
  /// A chunk that was never written is a failed call too. The call that can tell it from damage walks the whole index,
  /// so it is asked once per file and reason: the one that then stood on the error stack means a missing chunk.
  ChunkExtent missing(const ChunkIndex& chunk, const hsize_t* offset) {
    const std::string reason = h5_reason();
    if (reason.empty() || !library_.missing_reasons.contains(reason)) {
      unsigned mask = 0;
      haddr_t address = HADDR_UNDEF;
      hsize_t size = 0;
      if (H5Dget_chunk_info_by_coord(dataset_.id(), offset, &mask, &address, &size) < 0 || address != HADDR_UNDEF)
        throw H5CallFailed("find chunk " + to_string(chunk), reason);
      library_.missing_reasons.insert(reason);
    }
    return {.address = ChunkExtent::kAbsent};
  }

  H5File::Library& library_;
  H5Handle dataset_;
  const ChunkGrid& grid_;
  const Shape& stored_;
};

}  // namespace

void load_chunk_index(const H5File& file, const std::string& dataset, const ChunkGrid& grid, const Shape& stored,
                      const ChunkBox& chunks, std::span<ChunkExtent> extents) {
  const H5Session session;
  try {
    IndexReader reader(file, "/" + dataset, grid, stored);
    std::size_t next = 0;
    chunks.for_each([&](const ChunkIndex& chunk) { extents[next++] = reader.find(chunk); });
  } catch (const H5CallFailed& failed) {
    if (const auto failure = file.library().driver.failure()) std::rethrow_exception(failure);
    throw BadHdf5(file.path(), failed.doing + " of '" + dataset + "'", failed.reason);
  }
}

}  // namespace dunlin
