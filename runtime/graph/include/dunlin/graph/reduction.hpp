#pragma once
// Reductions as a tree over chunk indices, so that the result does not depend on ranks, threads or timing.
//
//   x (time 240 in 5 chunks) → partial (5) → combine by 2 (3) → combine (2) → combine (1) → final
//
// *partial* makes one state per chunk of the domain: along each reduced axis the chunk shrinks to one element, and the
// state has `planes` float64 planes (mean: sum, count). *combine* merges `kFanIn` neighbouring states along the reduced
// axes, until one is left; *final* makes the result and drops the axes. Each is a layer. Two at a time, because a state
// may be as large as a chunk: walking n chunks in order keeps about log2(n) states, with k at a time (k − 1) logk(n).
//
// Inside a chunk the order of adding is fixed as well: the reduced elements in row-major order are cut into blocks of
// 128; in a block, element k goes to lane k mod 16, lanes are added in the order of k, then joined by halves (8, 4, 2,
// 1); block states are merged pairwise like a binary counter. Tiles, caches and vector widths have no say. The error is
// that of pairwise summation in double.
//
// *Grouped*, a reduction over one axis keeps it with one element per group; a label tells each index along the axis its
// group, or −1 for none:
//
//   labels 0 0 1 | 1 1 0 | 0 − −        group 0: elements 0 1 | 5 | 6      group 1: elements 2 | 3 4
//
// For each group the result is, bit for bit, that of the plain reduction of its elements alone, cut where the domain's
// chunks cut them: a chunk without elements of the group does not count, neighbours are those among the group's chunks.
// One group that all labels name gives the plain reduction's bits. There is a partial state for each (chunk, group)
// that meet, in the order of chunks, so that states lie where the chunks lie; the first combine sorts by group. A group
// into which nothing falls gets what nothing seen gives. The layers are as large as the labels.
//
// The operation itself is a `Reducer`, a constant descriptor that the collections define.

#include "dunlin/graph/layer.hpp"
#include "dunlin/graph/operand_map.hpp"
#include "dunlin/graph/program.hpp"

namespace dunlin {

inline constexpr std::int64_t kFanIn = 2;
inline constexpr int kLanes = 16;
inline constexpr int kBlock = 128;
inline constexpr int kMostPlanes = 4;

/// A reduction's steps over arrays of n states, each plane an array of n doubles.
struct Reducer {
  const char* name;  // "mean"
  int planes;
  /// Sets n states to "nothing seen".
  void (*clear)(double* const* planes, std::size_t n);
  /// Takes one more value into each of n states. `values` has the domain's dtype.
  void (*take)(const std::byte* values, double* const* planes, std::size_t n);
  /// Merges n states into n others: `planes` becomes the state of what both have seen. Merging a state that has seen
  /// nothing changes no bit, so that it may be left out.
  void (*merge)(double* const* planes, const double* const* others, std::size_t n);
  /// Makes n results of the output dtype; `parameter` is the reducer's.
  void (*finish)(const double* const* planes, std::byte* out, std::size_t n, std::int64_t parameter);
  DType output;
  /// Numbers that `finish` compares with ("at least so many values"), part of the identity.
  std::int64_t parameter = 0;
};

/// Labels that do not fit the axis that they group.
struct BadLabels : UsageError {
  BadLabels(std::int64_t labels, std::int64_t length)
      : UsageError("an axis of length " + std::to_string(length) + " got " + std::to_string(labels) +
                   " group labels: give one per element"),
        place(-1) {}
  BadLabels(std::int64_t place, std::int64_t label, std::int64_t groups)
      : UsageError("label " + std::to_string(label) + " at place " + std::to_string(place) + " is none of " +
                   std::to_string(groups) + " groups: labels run from 0 to groups - 1, or are -1 for no group"),
        place(place) {}
  std::int64_t place;  // or −1
};

struct GroupLevel;

class ReductionLayer final : public Layer {
 public:
  enum class Step { partial, combine, final };

  /// The layers of one whole reduction over `axes` (ascending, of the domain's) of program(inputs…); returns the last,
  /// whose grid is the domain's without the axes. Along an axis of length 0 the result is that of nothing seen.
  static LayerPtr make(const std::string& name, const Reducer& reducer, const Coords& axes, Program program,
                       ChunkGrid domain, std::vector<LayerPtr> inputs, std::vector<OperandMap> maps);

  /// The layers of a reduction of each group of `axis` apart: `labels[i]` is the group of index i, in [0, groups), or
  /// −1. The result has the domain's axes, `axis` with one element per group in chunks of `groups_per_chunk`. Throws
  /// BadLabels, UnknownExtent where a run only tells how long the axis is.
  static LayerPtr make_grouped(const std::string& name, const Reducer& reducer, int axis,
                               const std::vector<std::int64_t>& labels, std::int64_t groups, Program program,
                               ChunkGrid domain, std::vector<LayerPtr> inputs, std::vector<OperandMap> maps,
                               std::int64_t groups_per_chunk = 1);

  bool is_grouped() const { return level_ != nullptr; }
  Step step() const { return step_; }
  const Reducer& reducer() const { return reducer_; }
  const Coords& axes() const { return axes_; }
  /// Of the partial step: what is reduced.
  const Program& program() const { return program_; }
  const ChunkGrid& domain() const { return domain_; }
  const std::vector<OperandMap>& maps() const { return maps_; }
  /// The partial step with another program over other operands of the same domain: for fusion.
  LayerPtr with_program(const std::string& name, Program program, std::vector<LayerPtr> inputs,
                        std::vector<OperandMap> maps) const;

  void needs(int input, const ChunkBox& outputs, std::vector<ChunkBox>& blocks) const override;
  void feeds(int input, const ChunkBox& chunks, std::vector<ChunkBox>& blocks) const override;
  void describe(Description& description) const override;
  LayerPtr with_inputs(std::vector<LayerPtr> inputs) const override;
  Alignment alignment() const override;

 private:
  using LevelPtr = std::shared_ptr<const GroupLevel>;  // null: not grouped
  ReductionLayer(Step step, std::string name, ValueSpec output, std::vector<LayerPtr> inputs,
                 std::shared_ptr<const Kernel> kernel, const Reducer& reducer, Coords axes, LevelPtr level)
      : Layer(LayerKind::reduction, std::move(name), std::move(output), std::move(inputs), std::move(kernel)),
        step_(step),
        reducer_(reducer),
        axes_(std::move(axes)),
        level_(std::move(level)) {}
  static std::shared_ptr<ReductionLayer> partial(const std::string& name, const Reducer& reducer, const Coords& axes,
                                                 Program program, ChunkGrid domain, std::vector<LayerPtr> inputs,
                                                 std::vector<OperandMap> maps, LevelPtr level);
  static LayerPtr combine(const std::string& name, const Reducer& reducer, const Coords& axes, LayerPtr input,
                          LevelPtr level);
  /// `grid`: the result's.
  static LayerPtr finish(const std::string& name, const Reducer& reducer, const Coords& axes, LayerPtr input,
                         ChunkGrid grid, LevelPtr level);
  static LayerPtr of_nothing(const std::string& name, const Reducer& reducer, const ChunkGrid& grid);

  Step step_;
  Reducer reducer_;
  Coords axes_;
  LevelPtr level_;
  Program program_;               // partial only
  ChunkGrid domain_;              // partial only
  std::vector<OperandMap> maps_;  // partial only
};

}  // namespace dunlin
