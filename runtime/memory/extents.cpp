#include "extents.hpp"

#include <new>

namespace dunlin {

std::uint64_t Extents::take(std::uint64_t size) {
  const std::uint64_t wanted = rounded(size);
  if (wanted == 0) return 0;
  const auto best = sizes_.lower_bound({wanted, 0});
  if (best == sizes_.end()) {
    end_ += wanted;
    return end_ - wanted;
  }
  const auto [gap, offset] = *best;
  if (gap > wanted) add(offset + wanted, gap - wanted);  // may throw: before anything is taken
  remove(gaps_.find(offset));
  return offset;
}

void Extents::give_back(std::uint64_t offset, std::uint64_t size) noexcept {
  std::uint64_t from = offset, to = offset + rounded(size);
  if (from == to) return;
  const Gap after = gaps_.lower_bound(from);
  if (after != gaps_.begin()) {
    const Gap before = std::prev(after);
    if (before->first + before->second == from) {
      from = before->first;
      remove(before);
    }
  }
  if (const Gap next = gaps_.find(to); next != gaps_.end()) {
    to += next->second;
    remove(next);
  }
  if (to == end_) {
    end_ = from;
    return;
  }
  try {
    add(from, to - from);
  } catch (const std::bad_alloc&) {}
}

void Extents::add(std::uint64_t offset, std::uint64_t size) {
  sizes_.insert({size, offset});
  try {
    gaps_.emplace(offset, size);
  } catch (...) {
    sizes_.erase({size, offset});
    throw;
  }
}

void Extents::remove(Gap gap) {
  sizes_.erase({gap->second, gap->first});
  gaps_.erase(gap);
}

}  // namespace dunlin
