#include "dunlin/graph/chunk_set.hpp"

namespace dunlin {

ChunkSet::ChunkSet(const ChunkBox& box) {
  if (box.count() == 0) return;
  size_ = box.count();
  for (int a = 0; a < box.rank(); ++a) runs_.push_back({.start = box.begin[a], .last = box.end[a] - box.begin[a]});
}

ChunkSet ChunkSet::product(std::vector<Run> runs) {
  ChunkSet set;
  set.size_ = 1;
  for (const Run& run : runs) set.size_ *= std::max<std::int64_t>(run.size(), 0);
  if (set.size_ > 0) set.runs_ = std::move(runs);
  return set;
}

ChunkSet ChunkSet::list(const Coords& counts, std::vector<std::int64_t> ordinals) {
  ChunkSet set;
  set.size_ = static_cast<std::int64_t>(ordinals.size());
  set.is_list_ = true;
  set.counts_ = counts;
  set.ordinals_ = std::move(ordinals);
  return set;
}

ChunkIndex ChunkSet::nth(std::int64_t k) const {
  ChunkIndex chunk;
  if (is_list_) {
    std::int64_t rest = ordinals_[static_cast<std::size_t>(k)];
    chunk.at.resize(counts_.size());
    for (std::size_t a = counts_.size(); a-- > 0; rest /= counts_[a]) chunk.at[a] = rest % counts_[a];
    return chunk;
  }
  chunk.at.resize(runs_.size());
  for (std::size_t a = runs_.size(); a-- > 0; k /= runs_[a].size())
    chunk.at[a] = runs_[a].at(runs_[a].first + k % runs_[a].size());
  return chunk;
}

std::int64_t ChunkSet::ordinal_of(const ChunkIndex& chunk) const {
  std::int64_t ordinal = 0;
  for (std::size_t a = 0; a < counts_.size(); ++a) ordinal = ordinal * counts_[a] + chunk.at[a];
  return ordinal;
}

std::int64_t ChunkSet::index_of(const ChunkIndex& chunk) const {
  if (size_ == 0) return -1;
  if (is_list_) {
    const std::int64_t ordinal = ordinal_of(chunk);
    const auto found = std::lower_bound(ordinals_.begin(), ordinals_.end(), ordinal);
    return found != ordinals_.end() && *found == ordinal ? found - ordinals_.begin() : -1;
  }
  std::int64_t index = 0;
  for (std::size_t a = 0; a < runs_.size(); ++a) {
    const std::int64_t place = runs_[a].place_of(chunk.at[a]);
    if (place < 0) return -1;
    index = index * runs_[a].size() + place - runs_[a].first;
  }
  return index;
}

ChunkSet ChunkSet::cut(const ChunkBox& block) const {
  if (size_ == 0 || block.count() == 0) return {};
  if (is_list_) {
    std::vector<std::int64_t> inside;
    for (std::int64_t k = 0; k < size_; ++k)
      if (block.contains(nth(k))) inside.push_back(ordinals_[static_cast<std::size_t>(k)]);
    return list(counts_, std::move(inside));
  }
  std::vector<Run> runs = runs_;
  for (std::size_t a = 0; a < runs.size(); ++a) {
    runs[a].first = std::max(runs[a].first, runs[a].below(block.begin[a]));
    runs[a].last = std::max(runs[a].first, std::min(runs[a].last, runs[a].below(block.end[a])));
  }
  return product(std::move(runs));
}

ChunkBox ChunkSet::first_block() const {
  if (is_list_) return ChunkBox::single(nth(0));
  ChunkBox block;
  for (const Run& run : runs_) {
    block.begin.push_back(run.at(run.first));
    const std::int64_t left = run.width == run.period ? run.size() : run.width - run.first % run.width;
    block.end.push_back(block.begin.back() + std::min(left, run.size()));
  }
  return block;
}

}  // namespace dunlin
