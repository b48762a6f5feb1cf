#pragma once
// Values that come from outside the graph: a stored array, lent memory, random numbers. The kernel makes a chunk from
// nothing but its index, and from at most one *aid* layer, whose chunks say where the data lies (an index of a file).
//
// Aid chunks are pages: page p along an axis serves the source's chunks [p × pages[a], (p + 1) × pages[a]).
//
// A source can make less than its array: what a selection takes (`select`), where its kernel can do that, or some of
// its chunks (`only`), where nobody needs those in between. Each chunk then is one of the whole source's, or a piece of
// it, and gets the pages of that one.
//
//   chunks  0 1 2 | 3 4 5 | 6 7 8     select 1 : 8 : 3    1 | 4 | 7        only chunks 0, 2     0 1 2 | 6 7 8

#include "dunlin/graph/axis_selection.hpp"
#include "dunlin/graph/layer.hpp"

namespace dunlin {

class ChunkRelation;

class SourceLayer final : public Layer {
 public:
  /// `identity`: text that is equal where the values are (path, size and time; seed; …).
  static std::shared_ptr<const SourceLayer> make(std::string name, ValueSpec output,
                                                 std::shared_ptr<const Kernel> kernel, std::string identity);
  /// With pages from `aid`: `pages[a]` chunks of axis a share a page.
  static std::shared_ptr<const SourceLayer> make(std::string name, ValueSpec output,
                                                 std::shared_ptr<const Kernel> kernel, std::string identity,
                                                 LayerPtr aid, Coords pages);
  /// A source whose tasks all run on one rank, chosen by `key`: makes the pages.
  static std::shared_ptr<const SourceLayer> make_on_one_rank(std::string name, ValueSpec output,
                                                             std::shared_ptr<const Kernel> kernel, std::string identity,
                                                             std::uint64_t key);
  /// A source whose values are on their ranks already: held by an earlier run, lent by a simulation.
  static std::shared_ptr<const SourceLayer> make_fixed(std::string name, ValueSpec output,
                                                       std::shared_ptr<const Kernel> kernel, std::string identity,
                                                       std::shared_ptr<const Partition> place);
  /// An equal source that the plan tells apart: the same data read a second time, in stage `reading`, or in round
  /// −`reading`.
  LayerPtr again(int reading) const;
  /// The stage or the negative of the round for which it is read again; 0 where it is the first reading.
  int reading() const { return reading_; }
  /// The selected elements alone, in the chunks of SelectionLayer::grid_of. Null where selections are lists, where the
  /// kernel cannot make parts of chunks, and where values lie on their ranks already.
  LayerPtr select(const std::vector<AxisSelection>& selections) const;
  /// Some of its chunks alone: per axis which. Null where values lie on their ranks already.
  LayerPtr only(const std::vector<AxisSelection>& chunks) const;

  void needs(int input, const ChunkBox& outputs, std::vector<ChunkBox>& blocks) const override;
  void feeds(int input, const ChunkBox& chunks, std::vector<ChunkBox>& blocks) const override;
  void describe(Description& description) const override;
  LayerPtr with_inputs(std::vector<LayerPtr> inputs) const override;
  Alignment alignment() const override;

 private:
  SourceLayer(std::string name, ValueSpec output, std::shared_ptr<const Kernel> kernel, std::string identity,
              std::vector<LayerPtr> aids)
      : Layer(LayerKind::source, std::move(name), std::move(output), std::move(aids), std::move(kernel)),
        identity_(std::move(identity)) {}
  /// The same with another output; `origins`: per axis the chunk of this that each of its chunks lies in.
  std::shared_ptr<SourceLayer> part(ChunkGrid grid, std::shared_ptr<const Kernel> kernel,
                                    const std::vector<AxisSelection>& origins) const;
  std::string identity_;
  Coords pages_;
  std::vector<std::shared_ptr<const ChunkRelation>> page_relations_;  // per axis; empty: by pages_; null: by pages_
  /// What it makes of the whole source, one step after the other: each number of a list is that of an axis.
  struct Part {
    bool of_chunks;
    std::vector<AxisSelection> selections;
  };
  std::vector<Part> parts_;
  bool one_rank_ = false;
  std::uint64_t key_ = 0;
  int reading_ = 0;
  std::shared_ptr<const Partition> place_;
};

}  // namespace dunlin
