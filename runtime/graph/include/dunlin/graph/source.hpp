#pragma once
// Values that come from outside the graph: a stored array, lent memory, random numbers. The kernel makes a chunk from
// nothing but its index, and from at most one *aid* layer, whose chunks say where the data lies (an index of a file).
//
// Aid chunks are pages: page p along an axis serves the source's chunks [p × pages[a], (p + 1) × pages[a]).

#include "dunlin/graph/layer.hpp"

namespace dunlin {

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
  /// An equal source that the plan tells apart: the same data read a second time, in stage `reading`.
  LayerPtr again(int reading) const;
  /// The stage for which it is read a second time; 0 where it is the first reading.
  int reading() const { return reading_; }

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
  std::string identity_;
  Coords pages_;
  bool one_rank_ = false;
  std::uint64_t key_ = 0;
  int reading_ = 0;
  std::shared_ptr<const Partition> place_;
};

}  // namespace dunlin
