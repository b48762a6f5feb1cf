#pragma once
// A kernel that is a function: for user code, which has no class of its own.

#include <functional>
#include <utility>

#include "dunlin/graph/kernel.hpp"

namespace dunlin {

/// What the run has to know of a function.
struct FunctionTraits {
  Cost cost{};  // of each chunk
  bool serial = false;
  bool makes = false;
  bool takes_strides = false;
  const ValueOps* ops = nullptr;
};

class FunctionKernel final : public Kernel {
 public:
  /// `function` is called on any thread, several at once unless serial.
  explicit FunctionKernel(std::function<void(const TaskRun&)> function, FunctionTraits traits = {})
      : function_(std::move(function)), traits_(traits) {}
  void run(const TaskRun& task) const override { function_(task); }
  Cost cost(const ChunkIndex&) const override { return traits_.cost; }
  bool serial() const override { return traits_.serial; }
  bool makes() const override { return traits_.makes; }
  bool takes_strides() const override { return traits_.takes_strides; }
  const ValueOps* ops(const ChunkIndex&) const override { return traits_.ops; }

 private:
  std::function<void(const TaskRun&)> function_;
  FunctionTraits traits_;
};

}  // namespace dunlin
