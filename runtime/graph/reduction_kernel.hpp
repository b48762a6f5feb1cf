#pragma once
// The three steps of a reduction over one chunk: see reduction.hpp for the order of adding that they keep.

#include <vector>

#include "dunlin/graph/kernel.hpp"
#include "dunlin/graph/reduction.hpp"
#include "group_level.hpp"

namespace dunlin {

class PartialKernel final : public Kernel {
 public:
  PartialKernel(const Reducer& reducer, Coords axes, Program program, ChunkGrid domain, std::vector<ChunkGrid> grids,
                std::vector<OperandMap> maps, GroupLevelPtr level = nullptr);
  bool takes_strides() const override { return true; }
  void run(const TaskRun& task) const override;
  Cost cost(const ChunkIndex& chunk) const override;

 private:
  bool reduced(int axis) const { return std::find(axes_.begin(), axes_.end(), axis) != axes_.end(); }
  /// The domain's innermost axes are reduced (rows are folded) or kept (columns are folded side by side).
  bool folds_rows() const { return domain_.rank() > 0 && reduced(domain_.rank() - 1); }
  std::int64_t width(std::int64_t run) const;
  /// The domain's chunk that a state comes from, and which of its elements along the grouped axis it takes.
  ChunkIndex domain_chunk(const ChunkIndex& state) const;
  std::vector<Span> taken(const ChunkIndex& state) const;
  Reducer reducer_;
  Coords axes_;
  ReadyProgram ready_;
  ChunkGrid domain_;
  std::vector<ChunkGrid> grids_;
  std::vector<OperandMap> maps_;
  std::size_t program_bytes_;  // scratch of the program, whole cache lines
  int inner_limit_;            // first of the innermost axes that are all kept or all reduced
  GroupLevelPtr level_;        // null: all elements of a chunk are taken
  double element_time_;        // nanoseconds to compute and take one element
};

class CombineKernel final : public Kernel {
 public:
  CombineKernel(const Reducer& reducer, ValueSpec output) : reducer_(reducer), output_(std::move(output)) {}
  void run(const TaskRun& task) const override;
  Cost cost(const ChunkIndex& chunk) const override;

 private:
  Reducer reducer_;
  ValueSpec output_;
};

class FinalKernel final : public Kernel {
 public:
  FinalKernel(const Reducer& reducer, ValueSpec output) : reducer_(reducer), output_(std::move(output)) {}
  void run(const TaskRun& task) const override;
  Cost cost(const ChunkIndex& chunk) const override;

 private:
  Reducer reducer_;
  ValueSpec output_;
};

/// Chunks of groups: a state each, or nothing seen.
class GroupedFinalKernel final : public Kernel {
 public:
  GroupedFinalKernel(const Reducer& reducer, ValueSpec output, int axis, GroupLevelPtr level)
      : reducer_(reducer), output_(std::move(output)), axis_(axis), level_(std::move(level)) {}
  void run(const TaskRun& task) const override;
  Cost cost(const ChunkIndex& chunk) const override;

 private:
  /// Elements of an output chunk behind the axis, and before it.
  std::int64_t inner(const Box& box) const;
  std::int64_t outer(const Box& box) const;
  bool is_full(const ChunkIndex& chunk, const Box& box) const;
  Reducer reducer_;
  ValueSpec output_;
  int axis_;
  GroupLevelPtr level_;
};

/// The result of states that have seen nothing.
class NothingKernel final : public Kernel {
 public:
  NothingKernel(const Reducer& reducer, ValueSpec output) : reducer_(reducer), output_(std::move(output)) {}
  void run(const TaskRun& task) const override;
  Cost cost(const ChunkIndex& chunk) const override;

 private:
  Reducer reducer_;
  ValueSpec output_;
};

}  // namespace dunlin
