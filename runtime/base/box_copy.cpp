#include "dunlin/base/box_copy.hpp"

#include <cstring>

namespace dunlin {
namespace {

// Calls f(from offset, to offset) in bytes for every row: every position of all axes but the last.
template <class F>
void for_each_row(const Coords& from_strides, const Coords& to_strides, const Shape& shape, F&& f) {
  const int axes = static_cast<int>(shape.size()) - 1;
  Coords at(shape.size(), 0);
  std::int64_t from = 0, to = 0;
  for (;;) {
    f(from, to);
    int a = axes - 1;
    for (; a >= 0; --a) {
      from += from_strides[a];
      to += to_strides[a];
      if (++at[a] < shape[a]) break;
      from -= from_strides[a] * shape[a];
      to -= to_strides[a] * shape[a];
      at[a] = 0;
    }
    if (a < 0) return;
  }
}

template <std::size_t E>
void copy_strided(const std::byte* from, std::int64_t from_step, std::byte* to, std::int64_t to_step, std::int64_t n,
                  std::size_t element) {
  const std::size_t size = E ? E : element;
  for (std::int64_t k = 0; k < n; ++k) std::memcpy(to + k * to_step, from + k * from_step, size);
}

void copy_row(const std::byte* from, std::int64_t from_step, std::byte* to, std::int64_t to_step, std::int64_t n,
              std::size_t element) {
  if (from_step == static_cast<std::int64_t>(element) && to_step == from_step) {
    std::memcpy(to, from, static_cast<std::size_t>(n) * element);
    return;
  }
  switch (element) {
    case 1:
      return copy_strided<1>(from, from_step, to, to_step, n, element);
    case 2:
      return copy_strided<2>(from, from_step, to, to_step, n, element);
    case 4:
      return copy_strided<4>(from, from_step, to, to_step, n, element);
    case 8:
      return copy_strided<8>(from, from_step, to, to_step, n, element);
    case 16:
      return copy_strided<16>(from, from_step, to, to_step, n, element);
    default:
      return copy_strided<0>(from, from_step, to, to_step, n, element);
  }
}

// Drops axes of length 1 and joins neighbouring axes that both sides walk as one, so that rows are as long as they can.
struct Plan {
  Coords from, to;
  Shape shape;
};

Plan joined(const Coords& from_strides, const Coords& to_strides, const Shape& shape) {
  Plan plan;
  for (std::size_t a = 0; a < shape.size(); ++a) {
    if (shape[a] == 1) continue;
    const std::size_t n = plan.shape.size();
    if (n > 0 && plan.from[n - 1] == from_strides[a] * shape[a] && plan.to[n - 1] == to_strides[a] * shape[a]) {
      plan.shape[n - 1] *= shape[a];
      plan.from[n - 1] = from_strides[a];
      plan.to[n - 1] = to_strides[a];
      continue;
    }
    plan.shape.push_back(shape[a]);
    plan.from.push_back(from_strides[a]);
    plan.to.push_back(to_strides[a]);
  }
  if (plan.shape.empty()) plan = {{1}, {1}, {1}};
  return plan;
}

bool is_empty(const Shape& shape) {
  for (std::int64_t length : shape)
    if (length <= 0) return true;
  return false;
}

}  // namespace

Coords row_major_strides(const Shape& shape) {
  Coords strides(shape.size(), 1);
  for (int a = static_cast<int>(shape.size()) - 2; a >= 0; --a) strides[a] = strides[a + 1] * shape[a + 1];
  return strides;
}

std::int64_t offset_of(const Coords& at, const Coords& origin, const Coords& strides) {
  std::int64_t offset = 0;
  for (std::size_t a = 0; a < at.size(); ++a) offset += (at[a] - origin[a]) * strides[a];
  return offset;
}

void copy_block_by_bytes(const std::byte* from, const Coords& from_strides, std::byte* to, const Coords& to_strides,
                         const Shape& shape, std::size_t element) {
  if (is_empty(shape)) return;
  const Plan plan = joined(from_strides, to_strides, shape);
  const std::size_t last = plan.shape.size() - 1;
  for_each_row(plan.from, plan.to, plan.shape, [&](std::int64_t f, std::int64_t t) {
    copy_row(from + f, plan.from[last], to + t, plan.to[last], plan.shape[last], element);
  });
}

void copy_block(const std::byte* from, const Coords& from_strides, std::byte* to, const Coords& to_strides,
                const Shape& shape, std::size_t element) {
  const auto in_bytes = [element](Coords strides) {
    for (std::int64_t& stride : strides) stride *= static_cast<std::int64_t>(element);
    return strides;
  };
  copy_block_by_bytes(from, in_bytes(from_strides), to, in_bytes(to_strides), shape, element);
}

void copy_box(const Box& box, const Box& from_box, const std::byte* from, const Box& to_box, std::byte* to,
              std::size_t element) {
  const Coords from_strides = row_major_strides(from_box.shape()), to_strides = row_major_strides(to_box.shape());
  const auto size = static_cast<std::int64_t>(element);
  copy_block(from + offset_of(box.begin, from_box.begin, from_strides) * size, from_strides,
             to + offset_of(box.begin, to_box.begin, to_strides) * size, to_strides, box.shape(), element);
}

void fill_block(const std::byte* value, std::byte* to, const Coords& to_strides, const Shape& shape,
                std::size_t element) {
  copy_block(value, Coords(shape.size(), 0), to, to_strides, shape, element);
}

}  // namespace dunlin
