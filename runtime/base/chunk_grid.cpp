#include "dunlin/base/chunk_grid.hpp"

#include <algorithm>

namespace dunlin {

BadChunks::BadChunks(int axis, std::int64_t length, std::int64_t chunk)
    : UsageError("axis " + std::to_string(axis) + " of length " + std::to_string(length) +
                 " cannot be cut into chunks of " + std::to_string(chunk) +
                 ": a chunk length is at least 1, an axis length at least 0"),
      axis(axis),
      length(length),
      chunk(chunk) {}

BadChunks::BadChunks(std::size_t shape_rank, std::size_t chunk_rank)
    : UsageError("an array of " + std::to_string(shape_rank) + " axes got chunk lengths for " +
                 std::to_string(chunk_rank) + ": give one per axis"),
      axis(-1),
      length(static_cast<std::int64_t>(shape_rank)),
      chunk(static_cast<std::int64_t>(chunk_rank)) {}

bool ChunkBox::contains(const ChunkIndex& chunk) const {
  for (int a = 0; a < rank(); ++a)
    if (chunk.at[a] < begin[a] || chunk.at[a] >= end[a]) return false;
  return true;
}

ChunkGrid::Axis ChunkGrid::Axis::regular(int axis, std::int64_t length, std::int64_t chunk) {
  if (length < 0 || chunk < 1) throw BadChunks(axis, length, chunk);
  const std::int64_t count = length / chunk + (length % chunk != 0);  // no sum that could overflow
  return {.length = length, .count = count, .step = chunk, .offsets = {}};
}

std::int64_t ChunkGrid::Axis::begin(std::int64_t chunk) const {
  if (!offsets.empty()) return offsets[chunk];
  return chunk == count ? length : chunk * step;  // the end of the last chunk is the end of the axis
}

std::int64_t ChunkGrid::Axis::chunk_of(std::int64_t element) const {
  if (offsets.empty()) return element / step;
  return std::upper_bound(offsets.begin(), offsets.end(), element) - offsets.begin() - 1;
}

ChunkGrid ChunkGrid::regular(const Shape& shape, const Shape& chunk) {
  if (shape.size() != chunk.size()) throw BadChunks(shape.size(), chunk.size());
  ChunkGrid grid;
  for (int a = 0; a < static_cast<int>(shape.size()); ++a) grid.axes_.push_back(Axis::regular(a, shape[a], chunk[a]));
  return grid;
}

ChunkGrid ChunkGrid::single(const Shape& shape) {
  Shape chunk = shape;
  for (std::int64_t& length : chunk) length = std::max<std::int64_t>(length, 1);
  return regular(shape, chunk);
}

ChunkGrid ChunkGrid::ragged(const std::vector<std::vector<std::int64_t>>& spans) {
  if (spans.size() > kMaxRank) throw TooManyAxes(spans.size());
  ChunkGrid grid;
  for (int a = 0; a < static_cast<int>(spans.size()); ++a) {
    Axis axis{.length = 0, .count = static_cast<std::int64_t>(spans[a].size()), .step = 1, .offsets = {0}};
    for (std::int64_t span : spans[a]) {
      if (span < 1) throw BadChunks(a, axis.length, span);
      axis.offsets.push_back(axis.length += span);
    }
    grid.axes_.push_back(std::move(axis));
  }
  return grid;
}

ChunkGrid ChunkGrid::of_spans(const std::vector<std::int64_t>& lengths) {
  if (lengths.empty()) return regular({0}, {1});
  std::int64_t total = 0;
  bool is_regular = true;
  for (std::size_t k = 0; k < lengths.size(); ++k) {
    total += lengths[k];
    is_regular = is_regular && (k + 1 < lengths.size() ? lengths[k] == lengths[0] : lengths[k] <= lengths[0]);
  }
  return is_regular ? regular({total}, {lengths.front()}) : ragged({lengths});
}

ChunkGrid ChunkGrid::with_axis(int axis, std::int64_t length, std::int64_t chunk) const {
  ChunkGrid grid = *this;
  grid.axes_.insert(grid.axes_.begin() + axis, Axis::regular(axis, length, chunk));
  if (grid.axes_.size() > kMaxRank) throw TooManyAxes(grid.axes_.size());
  return grid;
}

ChunkGrid ChunkGrid::with_unknown(int axis, std::int64_t count) const {
  ChunkGrid grid = *this;
  grid.axes_[axis] = {.length = kUnknown, .count = count, .step = 1, .offsets = {}};
  return grid;
}

ChunkGrid ChunkGrid::without_axis(int axis) const {
  ChunkGrid grid = *this;
  grid.axes_.erase(grid.axes_.begin() + axis);
  return grid;
}

ChunkGrid ChunkGrid::with_axis_of(int axis, const ChunkGrid& other, int from) const {
  ChunkGrid grid = *this;
  grid.axes_[axis] = other.axes_[from];
  return grid;
}

Shape ChunkGrid::shape() const {
  Shape shape;
  for (const Axis& axis : axes_) shape.push_back(axis.length);
  return shape;
}

bool ChunkGrid::has_unknown() const {
  return std::any_of(axes_.begin(), axes_.end(), [](const Axis& axis) { return axis.length == kUnknown; });
}

Coords ChunkGrid::counts() const {
  Coords counts;
  for (const Axis& axis : axes_) counts.push_back(axis.count);
  return counts;
}

std::int64_t ChunkGrid::count() const {
  std::int64_t product = 1;
  for (const Axis& axis : axes_) product *= axis.count;
  return product;
}

bool ChunkGrid::is_regular() const {
  for (int a = 0; a < rank(); ++a)
    if (!is_regular(a)) return false;
  return true;
}

std::int64_t ChunkGrid::largest(int axis) const {
  need_known(axis);
  const Axis& it = axes_[axis];
  if (it.offsets.empty()) return std::min(it.step, it.length);
  std::int64_t longest = 0;
  for (std::size_t k = 1; k < it.offsets.size(); ++k) longest = std::max(longest, it.offsets[k] - it.offsets[k - 1]);
  return longest;
}

Shape ChunkGrid::largest() const {
  Shape shape;
  for (int a = 0; a < rank(); ++a) shape.push_back(largest(a));
  return shape;
}

std::int64_t ChunkGrid::begin(int axis, std::int64_t chunk) const {
  need_known(axis);
  return axes_[axis].begin(chunk);
}

Box ChunkGrid::box(const ChunkIndex& chunk) const { return box(ChunkBox::single(chunk)); }

Box ChunkGrid::box(const ChunkBox& chunks) const {
  Box box;
  for (int a = 0; a < rank(); ++a) {
    box.begin.push_back(begin(a, chunks.begin[a]));
    box.end.push_back(begin(a, chunks.end[a]));
  }
  return box;
}

std::int64_t ChunkGrid::chunk_of(int axis, std::int64_t element) const {
  need_known(axis);
  return axes_[axis].chunk_of(element);
}

ChunkIndex ChunkGrid::chunk_of(std::span<const std::int64_t> element) const {
  ChunkIndex chunk;
  for (int a = 0; a < rank(); ++a) chunk.at.push_back(chunk_of(a, element[a]));
  return chunk;
}

ChunkBox ChunkGrid::chunks_of(const Box& box) const {
  ChunkBox chunks;
  for (int a = 0; a < rank(); ++a) {
    chunks.begin.push_back(chunk_of(a, box.begin[a]));
    chunks.end.push_back(chunk_of(a, box.end[a] - 1) + 1);
  }
  return chunks;
}

ChunkOrdinal ChunkGrid::ordinal(const ChunkIndex& chunk) const {
  std::int64_t ordinal = 0;
  for (int a = 0; a < rank(); ++a) ordinal = ordinal * axes_[a].count + chunk.at[a];
  return ChunkOrdinal{ordinal};
}

ChunkIndex ChunkGrid::at(ChunkOrdinal ordinal) const {
  auto rest = static_cast<std::int64_t>(ordinal);
  ChunkIndex chunk{Coords(axes_.size(), 0)};
  for (int a = rank() - 1; a >= 0; --a) {
    chunk.at[a] = rest % axes_[a].count;
    rest /= axes_[a].count;
  }
  return chunk;
}

std::string to_string(const ChunkGrid& grid) {
  if (grid.rank() == 0) return "one value";
  if (grid.has_unknown()) return "chunks of lengths that a run tells";
  std::string text = grid.is_regular() ? "chunks of " : "chunks of at most ";
  for (int a = 0; a < grid.rank(); ++a) text += (a ? " x " : "") + std::to_string(grid.largest(a));
  return text;
}

}  // namespace dunlin
