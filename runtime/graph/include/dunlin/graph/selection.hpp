#pragma once
// Some elements along each axis: a strided range, or a list of positions in any order.
//
//   input  0 1 2 3 | 4 5 6 7 | 8 9        range start 1, step 3, count 3         1 | 4 7
//                                         range start 8, step −2, count 5        8 | 6 4 | 2 0
//                                         list 9 9 0 4                           9 9 0 4
//
// Unless a grid is given, a range keeps the pieces of the input's chunks, in the order in which it goes through them,
// and a list is cut into chunks as long as the input's longest. Only the elements between the outermost ones that a
// chunk takes travel, not whole chunks.
//
// The memory of a list is part of the layer, on every rank: lists are for labels and orders of an axis, not for data.

#include <cstdint>
#include <memory>
#include <vector>

#include "dunlin/graph/axis_selection.hpp"
#include "dunlin/graph/layer.hpp"

namespace dunlin {

/// An element that an axis does not have.
struct BadSelection : UsageError {
  BadSelection(int axis, std::int64_t element, std::int64_t length)
      : UsageError("element " + std::to_string(element) + " of axis " + std::to_string(axis) +
                   " was selected, which has length " + std::to_string(length) + ": elements run from 0 to length - 1"),
        axis(axis),
        element(element),
        length(length) {}
  int axis;
  std::int64_t element, length;
};

class ChunkRelation;

class SelectionLayer final : public Layer {
 public:
  /// One selection per axis of the input. Throws BadSelection, UnknownExtent where lengths are told by a run only.
  static std::shared_ptr<const SelectionLayer> make(std::string name, LayerPtr input,
                                                    std::vector<AxisSelection> selections);
  /// The same in other chunks. Throws UsageError where `grid` has not the shape of what is selected.
  static std::shared_ptr<const SelectionLayer> make(std::string name, LayerPtr input,
                                                    std::vector<AxisSelection> selections, ChunkGrid grid);
  /// The chunks that a selection from `grid` has unless others are given. Takes time and memory by the pieces of each
  /// axis, one after the other; O(1) for a range of step 1 that starts with a chunk of a regular axis.
  static ChunkGrid grid_of(const ChunkGrid& grid, const std::vector<AxisSelection>& selections);

  const std::vector<AxisSelection>& selections() const { return selections_; }
  void needs(int input, const ChunkBox& outputs, std::vector<ChunkBox>& blocks) const override;
  void feeds(int input, const ChunkBox& chunks, std::vector<ChunkBox>& blocks) const override;
  bool cuts(int) const override { return true; }
  Box part(int input, const ChunkIndex& output, const ChunkIndex& chunk) const override;
  void describe(Description& description) const override;
  LayerPtr with_inputs(std::vector<LayerPtr> inputs) const override;
  /// Follows the input along the axes where chunks lie about where those lie that they are made from; its own spread
  /// where no axis does.
  Alignment alignment() const override { return alignment_; }

 private:
  SelectionLayer(std::string name, LayerPtr input, std::vector<AxisSelection> selections, ChunkGrid grid);
  bool lies_along(int axis) const;
  Alignment find_alignment() const;
  std::vector<AxisSelection> selections_;
  std::vector<std::shared_ptr<const ChunkRelation>> relations_;  // per axis; null for ranges
  Alignment alignment_;
};

}  // namespace dunlin
