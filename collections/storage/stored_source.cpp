#include <algorithm>
#include <optional>

#include "dunlin/base/box_copy.hpp"
#include "dunlin/graph/source.hpp"
#include "dunlin/storage/storage.hpp"

namespace dunlin {
namespace {

/// Extents of one index page: 4,096 stored chunks are 64 KiB.
constexpr std::int64_t kPageExtents = 4096;

/// How a source's chunks are grouped into index pages, and which stored chunks a page describes.
class Paging {
 public:
  Paging(const ChunkGrid& stored, const ChunkGrid& grid)
      : stored_(stored), grid_(grid), chunks_(static_cast<std::size_t>(grid.rank()), 1) {
    std::int64_t extents = 1;
    for (int a = 0; a < grid_.rank(); ++a) extents *= per_chunk(a);
    for (int a = grid_.rank() - 1; a >= 0 && extents < kPageExtents; --a) {  // whole trailing axes first
      chunks_[a] = std::clamp<std::int64_t>(kPageExtents / extents, 1, std::max<std::int64_t>(grid_.count(a), 1));
      extents *= chunks_[a];
    }
  }

  /// Source chunks per page along each axis.
  const Coords& chunks() const { return chunks_; }

  /// Stored chunks of a page.
  ChunkBox stored_of(const ChunkIndex& page) const {
    ChunkBox block;
    for (int a = 0; a < grid_.rank(); ++a) {
      const auto [begin, end] = stored_range(a, page.at[a]);
      block.begin.push_back(begin);
      block.end.push_back(end);
    }
    return block;
  }

  /// A grid with a chunk per page, as long along each axis as the page has stored chunks: it gives a page's size.
  ChunkGrid pages() const {
    std::vector<std::vector<std::int64_t>> spans(static_cast<std::size_t>(grid_.rank()));
    for (int a = 0; a < grid_.rank(); ++a) {
      const std::int64_t pages = (grid_.count(a) + chunks_[a] - 1) / chunks_[a];
      for (std::int64_t page = 0; page < pages; ++page) {
        const auto [begin, end] = stored_range(a, page);
        spans[a].push_back(end - begin);
      }
    }
    return ChunkGrid::ragged(spans);
  }

 private:
  std::int64_t per_chunk(int axis) const {
    if (grid_.count(axis) == 0) return 1;
    return (grid_.largest(axis) + stored_.step(axis) - 1) / stored_.step(axis);
  }
  std::pair<std::int64_t, std::int64_t> stored_range(int axis, std::int64_t page) const {
    const std::int64_t first = grid_.begin(axis, page * chunks_[axis]);
    const std::int64_t last = grid_.begin(axis, std::min((page + 1) * chunks_[axis], grid_.count(axis)));
    return {stored_.chunk_of(axis, first), stored_.chunk_of(axis, last - 1) + 1};
  }
  ChunkGrid stored_, grid_;
  Coords chunks_;
};

/// Makes index pages on the index rank, with the format's own library.
class IndexKernel final : public Kernel {
 public:
  IndexKernel(std::shared_ptr<const StoredArray> array, Paging paging)
      : array_(std::move(array)), paging_(std::move(paging)) {}
  void run(const TaskRun& task) const override {
    const std::size_t count = task.output.size() / sizeof(ChunkExtent);
    array_->load_index(paging_.stored_of(task.chunk), {reinterpret_cast<ChunkExtent*>(task.output.data()), count});
  }
  Cost cost(const ChunkIndex&) const override { return {}; }
  bool serial() const override { return true; }

 private:
  std::shared_ptr<const StoredArray> array_;
  Paging paging_;
};

class ReadKernel final : public Kernel {
 public:
  ReadKernel(std::shared_ptr<const StoredArray> array, ChunkGrid grid, std::optional<Paging> paging)
      : array_(std::move(array)), grid_(std::move(grid)), paging_(std::move(paging)) {
    for (std::int64_t length : grid_.shape()) selections_.push_back(AxisSelection::all(length));
  }
  void run(const TaskRun& task) const override {
    std::vector<IndexPage> pages;
    for (const ChunkView& page : task.inputs)
      pages.push_back(
          {paging_->stored_of(page.chunk()),
           {reinterpret_cast<const ChunkExtent*>(page.bytes().data()), page.bytes().size() / sizeof(ChunkExtent)}});
    const Box chunk = grid_.box(task.chunk), stored = stored_box(chunk);
    const auto read = [&](std::span<std::byte> out) {
      array_->read(stored, {task.pool, pages, &task.counts->stored_read}, out);
    };
    if (is_packed()) return read(task.output);
    Buffer hull = task.pool->allocate(static_cast<std::size_t>(bytes_of(stored)));
    read(hull.bytes());
    pick(hull.data(), stored, chunk, task.output.data());
  }
  Cost cost(const ChunkIndex& chunk) const override {
    const Box box = stored_box(grid_.box(chunk));
    Cost cost;
    cost.read_bytes = bytes_of(box);
    cost.scratch_bytes = static_cast<std::int64_t>(array_->read_scratch(box)) + (is_packed() ? 0 : bytes_of(box));
    cost.operations = array_->description().decode_cost * static_cast<double>(cost.read_bytes);
    return cost;
  }
  bool serial() const override { return !array_->reading_library().empty(); }
  /// Reads the box around what is selected of a chunk; of a range with steps the elements are picked from it.
  std::shared_ptr<const Kernel> select(const std::vector<AxisSelection>& selections,
                                       const ChunkGrid& grid) const override {
    auto part = std::make_shared<ReadKernel>(*this);
    part->grid_ = grid;
    for (std::size_t a = 0; a < selections.size(); ++a) part->selections_[a] = compose(selections_[a], selections[a]);
    return part;
  }

 private:
  std::int64_t bytes_of(const Box& box) const {
    return box.count() * static_cast<std::int64_t>(array_->description().dtype.size());
  }
  /// True where the elements of a chunk are all of a box, in its order.
  bool is_packed() const {
    return std::all_of(selections_.begin(), selections_.end(), [](const AxisSelection& s) { return s.step() == 1; });
  }
  /// The box of the stored array around a chunk's elements.
  Box stored_box(const Box& chunk) const {
    Box box = chunk;
    for (int a = 0; a < chunk.rank(); ++a) {
      const std::int64_t first = selections_[a].at(chunk.begin[a]), last = selections_[a].at(chunk.end[a] - 1);
      box.begin[a] = std::min(first, last);
      box.end[a] = std::max(first, last) + 1;
    }
    return box;
  }
  void pick(const std::byte* from, const Box& hull, const Box& chunk, std::byte* to) const {
    Coords strides = row_major_strides(hull.shape()), first;
    for (int a = 0; a < chunk.rank(); ++a) first.push_back(selections_[a].at(chunk.begin[a]));
    const std::size_t element = array_->description().dtype.size();
    from += offset_of(first, hull.begin, strides) * static_cast<std::int64_t>(element);
    for (int a = 0; a < chunk.rank(); ++a) strides[a] *= selections_[a].step();
    copy_block(from, strides, to, row_major_strides(chunk.shape()), chunk.shape(), element);
  }

  std::shared_ptr<const StoredArray> array_;
  ChunkGrid grid_;  // of what is made
  std::optional<Paging> paging_;
  std::vector<AxisSelection> selections_;  // of the stored array: ranges
};

/// The rank that calls a format's library for a file.
std::uint64_t rank_key(const std::string& file) { return hash_bytes(std::as_bytes(std::span(file)))[0]; }

}  // namespace

ChunkGrid auto_chunks(const ArrayDescription& array, std::int64_t target) {
  const ChunkGrid& stored = array.grid;
  const auto element = static_cast<std::int64_t>(array.dtype.size());
  Shape chunk;
  for (int a = 0; a < stored.rank(); ++a)
    chunk.push_back(array.contiguous
                        ? 1
                        : std::clamp<std::int64_t>(stored.step(a), 1, std::max<std::int64_t>(stored.length(a), 1)));
  // The last axes are filled first, each by whole stored chunks, until the target is reached.
  for (int a = stored.rank() - 1; a >= 0; --a) {
    std::int64_t bytes = element;
    for (std::int64_t length : chunk) bytes *= length;
    const std::int64_t length = std::max<std::int64_t>(stored.length(a), 1);
    const std::int64_t times =
        std::clamp<std::int64_t>(target / std::max<std::int64_t>(bytes, 1), 1, (length + chunk[a] - 1) / chunk[a]);
    const std::int64_t filled = chunk[a] * times;
    chunk[a] = std::min(filled, length);
    if (filled < length) break;  // leading axes stay one stored chunk long
  }
  return ChunkGrid::regular(stored.shape(), chunk);
}

LayerPtr read_layer(std::shared_ptr<const StoredArray> array, const ChunkGrid& grid) {
  const ArrayDescription& description = array->description();
  require(grid.shape() == description.grid.shape(), "a source's chunks cut the array's shape");
  const std::string name = "read " + description.name;
  const std::string file = array->identity();
  const std::string identity = file + "\n" + description.name;
  const ValueSpec output{description.dtype, grid};
  if (const std::string library = array->reading_library(); !library.empty() && grid.count() > 0)
    return SourceLayer::make_on_one_rank(name + " by the " + library + " library", output,
                                         std::make_shared<ReadKernel>(array, grid, std::nullopt), identity,
                                         rank_key(file));
  if (!array->needs_index() || grid.count() == 0)
    return SourceLayer::make(name, output, std::make_shared<ReadKernel>(array, grid, std::nullopt), identity);
  const Paging paging(description.grid, grid);
  const LayerPtr index = SourceLayer::make_on_one_rank(
      "index of " + description.name, ValueSpec{DType::bytes(sizeof(ChunkExtent)), paging.pages()},
      std::make_shared<IndexKernel>(array, paging), identity, rank_key(file));
  return SourceLayer::make(name, output, std::make_shared<ReadKernel>(array, grid, paging), identity, index,
                           paging.chunks());
}

LayerPtr read_layer(std::shared_ptr<const StoredArray> array) {
  const ChunkGrid grid = auto_chunks(array->description());
  return read_layer(std::move(array), grid);
}

}  // namespace dunlin
