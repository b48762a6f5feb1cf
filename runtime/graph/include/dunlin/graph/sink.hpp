#pragma once
// Where values leave the graph: each input chunk is one object that its owner writes, whole, once. A sink yields
// nothing; what must happen after all ranks are done (metadata, publishing a name) is its `finish` function.

#include <functional>

#include "dunlin/graph/layer.hpp"

namespace dunlin {

class SinkLayer final : public Layer {
 public:
  using Finish = std::function<void(const Outcome&)>;
  /// `kernel` takes one chunk of `input` per task. `identity`: what is written where. `finish` may be empty.
  static std::shared_ptr<const SinkLayer> make(std::string name, LayerPtr input, std::shared_ptr<const Kernel> kernel,
                                               std::string identity, Finish finish);
  /// The same with all tasks on rank 0: for small results that are then replicated.
  static std::shared_ptr<const SinkLayer> make_on_rank_0(std::string name, LayerPtr input,
                                                         std::shared_ptr<const Kernel> kernel, std::string identity);
  /// The same sink for a block of its chunks, of which `input` holds the elements: what is written in round `round` of
  /// `rounds`. The kernel sees chunks as those of the whole. Nothing is finished by it: the whole sink does that.
  LayerPtr in_round(LayerPtr input, const ChunkBox& block, int round, int rounds) const;
  /// Of which it is one; 1 where it writes all of its chunks at once.
  int rounds() const { return rounds_; }
  int round() const { return round_; }
  ChunkIndex chunk_of_whole(const ChunkIndex& chunk) const override;

  void needs(int input, const ChunkBox& outputs, std::vector<ChunkBox>& blocks) const override;
  void feeds(int input, const ChunkBox& chunks, std::vector<ChunkBox>& blocks) const override;
  void describe(Description& description) const override;
  LayerPtr with_inputs(std::vector<LayerPtr> inputs) const override;
  Alignment alignment() const override;
  void finish(const Outcome& outcome) const override;
  bool finishes() const override { return finish_ != nullptr; }

 private:
  SinkLayer(std::string name, LayerPtr input, std::shared_ptr<const Kernel> kernel, std::string identity,
            Finish finish);
  std::string identity_;
  Finish finish_;
  bool rank_0_ = false;
  int round_ = 0, rounds_ = 1;
  Coords first_;  // of a round: its first chunk
};

}  // namespace dunlin
