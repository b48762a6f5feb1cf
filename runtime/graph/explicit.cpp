#include "dunlin/graph/explicit.hpp"

#include <algorithm>

#include "chunk_spans.hpp"
#include "dunlin/graph/partition.hpp"

namespace dunlin {
namespace {

using Argument = ExplicitTask::Argument;

/// Chunks of one input that a task takes, each once, in the order in which they come: ascending.
struct Taken {
  int input;
  std::int64_t chunk;
  friend auto operator<=>(const Taken&, const Taken&) = default;
};

std::vector<Taken> taken_by(const ExplicitTask& task) {
  std::vector<Taken> taken;
  for (const Argument& argument : task.arguments)
    taken.push_back({argument.input, static_cast<std::int64_t>(argument.chunk)});
  std::sort(taken.begin(), taken.end());
  taken.erase(std::unique(taken.begin(), taken.end()), taken.end());
  return taken;
}

/// Runs each task's own kernel on its arguments in its own order.
class ExplicitKernel final : public Kernel {
 public:
  explicit ExplicitKernel(std::vector<ExplicitTask> tasks) : tasks_(std::move(tasks)) {
    for (const ExplicitTask& task : tasks_) {
      require(task.kernel && task.kernel->makes(), "a task of its own makes its value");
      serial_ = serial_ || task.kernel->serial();
      takes_strides_ = takes_strides_ && task.kernel->takes_strides();
    }
  }
  const std::vector<ExplicitTask>& tasks() const { return tasks_; }
  bool makes() const override { return true; }
  const ValueOps* ops(const ChunkIndex& chunk) const override { return at(chunk).kernel->ops(chunk); }
  bool serial() const override { return serial_; }
  bool takes_strides() const override { return takes_strides_; }
  Cost cost(const ChunkIndex& chunk) const override { return at(chunk).kernel->cost(chunk); }
  void run(const TaskRun& run) const override {
    const ExplicitTask& task = at(run.chunk);
    const std::vector<Taken> taken = taken_by(task);
    require(taken.size() == run.inputs.size(), "a task gets each chunk that it takes once");
    std::vector<ChunkView> arguments;
    for (const Argument& argument : task.arguments) {
      const Taken wanted{argument.input, static_cast<std::int64_t>(argument.chunk)};
      const auto place = std::lower_bound(taken.begin(), taken.end(), wanted) - taken.begin();
      arguments.push_back(run.inputs[static_cast<std::size_t>(place)]);
      require(arguments.back().ordinal() == argument.chunk, "chunks come in the order in which they are needed");
    }
    TaskRun own = run;
    own.inputs = arguments;
    task.kernel->run(own);
  }

 private:
  const ExplicitTask& at(const ChunkIndex& chunk) const { return tasks_[static_cast<std::size_t>(chunk.at[0])]; }
  std::vector<ExplicitTask> tasks_;
  bool serial_ = false, takes_strides_ = true;
};

/// Ordinals of a block of a grid, as spans: one per row of the last axis, joined where rows touch.
std::vector<Span> ordinals_of(const ChunkGrid& grid, const ChunkBox& block) {
  std::vector<Span> spans;
  ChunkBox rows = block;
  const int last = grid.rank() - 1;
  std::int64_t length = 1;
  if (last >= 0) {
    length = block.end[last] - block.begin[last];
    rows.end[last] = rows.begin[last] + 1;
  }
  rows.for_each([&](const ChunkIndex& first) {
    const auto begin = static_cast<std::int64_t>(grid.ordinal(first));
    if (!spans.empty() && spans.back().end == begin)
      spans.back().end += length;
    else
      spans.push_back({begin, begin + length});
  });
  return spans;
}

/// Spans of ordinals as blocks: a span is cut where a row of the last axis ends.
void append_ordinals(const ChunkGrid& grid, const std::vector<Span>& spans, std::vector<ChunkBox>& blocks) {
  const int last = grid.rank() - 1;
  for (const Span& span : spans) {
    for (std::int64_t at = span.begin; at < span.end;) {
      ChunkBox block = ChunkBox::single(grid.at(ChunkOrdinal{at}));
      std::int64_t length = 1;
      if (last >= 0) {
        length = std::min(span.end - at, grid.count(last) - block.begin[last]);
        block.end[last] = block.begin[last] + length;
      }
      at += length;
      blocks.push_back(block);
    }
  }
}

}  // namespace

struct ExplicitLayer::Tables {
  std::vector<ChunkRelation> inputs;  // per input: tasks and ordinals of its chunks
  std::vector<std::string> keys;
  std::vector<std::vector<Argument>> arguments;
  std::shared_ptr<const Partition> fixed;
};

std::shared_ptr<const ExplicitLayer> ExplicitLayer::make(std::string name, std::vector<ExplicitTask> tasks,
                                                         std::vector<LayerPtr> inputs, std::int64_t expected_bytes,
                                                         std::shared_ptr<const Partition> fixed) {
  require(expected_bytes >= 0, "values of unknown size are expected to have some");
  const auto count = static_cast<std::int64_t>(tasks.size());
  std::vector<std::vector<std::pair<std::int64_t, std::int64_t>>> pairs(inputs.size());
  auto tables = std::make_shared<Tables>();
  for (std::int64_t k = 0; k < count; ++k) {
    const ExplicitTask& task = tasks[static_cast<std::size_t>(k)];
    for (const Argument& argument : task.arguments) {
      require(argument.input >= 0 && argument.input < static_cast<int>(inputs.size()),
              "a task takes chunks of its layer's inputs");
      const auto chunk = static_cast<std::int64_t>(argument.chunk);
      const std::int64_t chunks = inputs[argument.input]->output().grid.count();
      if (chunk < 0 || chunk >= chunks)
        throw UsageError("task " + std::to_string(k) + " of '" + name + "' takes chunk " + std::to_string(chunk) +
                         " of '" + inputs[argument.input]->name() + "', which has " + std::to_string(chunks) +
                         " chunks: they are numbered from 0");
      pairs[argument.input].emplace_back(k, chunk);
    }
    tables->keys.push_back(task.key);
    tables->arguments.push_back(task.arguments);
  }
  for (std::size_t i = 0; i < inputs.size(); ++i)
    tables->inputs.emplace_back(std::move(pairs[i]), count, inputs[i]->output().grid.count());
  tables->fixed = std::move(fixed);
  ValueSpec output{DType::bytes(1), ChunkGrid::regular({count}, {1})};
  output.expected_bytes = expected_bytes;
  return std::shared_ptr<const ExplicitLayer>(new ExplicitLayer(std::move(name), std::move(output), std::move(inputs),
                                                                std::make_shared<ExplicitKernel>(std::move(tasks)),
                                                                std::move(tables)));
}

void ExplicitLayer::needs(int input, const ChunkBox& outputs, std::vector<ChunkBox>& blocks) const {
  const ChunkRelation& relation = tables_->inputs[static_cast<std::size_t>(input)];
  append_ordinals(inputs_[input]->output().grid, relation.inputs_of(Span{outputs.begin[0], outputs.end[0]}), blocks);
}

void ExplicitLayer::feeds(int input, const ChunkBox& chunks, std::vector<ChunkBox>& blocks) const {
  const ChunkRelation& relation = tables_->inputs[static_cast<std::size_t>(input)];
  std::vector<Span> tasks;
  for (const Span& ordinals : ordinals_of(inputs_[input]->output().grid, chunks)) {
    const std::vector<Span> fed = relation.outputs_of(ordinals);
    tasks.insert(tasks.end(), fed.begin(), fed.end());
  }
  join_spans(tasks);
  append_blocks(std::span(&tasks, 1), blocks);
}

void ExplicitLayer::describe(Description& description) const {
  description.structure("explicit");
  for (const std::vector<Argument>& arguments : tables_->arguments) {
    description.structure(static_cast<std::int64_t>(arguments.size()));
    for (const Argument& argument : arguments)
      description.structure(argument.input).structure(static_cast<std::int64_t>(argument.chunk));
  }
  for (const std::string& key : tables_->keys) description.identity(key);
  description.structure(tables_->fixed ? 1 : 0);
  if (tables_->fixed) tables_->fixed->describe(description);
}

LayerPtr ExplicitLayer::with_inputs(std::vector<LayerPtr> inputs) const {
  std::shared_ptr<ExplicitLayer> layer(new ExplicitLayer(*this));
  layer->inputs_ = std::move(inputs);
  return layer;
}

Alignment ExplicitLayer::alignment() const {
  Alignment alignment;
  alignment.fixed = tables_->fixed;
  return alignment;
}

}  // namespace dunlin
