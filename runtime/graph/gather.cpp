#include "gather.hpp"

#include <algorithm>
#include <cstring>

#include "dunlin/base/box_copy.hpp"
#include "pace.hpp"

namespace dunlin {
namespace {

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return a >= 0 ? (a + b - 1) / b : -(-a / b); }

/// Pieces cut to what one input holds.
Pieces within(const Pieces& pieces, std::int64_t begin, std::int64_t end) {
  Pieces cut;
  for (const Piece& piece : pieces) {
    const Span places = places_within(piece, begin, end);
    if (places.begin < places.end)
      cut.push_back(
          {piece.out + places.begin, places.end - places.begin, piece.in + places.begin * piece.step, piece.step});
  }
  return cut;
}

Coords packed_bytes(const Shape& shape, std::size_t element) {
  Coords strides = row_major_strides(shape);
  for (std::int64_t& stride : strides) stride *= static_cast<std::int64_t>(element);
  return strides;
}

/// A nanosecond copies about 8 bytes that lie together, or one element that does not.
double copy_time(const Shape& shape, std::size_t element) {
  double elements = 1;
  for (std::int64_t length : shape) elements *= static_cast<double>(length);
  return elements * std::max(0.25, static_cast<double>(element) / 8);
}

/// Copies the product of one piece per axis; large ones in slabs of the leading axis, so that the run gets its moments.
void copy_cell(const std::byte* from, const Coords& from_strides, std::byte* to, const Coords& to_strides, Shape shape,
               std::size_t element, Pace& pace) {
  constexpr double kSlab = 50'000;
  const double whole = copy_time(shape, element);
  if (whole <= kSlab || shape[0] == 1) {
    copy_block_by_bytes(from, from_strides, to, to_strides, shape, element);
    return pace.did(whole);
  }
  const std::int64_t length = shape[0];
  const auto slab = std::max<std::int64_t>(1, static_cast<std::int64_t>(static_cast<double>(length) * kSlab / whole));
  for (std::int64_t done = 0; done < length; done += slab) {
    shape[0] = std::min(slab, length - done);
    copy_block_by_bytes(from + done * from_strides[0], from_strides, to + done * to_strides[0], to_strides, shape,
                        element);
    pace.did(copy_time(shape, element));
  }
}

/// One element of the last axis: bytes from the row's beginning on both sides.
struct Hop {
  std::int64_t from, to;
};

template <std::size_t E>
void copy_hops(const std::byte* from, std::byte* to, const std::vector<Hop>& hops, std::size_t element) {
  for (const Hop& hop : hops) std::memcpy(to + hop.to, from + hop.from, E ? E : element);
}

void copy_row(const std::byte* from, std::byte* to, const std::vector<Hop>& hops, std::size_t element) {
  switch (element) {
    case 1:
      return copy_hops<1>(from, to, hops, element);
    case 2:
      return copy_hops<2>(from, to, hops, element);
    case 4:
      return copy_hops<4>(from, to, hops, element);
    case 8:
      return copy_hops<8>(from, to, hops, element);
    case 16:
      return copy_hops<16>(from, to, hops, element);
    default:
      return copy_hops<0>(from, to, hops, element);
  }
}

/// The product of one piece per axis, as both sides see it.
struct Cell {
  const std::byte* from;
  std::byte* to;
  Coords from_strides;
  Shape shape;
};

/// Calls f(cell) for the cells of the first `depth` axes.
template <class F>
void for_each_cell(const Cell& origin, std::span<const Pieces> axes, const Box& box, const Coords& strides,
                   const Coords& to_strides, F&& f) {
  ChunkBox cells{Coords(axes.size(), 0), {}};
  for (const Pieces& pieces : axes) cells.end.push_back(static_cast<std::int64_t>(pieces.size()));
  cells.for_each([&](const ChunkIndex& at) {
    Cell cell = origin;
    for (std::size_t a = 0; a < axes.size(); ++a) {
      const Piece& piece = axes[a][static_cast<std::size_t>(at.at[a])];
      cell.from += (piece.in - box.begin[a]) * strides[a];
      cell.to += piece.out * to_strides[a];
      cell.from_strides.push_back(piece.step * strides[a]);
      cell.shape.push_back(piece.count);
    }
    f(cell);
  });
}

/// Where the last axis is cut finely: row by row, each row by a table of its elements. Walking such pieces column by
/// column would go through memory again and again.
void copy_by_rows(const Cell& origin, std::span<const Pieces> axes, const Box& box, const Coords& strides,
                  const Coords& to_strides, std::size_t element, Pace& pace) {
  const std::size_t last = axes.size() - 1;
  std::vector<Hop> hops;
  for (const Piece& piece : axes[last])
    for (std::int64_t k = 0; k < piece.count; ++k)
      hops.push_back(
          {(piece.in + k * piece.step - box.begin[last]) * strides[last], (piece.out + k) * to_strides[last]});
  for_each_cell(origin, axes.first(last), box, strides, to_strides, [&](const Cell& cell) {
    ChunkBox{Coords(last, 0), cell.shape}.for_each([&](const ChunkIndex& at) {
      std::int64_t from = 0, to = 0;
      for (std::size_t a = 0; a < last; ++a) from += at.at[a] * cell.from_strides[a], to += at.at[a] * to_strides[a];
      copy_row(cell.from + from, cell.to + to, hops, element);
      pace.did(static_cast<double>(hops.size()));
    });
  });
}

}  // namespace

Span places_within(const Piece& piece, std::int64_t begin, std::int64_t end) {
  Span places{0, piece.count};
  if (piece.step == 0) {
    if (piece.in < begin || piece.in >= end) places.end = 0;
  } else if (piece.step > 0) {
    places.begin = std::max<std::int64_t>(0, ceil_div(begin - piece.in, piece.step));
    places.end = std::min(piece.count, ceil_div(end - piece.in, piece.step));
  } else {
    places.begin = std::max<std::int64_t>(0, ceil_div(piece.in - end + 1, -piece.step));
    places.end = std::min(piece.count, ceil_div(piece.in - begin + 1, -piece.step));
  }
  if (places.end <= places.begin) places = {0, 0};
  return places;
}

std::vector<Span> chunks_touched(const Pieces& pieces, const ChunkGrid& grid, int axis) {
  std::vector<Span> spans;
  for (const Piece& piece : pieces) {
    const std::int64_t step = std::abs(piece.step), lowest = piece.lowest(), highest = piece.highest();
    const std::int64_t last = grid.chunk_of(axis, highest);
    if (step <= 1 || (grid.is_regular(axis) && step <= grid.step(axis))) {
      spans.push_back({grid.chunk_of(axis, lowest), last + 1});
      continue;
    }
    for (std::int64_t at = lowest; at <= highest;) {
      const std::int64_t chunk = grid.chunk_of(axis, at);
      spans.push_back({chunk, chunk + 1});
      at += ceil_div(grid.begin(axis, chunk + 1) - at, step) * step;
    }
  }
  join_spans(spans);
  return spans;
}

Span hull_within(const Pieces& pieces, std::int64_t begin, std::int64_t end) {
  Span hull{end, begin};
  for (const Piece& piece : within(pieces, begin, end)) {
    hull.begin = std::min(hull.begin, piece.lowest());
    hull.end = std::max(hull.end, piece.highest() + 1);
  }
  return hull;
}

Coords byte_strides(const ChunkView& view, std::size_t element) {
  const Coords strides = view.strides();
  return strides.empty() ? packed_bytes(view.box().shape(), element) : strides;
}

void gather(const TaskRun& task, std::span<const Pieces> axes, const Shape& shape, std::size_t element) {
  const Coords to_strides = packed_bytes(shape, element);
  constexpr std::size_t kFew = 4;
  Pace pace(task);
  for (const ChunkView& input : task.inputs) {
    const Box box = input.box();
    std::vector<Pieces> cut;
    for (std::size_t a = 0; a < axes.size(); ++a) cut.push_back(within(axes[a], box.begin[a], box.end[a]));
    const Coords strides = byte_strides(input, element);
    const Cell origin{input.bytes().data(), task.output.data(), {}, {}};
    if (!cut.empty() && cut.back().size() > kFew) {
      copy_by_rows(origin, cut, box, strides, to_strides, element, pace);
      continue;
    }
    for_each_cell(origin, cut, box, strides, to_strides, [&](const Cell& cell) {
      copy_cell(cell.from, cell.from_strides, cell.to, to_strides, cell.shape, element, pace);
    });
  }
}

}  // namespace dunlin
