#pragma once
// The order of adding inside a chunk, as reduction.hpp defines it.

#include <algorithm>
#include <bit>
#include <cstdint>

#include "dunlin/graph/reduction.hpp"

namespace dunlin {

/// States of `width` columns while reduced elements come in: lanes of the current block, and finished blocks merged
/// like a binary counter (stack level k holds 2^k blocks).
class BlockTree {
 public:
  static std::size_t doubles(const Reducer& reducer, std::int64_t width, std::int64_t reduced) {
    return static_cast<std::size_t>(reducer.planes * width * (kLanes + levels(reduced)));
  }
  static int levels(std::int64_t reduced) {
    return std::bit_width(static_cast<std::uint64_t>(reduced / kBlock + 1)) + 1;
  }

  BlockTree(const Reducer& reducer, double* memory, std::int64_t width, std::int64_t reduced)
      : reducer_(reducer), lanes_(memory), width_(width), levels_(levels(reduced)) {
    stack_ = memory + reducer.planes * kLanes * width;
  }

  /// Takes one reduced element of each of n columns.
  void take_columns(const std::byte* values, std::size_t n) {
    const int lane = in_block_ % kLanes;
    take_into(lane, lane + 1, values, n);
    if (++in_block_ == kBlock) end_block();
  }
  /// Takes n reduced elements of the only column, into lanes side by side.
  void take_row(const std::byte* values, std::size_t n, std::size_t element_size) {
    while (n > 0) {
      const int first = in_block_ % kLanes;
      const auto now = std::min<std::size_t>(n, static_cast<std::size_t>(kLanes - first));
      take_into(first, first + static_cast<int>(now), values, now);
      values += now * element_size;
      n -= now;
      in_block_ += static_cast<int>(now);
      if (in_block_ == kBlock) end_block();
    }
  }

  /// The state of everything taken, per plane `width` doubles apart by `stride`; makes the tree empty again.
  void finish(double* out, std::int64_t stride, std::size_t n) {
    if (in_block_ > 0 || blocks_ == 0) end_block();
    double* result[kMostPlanes];
    const double* other[kMostPlanes];
    int below = std::countr_zero(static_cast<std::uint64_t>(blocks_));
    for (int p = 0; p < reducer_.planes; ++p) result[p] = level(p, below);
    // From the latest blocks to the earliest: earlier ⊕ later.
    for (int k = below + 1; k < levels_; ++k) {
      if (!(blocks_ >> k & 1)) continue;
      double* earlier[kMostPlanes];
      for (int p = 0; p < reducer_.planes; ++p) earlier[p] = level(p, k), other[p] = result[p];
      reducer_.merge(earlier, other, static_cast<std::size_t>(width_));
      std::copy_n(earlier, kMostPlanes, result);
    }
    for (int p = 0; p < reducer_.planes; ++p) std::copy_n(result[p], n, out + p * stride);
    blocks_ = 0;
  }

 private:
  double* lane(int plane, int lane) const { return lanes_ + (plane * kLanes + lane) * width_; }
  double* level(int plane, int level) const { return stack_ + (plane * levels_ + level) * width_; }

  /// Makes lanes ready that this block has not used yet, and takes n values from lane `first` on.
  void take_into(int first, int end, const std::byte* values, std::size_t n) {
    double* planes[kMostPlanes];
    if (used_ < end) {
      for (int p = 0; p < reducer_.planes; ++p) planes[p] = lane(p, used_);
      reducer_.clear(planes, static_cast<std::size_t>((end - used_) * width_));
      used_ = end;
    }
    for (int p = 0; p < reducer_.planes; ++p) planes[p] = lane(p, first);
    reducer_.take(values, planes, n);
  }

  void end_block() {
    double* into[kMostPlanes];
    const double* from[kMostPlanes];
    if (used_ == 0) {  // nothing was taken at all
      for (int p = 0; p < reducer_.planes; ++p) into[p] = lane(p, 0);
      reducer_.clear(into, static_cast<std::size_t>(width_));
    }
    // Lanes that a short block has not used have seen nothing: joining them would change no bit.
    for (int half = kLanes / 2; half > 0; half /= 2) {
      for (int p = 0; p < reducer_.planes; ++p) into[p] = lane(p, 0), from[p] = lane(p, half);
      if (used_ <= half) continue;
      reducer_.merge(into, from, static_cast<std::size_t>((used_ - half) * width_));
      used_ = half;
    }
    int k = 0;
    for (; blocks_ >> k & 1; ++k) {  // carry: the earlier blocks of this level take the new ones in
      for (int p = 0; p < reducer_.planes; ++p) from[p] = into[p], into[p] = level(p, k);
      reducer_.merge(into, from, static_cast<std::size_t>(width_));
    }
    for (int p = 0; p < reducer_.planes; ++p) std::copy_n(into[p], width_, level(p, k));
    ++blocks_;
    in_block_ = used_ = 0;
  }

  const Reducer& reducer_;
  double* lanes_;
  double* stack_;
  std::int64_t width_;
  int levels_;
  int in_block_ = 0;  // elements of the current block, and lanes that they have used
  int used_ = 0;
  std::int64_t blocks_ = 0;
};

}  // namespace dunlin
