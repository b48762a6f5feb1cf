#pragma once
// The three steps of a reduction over one chunk: see reduction.hpp for the order of adding that they keep.

#include <vector>

#include "dunlin/graph/kernel.hpp"
#include "dunlin/graph/reduction.hpp"

namespace dunlin {

class PartialKernel final : public Kernel {
 public:
  PartialKernel(const Reducer& reducer, Coords axes, Program program, ChunkGrid domain, std::vector<ChunkGrid> grids,
                std::vector<OperandMap> maps);
  void run(const TaskRun& task) const override;
  Cost cost(const ChunkIndex& chunk) const override;

 private:
  bool reduced(int axis) const { return std::find(axes_.begin(), axes_.end(), axis) != axes_.end(); }
  /// The domain's innermost axes are reduced (rows are folded) or kept (columns are folded side by side).
  bool folds_rows() const { return domain_.rank() > 0 && reduced(domain_.rank() - 1); }
  std::int64_t width(std::int64_t run) const;
  Reducer reducer_;
  Coords axes_;
  Program program_;
  ChunkGrid domain_;
  std::vector<ChunkGrid> grids_;
  std::vector<OperandMap> maps_;
  std::size_t program_bytes_;  // scratch of the program, whole cache lines
  int inner_limit_;            // first of the innermost axes that are all kept or all reduced
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
