#include "dunlin/graph/rank_set.hpp"

#include <algorithm>

namespace dunlin {

RankSet RankSet::product(std::vector<Range> axes, std::int64_t offset, std::int64_t ranks) {
  RankSet set;
  set.axes_ = std::move(axes);
  set.offset_ = offset;
  set.ranks_ = ranks;
  return set;
}

RankSet RankSet::list(std::vector<int> members) {
  RankSet set;
  set.members_ = std::move(members);
  set.is_list_ = true;
  return set;
}

std::int64_t RankSet::size() const {
  if (is_list_) return static_cast<std::int64_t>(members_.size());
  std::int64_t size = 1;
  for (const Range& axis : axes_) size *= axis.count;
  return size;
}

int RankSet::nth(std::int64_t k) const {
  if (is_list_) return members_[static_cast<std::size_t>(k)];
  std::int64_t rank = offset_;
  for (auto axis = axes_.rbegin(); axis != axes_.rend(); ++axis) {
    std::int64_t part = axis->first + k % axis->count;
    if (part >= axis->parts) part -= axis->parts;
    rank += part * axis->multiple * axis->stride;
    k /= axis->count;
  }
  return static_cast<int>(rank % ranks_);
}

std::int64_t RankSet::index_of(int rank) const {
  if (is_list_) {
    const auto found = std::lower_bound(members_.begin(), members_.end(), rank);
    return found != members_.end() && *found == rank ? found - members_.begin() : -1;
  }
  const std::int64_t relative = (rank - offset_ + ranks_) % ranks_;
  std::int64_t index = 0, again = 0;
  for (const Range& axis : axes_) {
    const std::int64_t digit = relative / axis.stride % axis.base_parts, part = digit / axis.multiple;
    if (part * axis.multiple != digit || part >= axis.parts) return -1;
    const std::int64_t place = part < axis.first ? part - axis.first + axis.parts : part - axis.first;
    if (place >= axis.count) return -1;
    index = index * axis.count + place;
    again += digit * axis.stride;
  }
  return again == relative ? index : -1;
}

bool RankSet::within(const RankSet& other) const {
  if (size() == 1) return other.contains(nth(0));
  if (is_list_)
    return size() <= other.size() &&
           std::all_of(members_.begin(), members_.end(), [&](int rank) { return other.contains(rank); });
  if (other.is_list_) {
    if (size() > other.size()) return false;
    for (std::int64_t k = 0; k < size(); ++k)
      if (!other.contains(nth(k))) return false;
    return true;
  }
  if (offset_ != other.offset_ || ranks_ != other.ranks_ || axes_.size() != other.axes_.size()) return false;
  for (std::size_t a = 0; a < axes_.size(); ++a) {
    const Range &mine = axes_[a], &theirs = other.axes_[a];
    if (mine.parts != theirs.parts || mine.multiple != theirs.multiple || mine.base_parts != theirs.base_parts ||
        mine.stride != theirs.stride)
      return false;
    const std::int64_t shift = (mine.first - theirs.first + mine.parts) % mine.parts;
    if (theirs.count < theirs.parts && shift + mine.count > theirs.count) return false;
  }
  return true;
}

}  // namespace dunlin
