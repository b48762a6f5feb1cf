#pragma once
// Chunks with a halo: output chunk c is input chunk c extended by elements of its neighbours, `before` and `after` per
// axis. For stencils, filters and gradients: a layer over the extended chunks computes, and drops the halo again.
//
//   input   0 1 2 | 3 4 5 | 6        before 1, after 1      0 1 2 3 | 2 3 4 5 6 | 5 6             Boundary::none
//                                    6 0 1 2 3 | 2 3 4 5 6 | 5 6 0                                periodic
//                                    1 0 1 2 3 | 2 3 4 5 6 | 5 6 5                                reflect
//                                    0 0 1 2 3 | 2 3 4 5 6 | 5 6 6                                nearest
//                                    v 0 1 2 3 | 2 3 4 5 6 | 5 6 v                                constant
//
// A depth may be larger than the neighbours: several are taken. Where axes differ, what lies outside along an axis of
// constants is its constant, the last such axis winning; else axes are extended independently of one another.
//
// Only the halo of a neighbour travels, not the whole of it.

#include <cstdint>
#include <cstring>
#include <vector>

#include "dunlin/graph/layer.hpp"

namespace dunlin {

/// What lies outside of an axis.
struct Boundary {
  enum Kind : std::uint8_t {
    none,      // nothing: the outermost chunks are extended on one side only
    periodic,  // the other end
    reflect,   // the same elements backwards, without the outermost one
    nearest,   // the outermost element
    constant   // a value
  };
  Kind kind = none;
  std::vector<std::byte> value{};  // of a constant: one element

  template <class T>
  static Boundary of(T value) {
    Boundary boundary{constant, std::vector<std::byte>(sizeof value)};
    std::memcpy(boundary.value.data(), &value, sizeof value);
    return boundary;
  }
  friend bool operator==(const Boundary&, const Boundary&) = default;
};

/// How chunks are extended along one axis, in elements.
struct Halo {
  std::int64_t before = 0, after = 0;
  Boundary boundary{};
  friend bool operator==(const Halo&, const Halo&) = default;
};

/// A halo that an axis cannot give.
struct BadHalo : UsageError {
  BadHalo(int axis, std::int64_t depth, std::int64_t length, const std::string& why)
      : UsageError("a halo of " + std::to_string(depth) + " elements along axis " + std::to_string(axis) +
                   " of length " + std::to_string(length) + " " + why),
        axis(axis),
        depth(depth),
        length(length) {}
  int axis;
  std::int64_t depth, length;
};

class OverlapLayer final : public Layer {
 public:
  /// One halo per axis of the input. Throws BadHalo: depths are at least 0, a periodic axis at least as long as its
  /// depth, a reflected one longer; UnknownExtent where an axis has lengths that only a run tells.
  static std::shared_ptr<const OverlapLayer> make(std::string name, LayerPtr input, std::vector<Halo> halos);
  /// The extended chunks. Regular where `grid` is and nothing is clipped, else a list per axis.
  static ChunkGrid grid_of(const ChunkGrid& grid, const std::vector<Halo>& halos);

  const std::vector<Halo>& halos() const { return halos_; }
  void needs(int input, const ChunkBox& outputs, std::vector<ChunkBox>& blocks) const override;
  void feeds(int input, const ChunkBox& chunks, std::vector<ChunkBox>& blocks) const override;
  bool cuts(int) const override { return true; }
  Box part(int input, const ChunkIndex& output, const ChunkIndex& chunk) const override;
  void describe(Description& description) const override;
  LayerPtr with_inputs(std::vector<LayerPtr> inputs) const override;
  Alignment alignment() const override;

 private:
  OverlapLayer(std::string name, LayerPtr input, std::vector<Halo> halos);
  std::vector<Halo> halos_;
};

}  // namespace dunlin
