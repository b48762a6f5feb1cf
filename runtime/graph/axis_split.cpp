#include "dunlin/graph/axis_split.hpp"

#include <algorithm>

namespace dunlin {

Boundaries::Boundaries(std::vector<std::int64_t> places) : begins(std::move(places)) {
  for (std::size_t k = 1; k < begins.size(); ++k) longest = std::max(longest, begins[k] - begins[k - 1]);
}

std::int64_t AxisSplit::first_of(std::int64_t part) const {
  return boundaries ? boundaries->begins[static_cast<std::size_t>(part)] : (part * count + parts - 1) / parts;
}

std::int64_t AxisSplit::part_of(std::int64_t chunk) const {
  if (width > 0) return run_of(chunk) % parts;
  if (!boundaries) return chunk * parts / count;
  const auto& begins = boundaries->begins;
  return std::upper_bound(begins.begin(), begins.end(), chunk) - begins.begin() - 1;
}

std::int64_t AxisSplit::place_of(std::int64_t chunk) const {
  if (width > 0) return run_of(chunk) / parts * width + (chunk + phase) % width;
  return chunk - first_of(part_of(chunk));
}

std::int64_t AxisSplit::places() const { return width > 0 ? (run_of(count - 1) / parts + 1) * width : longest(); }

ChunkSet::Run AxisSplit::run(std::int64_t part) const {
  if (width == 0) return {.start = first_of(part), .last = first_of(part + 1) - first_of(part)};
  ChunkSet::Run run{.start = part * width - phase, .width = width, .period = width * parts};
  run.first = run.below(0);
  run.last = run.below(count);
  return run;
}

std::int64_t AxisSplit::longest() const {
  if (width == 0) return boundaries ? boundaries->longest : (count + parts - 1) / parts;
  // Beside whole rounds: the rest of the run in which the axis begins, and what comes after it.
  const std::int64_t rest = count % (width * parts), head = std::min(rest, width - phase % width);
  return count / (width * parts) * width + std::min(width, std::max(head, rest - head));
}

std::int64_t AxisSplit::longest_within(std::int64_t begin, std::int64_t end) const {
  const std::int64_t length = end - begin, period = width * parts;
  if (width > 0) return length / period * width + std::min(length % period, width);
  const std::int64_t first = part_of(begin), last = part_of(end - 1);
  if (first == last) return length;
  const std::int64_t at_ends = std::max(first_of(first + 1) - begin, end - first_of(last));
  return last - first > 1 ? std::min(length, std::max(at_ends, longest())) : at_ends;
}

RankSet::Range AxisSplit::parts_of(std::int64_t begin, std::int64_t end) const {
  RankSet::Range range{.parts = parts, .multiple = multiple, .base_parts = base_parts, .stride = stride};
  if (parts == 1) return range;
  range.first = part_of(begin);
  if (width == 0) {
    range.count = part_of(end - 1) - range.first + 1;
  } else {
    range.count = std::min(run_of(end - 1) - run_of(begin) + 1, parts);
    if (range.count == parts) range.first = 0;
  }
  return range;
}

bool AxisSplit::is_in_one_part(std::int64_t begin, std::int64_t end) const {
  if (parts == 1 || end - begin == 1) return true;
  return width > 0 ? run_of(begin) == run_of(end - 1) : part_of(begin) == part_of(end - 1);
}

std::int64_t AxisSplit::latest_place(std::int64_t begin, std::int64_t end) const {
  if (width == 0) return is_in_one_part(begin, end) ? place_of(end - 1) : longest() - 1;
  // Within a round of all parts places do not depend on the part; a later round has later places.
  const std::int64_t last = run_of(end - 1);
  const bool whole_run_before = last % parts != 0 && run_of(begin) < last;
  return whole_run_before ? last / parts * width + width - 1 : place_of(end - 1);
}

std::int64_t AxisSplit::earliest_place(std::int64_t begin, std::int64_t end) const {
  if (width == 0) return is_in_one_part(begin, end) ? place_of(begin) : 0;
  const std::int64_t first = run_of(begin);
  const bool whole_run_after = (first + 1) % parts != 0 && run_of(end - 1) > first;
  return whole_run_after ? first / parts * width : place_of(begin);
}

bool operator==(const AxisSplit& a, const AxisSplit& b) {
  const bool same_boundaries =
      a.boundaries == b.boundaries || (a.boundaries && b.boundaries && *a.boundaries == *b.boundaries);
  return a.count == b.count && a.parts == b.parts && a.width == b.width && a.phase == b.phase &&
         a.multiple == b.multiple && a.base_parts == b.base_parts && a.stride == b.stride && same_boundaries;
}

namespace {

/// Where the led parts begin among `count` chunks; null where one of them would own none.
std::shared_ptr<const Boundaries> follow_boundaries(const AxisSplit& led, std::int64_t count) {
  if (count == led.count) return led.boundaries;
  std::vector<std::int64_t> begins;
  for (std::int64_t begin : led.boundaries->begins) begins.push_back((begin * count + led.count - 1) / led.count);
  if (std::adjacent_find(begins.begin(), begins.end()) != begins.end()) return nullptr;
  return std::make_shared<const Boundaries>(std::move(begins));
}

}  // namespace

AxisSplit follow(const AxisSplit& led, std::int64_t count) {
  AxisSplit split{.count = count, .base_parts = led.base_parts, .stride = led.stride};
  const std::int64_t most = std::max<std::int64_t>(count, 1);
  split.parts = std::clamp<std::int64_t>(led.parts, 1, most);
  if (led.boundaries && count > 0) split.boundaries = follow_boundaries(led, count);
  if (led.width > 0 && count > 0) {
    split.width = count == led.count ? led.width : std::max<std::int64_t>(led.width * count / led.count, 1);
    split.phase = count == led.count ? led.phase : led.phase * count / led.count;
    const std::int64_t runs = (count - 1 + split.phase) / split.width - split.phase / split.width + 1;
    split.parts = std::min(led.parts, runs);
    split.phase %= split.width * split.parts;
  }
  split.multiple = led.multiple * (led.parts / split.parts);
  return split;
}

}  // namespace dunlin
