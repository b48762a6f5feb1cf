#include <algorithm>
#include <array>
#include <limits>

#include "dunlin/graph/partition.hpp"

namespace dunlin {
namespace {

/// Numbers of parts worth trying for an axis of `count` chunks with `ranks` ranks left: shares of the ranks and of the
/// chunks by small divisors. A fixed number of candidates, whatever the sizes.
struct Candidates {
  Candidates(std::int64_t count, std::int64_t ranks) {
    for (std::int64_t k = 1; k <= 8; ++k)
      for (std::int64_t p : {ranks / k, (count + k - 1) / k, k})
        parts[static_cast<std::size_t>(size++)] = std::clamp<std::int64_t>(p, 1, std::min(count, ranks));
    std::sort(parts.rbegin(), parts.rend());  // many parts of a leading axis first: ties keep blocks in one piece
    size = std::unique(parts.begin(), parts.end()) - parts.begin();
  }
  const std::int64_t* begin() const { return parts.data(); }
  const std::int64_t* end() const { return parts.data() + size; }
  std::array<std::int64_t, 24> parts{};
  std::ptrdiff_t size = 0;
};

/// Finds parts per axis with a small largest share: the best of the candidates' products, or one within a sixteenth of
/// what no product could beat, or the best that a fixed number of steps has found.
struct Search {
  Coords counts;
  Coords best;
  std::int64_t best_share = std::numeric_limits<std::int64_t>::max();
  int steps = 2000;

  void extend(Coords parts, std::int64_t share, std::int64_t ranks) {
    const std::size_t axis = parts.size();
    if (steps-- <= 0 && !best.empty()) return;
    if (axis == counts.size()) {
      if (share < best_share) best_share = share, best = parts;
      return;
    }
    // The rest can shrink the share at most by the ranks that are left.
    std::int64_t rest = share;
    for (std::size_t a = axis; a < counts.size(); ++a) rest *= counts[a];
    if ((rest + ranks - 1) / ranks >= best_share - best_share / 16) return;
    for (std::int64_t p : Candidates(counts[axis], ranks)) {
      Coords next = parts;
      next.push_back(p);
      extend(next, share * ((counts[axis] + p - 1) / p), ranks / p);
    }
  }
};

}  // namespace

Coords balanced_parts(const Coords& counts, int ranks) {
  if (product(counts) == 0) return Coords(counts.size(), 1);
  Search search{.counts = counts};
  search.extend({}, 1, ranks);
  return search.best;
}

}  // namespace dunlin
