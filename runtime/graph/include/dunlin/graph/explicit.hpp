#pragma once
// Tasks of which each is its own: a list, every one with its own code and its own list of chunks that it takes. What
// delayed calls become, and the documented exception to the rule that a layer's size does not depend on its tasks.
//
//   task 0: load()                    task 2: join(x[3], x[0], x[3])      arguments (input, chunk) in the order of the
//   task 1: count(x[7])               task 3: total(y[0])                 call, repeated where the call repeats them
//
// The output is one axis of n chunks of one element each; task k makes chunk k, bytes or objects: its kernel makes it
// (`Kernel::makes`), of a size that `expected_bytes` guesses. Inputs are layers, whole arrays or other lists of
// tasks; a task gets its arguments in its own order, whatever the order of chunks.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dunlin/graph/layer.hpp"

namespace dunlin {

struct ExplicitTask {
  /// An argument: chunk `chunk` of input `input` of the layer.
  struct Argument {
    int input;
    ChunkOrdinal chunk;
    friend bool operator==(const Argument&, const Argument&) = default;
  };
  std::vector<Argument> arguments;
  /// Makes its value. Its task's chunk is that of the list, its inputs are the arguments.
  std::shared_ptr<const Kernel> kernel;
  /// What is equal where the code and all that it captures are: a user's key, else an ordinal.
  std::string key;
};

class ExplicitLayer final : public Layer {
 public:
  /// `expected_bytes`: of each value. `fixed`: the ranks of the tasks, null: spread. Throws UsageError where a task
  /// names a chunk that its input does not have.
  static std::shared_ptr<const ExplicitLayer> make(std::string name, std::vector<ExplicitTask> tasks,
                                                   std::vector<LayerPtr> inputs, std::int64_t expected_bytes,
                                                   std::shared_ptr<const Partition> fixed = nullptr);

  std::int64_t size() const { return output_.grid.count(); }
  void needs(int input, const ChunkBox& outputs, std::vector<ChunkBox>& blocks) const override;
  void feeds(int input, const ChunkBox& chunks, std::vector<ChunkBox>& blocks) const override;
  void describe(Description& description) const override;
  LayerPtr with_inputs(std::vector<LayerPtr> inputs) const override;
  Alignment alignment() const override;

 private:
  struct Tables;
  ExplicitLayer(std::string name, ValueSpec output, std::vector<LayerPtr> inputs, std::shared_ptr<const Kernel> kernel,
                std::shared_ptr<const Tables> tables)
      : Layer(LayerKind::explicit_tasks, std::move(name), std::move(output), std::move(inputs), std::move(kernel)),
        tables_(std::move(tables)) {}
  std::shared_ptr<const Tables> tables_;  // shared by all layers of the same tasks
};

}  // namespace dunlin
