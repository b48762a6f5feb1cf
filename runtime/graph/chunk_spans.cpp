#include "chunk_spans.hpp"

#include <algorithm>

namespace dunlin {

void join_spans(std::vector<Span>& spans) {
  std::erase_if(spans, [](const Span& span) { return span.begin >= span.end; });
  std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) { return a.begin < b.begin; });
  std::size_t kept = 0;
  for (std::size_t k = 0; k < spans.size(); ++k) {
    if (kept > 0 && spans[k].begin <= spans[kept - 1].end) {
      spans[kept - 1].end = std::max(spans[kept - 1].end, spans[k].end);
    } else {
      spans[kept++] = spans[k];
    }
  }
  spans.resize(kept);
}

void append_blocks(std::span<const std::vector<Span>> axes, std::vector<ChunkBox>& blocks) {
  ChunkBox places{Coords(axes.size(), 0), {}};
  for (const std::vector<Span>& spans : axes) places.end.push_back(static_cast<std::int64_t>(spans.size()));
  places.for_each([&](const ChunkIndex& place) {
    ChunkBox block;
    for (std::size_t a = 0; a < axes.size(); ++a) {
      const Span& span = axes[a][static_cast<std::size_t>(place.at[a])];
      block.begin.push_back(span.begin);
      block.end.push_back(span.end);
    }
    blocks.push_back(block);
  });
}

ChunkRelation::Side::Side(const std::vector<std::pair<std::int64_t, std::int64_t>>& sorted, std::int64_t count)
    : offsets(static_cast<std::size_t>(count) + 1, 0) {
  others.reserve(sorted.size());
  for (const auto& [from, to] : sorted) {
    ++offsets[static_cast<std::size_t>(from) + 1];
    others.push_back(to);
  }
  for (std::size_t k = 1; k < offsets.size(); ++k) offsets[k] += offsets[k - 1];
}

ChunkRelation::Side ChunkRelation::make_side(std::vector<std::pair<std::int64_t, std::int64_t>>& pairs,
                                             std::int64_t count, bool turn) {
  if (turn)
    for (auto& [a, b] : pairs) std::swap(a, b);
  if (!std::is_sorted(pairs.begin(), pairs.end())) std::sort(pairs.begin(), pairs.end());
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  return {pairs, count};
}

ChunkRelation::ChunkRelation(std::vector<std::pair<std::int64_t, std::int64_t>> pairs, std::int64_t outputs,
                             std::int64_t inputs)
    : by_output_(make_side(pairs, outputs, false)), by_input_(make_side(pairs, inputs, true)) {}

std::vector<Span> ChunkRelation::Side::spans(const Span& of) const {
  std::vector<Span> spans;
  for (std::int64_t other : slice(of.begin, of.end)) {
    if (!spans.empty() && other >= spans.back().begin && other <= spans.back().end)
      spans.back().end = std::max(spans.back().end, other + 1);
    else
      spans.push_back({other, other + 1});
  }
  if (of.end - of.begin > 1) join_spans(spans);
  return spans;
}

}  // namespace dunlin
