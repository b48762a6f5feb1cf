#include "h5_chunk_index.hpp"

namespace dunlin {
namespace {

class IndexReader {
 public:
  IndexReader(const H5File& file, const std::string& path, const ChunkGrid& grid, const Shape& stored)
      : driver_(file.library().driver),
        dataset_(h5_check(H5Dopen2(file.library().handle.id(), path.c_str(), H5P_DEFAULT), "open '" + path + "'")),
        grid_(grid),
        stored_(stored) {
    driver_.spy();
  }
  ~IndexReader() { driver_.stop_spying(); }

  ChunkExtent find(const ChunkIndex& chunk) {
    hsize_t offset[kMaxRank];
    for (int a = 0; a < grid_.rank(); ++a) {
      const std::int64_t begin = chunk.at[a] * grid_.step(a);
      if (begin >= stored_[a]) return {.address = ChunkExtent::kAbsent};
      offset[a] = static_cast<hsize_t>(begin);
    }
    driver_.spy();
    std::uint32_t mask = 0;
    std::byte nothing{};  // the driver transfers no raw byte
    if (H5Dread_chunk(dataset_.id(), H5P_DEFAULT, offset, &mask, &nothing) < 0) return missing(chunk, offset);
    const auto& seen = driver_.seen();
    if (seen.size() != 1 || seen[0].size > UINT32_MAX)
      throw H5CallFailed("find chunk " + to_string(chunk), "it is not stored in one piece of less than 4 GiB");
    return {.address = seen[0].address, .size = static_cast<std::uint32_t>(seen[0].size), .filter_mask = mask};
  }

 private:
  /// A chunk that was never written is a failed call too: its stack's innermost entry is a bad value of a dataset, and
  /// nothing below failed. Where that does not decide, the slower call does.
  ChunkExtent missing(const ChunkIndex& chunk, const hsize_t* offset) {
    const std::string reason = h5_reason();
    unsigned mask = 0;
    haddr_t address = HADDR_UNDEF;
    hsize_t size = 0;
    if (!is_undefined_address() &&
        (H5Dget_chunk_info_by_coord(dataset_.id(), offset, &mask, &address, &size) < 0 || address != HADDR_UNDEF))
      throw H5CallFailed("find chunk " + to_string(chunk), reason);
    return {.address = ChunkExtent::kAbsent};
  }

  static herr_t note_innermost(unsigned, const H5E_error2_t* entry, void* result) {
    auto& found = *static_cast<std::pair<bool, bool>*>(result);  // {seen any, is it}
    if (!found.first) found = {true, entry->maj_num == H5E_DATASET && entry->min_num == H5E_BADVALUE};
    return 0;
  }
  static bool is_undefined_address() {
    std::pair<bool, bool> found{false, false};
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, note_innermost, &found);
    return found.second;
  }

  H5Driver& driver_;
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
