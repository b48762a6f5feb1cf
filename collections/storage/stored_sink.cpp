#include "stored_sink.hpp"

#include "dunlin/graph/rechunk.hpp"
#include "dunlin/graph/sink.hpp"

namespace dunlin {
namespace {

class WriteKernel final : public Kernel {
 public:
  explicit WriteKernel(std::shared_ptr<ArrayWriter> writer) : writer_(std::move(writer)) {}
  void run(const TaskRun& task) const override {
    const Buffer encoded = writer_->encode(task.chunk, task.inputs.front().bytes(), *task.pool);
    writer_->put(task.chunk, {0, encoded.size()}, encoded.bytes());
    task.counts->stored_written += static_cast<std::int64_t>(encoded.size());
  }
  Cost cost(const ChunkIndex& chunk) const override {
    Cost cost;
    cost.write_bytes =
        writer_->object_grid().box(chunk).count() * static_cast<std::int64_t>(writer_->description().dtype.size());
    cost.scratch_bytes = static_cast<std::int64_t>(writer_->encoded_bound(chunk) + writer_->encode_scratch(chunk));
    return cost;
  }

 private:
  std::shared_ptr<ArrayWriter> writer_;
};

}  // namespace

LayerPtr write_layer(LayerPtr value, std::shared_ptr<ArrayWriter> writer, const std::string& where) {
  require(writer->placer() == Placer::nobody, "formats that place their objects centrally have sinks of their own");
  require(value->output().dtype == writer->description().dtype, "a sink's value has the stored dtype");
  const std::string& name = writer->description().name;
  if (value->output().grid != writer->object_grid())
    value = RechunkLayer::make("rechunk " + name, std::move(value), writer->object_grid());
  return SinkLayer::make("write " + name, std::move(value), std::make_shared<WriteKernel>(writer), where + "\n" + name,
                         [writer](const Outcome& outcome) {
                           if (outcome.success && outcome.rank == 0) writer->finish_array();
                         });
}

}  // namespace dunlin
