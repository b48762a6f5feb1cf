#include "scatter.hpp"

#include <algorithm>
#include <bit>
#include <numeric>

#include "dunlin/base/error.hpp"

namespace dunlin {

std::int64_t Scatter::ordinal(const Coords& chunk) const {
  std::int64_t ordinal = 0;
  for (std::size_t a = 0; a < counts_.size(); ++a) ordinal = ordinal * counts_[a] + chunk[a];
  return ordinal;
}

Permutation::Permutation(std::int64_t size, std::uint64_t key) : size_(static_cast<std::uint64_t>(size)), key_(key) {
  bits_ = std::max(1, static_cast<int>(std::bit_width(std::max<std::uint64_t>(size_, 1) - 1) + 1) / 2);
  mask_ = (std::uint64_t{1} << bits_) - 1;
}

/// The finisher of SplitMix64 (Steele, Lea and Flood, 2014) over a half, the key and the round.
std::uint64_t Permutation::round(std::uint64_t half, int number) const {
  std::uint64_t z = half + key_ + 0x9e3779b97f4a7c15u * static_cast<std::uint64_t>(number + 1);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return (z ^ (z >> 31)) & mask_;
}

std::int64_t Permutation::forward(std::int64_t value) const {
  auto x = static_cast<std::uint64_t>(value);
  do {
    std::uint64_t high = x >> bits_, low = x & mask_;
    for (int number = 0; number < 4; ++number) {
      const std::uint64_t mixed = high ^ round(low, number);
      high = low;
      low = mixed;
    }
    x = high << bits_ | low;
  } while (x >= size_);
  return static_cast<std::int64_t>(x);
}

std::int64_t Permutation::backward(std::int64_t value) const {
  auto x = static_cast<std::uint64_t>(value);
  do {
    std::uint64_t high = x >> bits_, low = x & mask_;
    for (int number = 3; number >= 0; --number) {
      const std::uint64_t mixed = low ^ round(high, number);
      low = high;
      high = mixed;
    }
    x = high << bits_ | low;
  } while (x >= size_);
  return static_cast<std::int64_t>(x);
}

HashScatter::HashScatter(const Coords& counts, int ranks, int offset, std::uint64_t key)
    : Scatter(counts),
      permutation_(total(), key),
      ranks_(ranks),
      offset_(offset),
      used_(std::min<std::int64_t>(total(), ranks)),
      key_(key) {}

int HashScatter::owner(std::int64_t ordinal) const {
  const auto part = static_cast<std::int64_t>(static_cast<__int128>(permutation_.forward(ordinal)) * used_ / total());
  return static_cast<int>((offset_ + part) % ranks_);
}

std::vector<std::int64_t> HashScatter::ordinals_of(int rank) const {
  const std::int64_t part = (rank - offset_ + ranks_) % ranks_;
  if (part >= used_) return {};
  const auto first_of = [&](std::int64_t p) {
    return static_cast<std::int64_t>((static_cast<__int128>(p) * total() + used_ - 1) / used_);
  };
  std::vector<std::int64_t> ordinals;
  ordinals.reserve(static_cast<std::size_t>(first_of(part + 1) - first_of(part)));
  for (std::int64_t k = first_of(part); k < first_of(part + 1); ++k) ordinals.push_back(permutation_.backward(k));
  std::sort(ordinals.begin(), ordinals.end());
  return ordinals;
}

std::int64_t HashScatter::largest_share() const { return used_ == 0 ? 0 : (total() + used_ - 1) / used_; }

std::int64_t HashScatter::time(std::int64_t ordinal) const {
  return static_cast<std::int64_t>(static_cast<__int128>(ordinal) * kWholeTime / total());
}

std::int64_t HashScatter::latest(const ChunkBox& block) const {
  Coords last = block.end;
  for (std::int64_t& end : last) --end;
  return time(ordinal(last));
}

std::int64_t HashScatter::earliest(const ChunkBox& block) const { return time(ordinal(block.begin)); }

void HashScatter::describe(Description& description) const {
  description.structure("hash").structure(counts()).structure(ranks_).structure(offset_);
  description.structure(static_cast<std::int64_t>(key_));
}

bool HashScatter::equals(const Scatter& other) const {
  const auto* hash = dynamic_cast<const HashScatter*>(&other);
  return hash && counts() == hash->counts() && ranks_ == hash->ranks_ && offset_ == hash->offset_ && key_ == hash->key_;
}

TableScatter::TableScatter(const Coords& counts, std::vector<int> owners)
    : Scatter(counts), owners_(std::move(owners)), place_(owners_.size()), by_owner_(owners_.size()) {
  require(static_cast<std::int64_t>(owners_.size()) == total(), "a table of owners names one for every chunk");
  std::iota(by_owner_.begin(), by_owner_.end(), 0);
  std::stable_sort(by_owner_.begin(), by_owner_.end(),
                   [&](std::int64_t a, std::int64_t b) { return owner(a) < owner(b); });
  for (std::size_t k = 0; k < by_owner_.size(); ++k) {
    const int rank = owner(by_owner_[k]);
    if (members_.empty() || members_.back() != rank) {
      members_.push_back(rank);
      first_.push_back(k);
    }
    const auto place = static_cast<std::int64_t>(k - first_.back());
    place_[static_cast<std::size_t>(by_owner_[k])] = place;
    largest_ = std::max(largest_, place + 1);
  }
  first_.push_back(by_owner_.size());
}

std::vector<std::int64_t> TableScatter::ordinals_of(int rank) const {
  const auto member = std::lower_bound(members_.begin(), members_.end(), rank);
  if (member == members_.end() || *member != rank) return {};
  const auto k = static_cast<std::size_t>(member - members_.begin());
  return {by_owner_.begin() + static_cast<std::ptrdiff_t>(first_[k]),
          by_owner_.begin() + static_cast<std::ptrdiff_t>(first_[k + 1])};
}

std::int64_t TableScatter::time(std::int64_t ordinal) const {
  return static_cast<std::int64_t>(static_cast<__int128>(place_[static_cast<std::size_t>(ordinal)]) * kWholeTime /
                                   largest_);
}

namespace {

/// Blocks of more chunks get the widest bounds: no question walks a large table.
constexpr std::int64_t kWalked = 64;

}  // namespace

std::int64_t TableScatter::latest(const ChunkBox& block) const {
  if (block.count() > kWalked) return kWholeTime - 1;
  std::int64_t latest = 0;
  block.for_each([&](const ChunkIndex& chunk) { latest = std::max(latest, time(ordinal(chunk.at))); });
  return latest;
}

std::int64_t TableScatter::earliest(const ChunkBox& block) const {
  if (block.count() > kWalked) return 0;
  std::int64_t earliest = kWholeTime - 1;
  block.for_each([&](const ChunkIndex& chunk) { earliest = std::min(earliest, time(ordinal(chunk.at))); });
  return earliest;
}

void TableScatter::describe(Description& description) const {
  description.structure("table").structure(counts());
  for (int owner : owners_) description.structure(owner);
}

bool TableScatter::equals(const Scatter& other) const {
  const auto* table = dynamic_cast<const TableScatter*>(&other);
  return table && counts() == table->counts() && owners_ == table->owners_;
}

}  // namespace dunlin
