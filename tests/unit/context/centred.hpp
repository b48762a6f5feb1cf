#pragma once
// A graph in which every rank needs something of every other one.

#include "context_fixture.hpp"
#include "support/held_handles.hpp"

namespace dunlin::test {

/// x − sum(x over axis 0), x = 0, 1, … in 24 × 4 elements, cut into 8 chunks: partial sums travel to where they are
/// added up, the sum travels to all.
struct Centred {
  ChunkGrid grid = ChunkGrid::regular({24, 4}, {3, 4});
  TaskSettings reading, writing;
  std::function<void(const Outcome&)> finish;
  std::shared_ptr<Collected> collected = std::make_shared<Collected>(grid);

  std::vector<LayerPtr> sinks() const {
    const LayerPtr x = source(
        "x", grid, [](const Coords& at) { return static_cast<double>(4 * at[0] + at[1]); }, reading);
    const LayerPtr rest = combined("rest", grid, x, straight(2), summed("total", x, {0}), {{1}}, -1);
    return {sink("out", rest, collected, writing, finish)};
  }
  /// Fails unless the chunks that this rank got hold the right values; a chunk is got once.
  void expect_right() const {
    for (const auto& [chunk, values] : collected->take())
      for (std::size_t k = 0; k < values.size(); ++k) {
        const auto column = static_cast<double>(k % 4),
                   row = static_cast<double>(3 * chunk.at[0]) + static_cast<double>(k / 4);
        EXPECT_EQ(values[k], 4 * row + column - (4 * 276 + 24 * column)) << "chunk " << chunk.at[0] << ", " << k;
      }
  }
};

inline void expect_centred(Context& context) {
  const Centred centred;
  context.compute(centred.sinks());
  centred.expect_right();
}

/// Fails where this process holds more of MPI, or a pool has more lent, at its end than when it was made.
class NothingIsLeft {
 public:
  NothingIsLeft() = default;
  ~NothingIsLeft() { EXPECT_EQ(held_handles(), before_); }
  NothingIsLeft(const NothingIsLeft&) = delete;
  NothingIsLeft& operator=(const NothingIsLeft&) = delete;

 private:
  HeldHandles before_ = held_handles();
};

}  // namespace dunlin::test
