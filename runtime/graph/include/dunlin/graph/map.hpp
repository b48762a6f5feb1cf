#pragma once
// A user's kernel over chunks: output chunks of any size from the input chunks at the same places.
//
//   smoothed = map(overlap(x, 2))         equal chunk counts, other lengths: the halo is dropped again
//   table    = map(x)                     one chunk in, one chunk out, of a size that only the run tells
//   product  = map(a, b)                  domain (i, j): a's row i of chunks, all of b's chunks that its map leaves
//   free
//
// An operand's map relates the places of chunks only: along axis k it runs side by side with axis[k] of the output
// (equally many chunks), or has one chunk there that all share; with axis[k] == −1 every output chunk needs all of its
// chunks along that axis. Lengths are the kernel's business.
//
// Two map layers are equal where kind of code, key, places and types are: the *code* names what is computed and is part
// of the structure; the *key* tells captured values apart and is part of the identity. Code that cannot be named takes
// an ordinal as its key.

#include <vector>

#include "dunlin/graph/layer.hpp"
#include "dunlin/graph/operand_map.hpp"

namespace dunlin {

class MapLayer final : public Layer {
 public:
  /// One map per input. Throws UsageError where the numbers of chunks do not fit.
  static std::shared_ptr<const MapLayer> make(std::string name, std::shared_ptr<const Kernel> kernel, ValueSpec output,
                                              std::vector<LayerPtr> inputs, std::vector<OperandMap> maps,
                                              std::string code, std::string key);
  const std::vector<OperandMap>& maps() const { return maps_; }

  void needs(int input, const ChunkBox& outputs, std::vector<ChunkBox>& blocks) const override;
  void feeds(int input, const ChunkBox& chunks, std::vector<ChunkBox>& blocks) const override;
  void describe(Description& description) const override;
  LayerPtr with_inputs(std::vector<LayerPtr> inputs) const override;
  Alignment alignment() const override;

 private:
  MapLayer(std::string name, std::shared_ptr<const Kernel> kernel, ValueSpec output, std::vector<LayerPtr> inputs,
           std::vector<OperandMap> maps, std::string code, std::string key)
      : Layer(LayerKind::blockwise, std::move(name), std::move(output), std::move(inputs), std::move(kernel)),
        maps_(std::move(maps)),
        code_(std::move(code)),
        key_(std::move(key)) {}
  /// True where chunks of input `input` along its axis k lie side by side with the output's.
  bool runs_along(int input, int k) const;
  std::vector<OperandMap> maps_;
  std::string code_, key_;
};

}  // namespace dunlin
