#include <optional>

#include "dunlin/storage/storage.hpp"
#include "output_place.hpp"
#include "stored_sink.hpp"

namespace dunlin {

struct NewStore::Parts {
  std::shared_ptr<ContextState> context;
  std::string path;
  bool overwrite;
  std::vector<std::string> inputs;
  OutputSystem system;
  std::unique_ptr<GroupWriter> writer;
};

NewStore::NewStore(std::shared_ptr<ContextState> context, std::string path, NewGroup group, CodecChoice codec,
                   bool overwrite, std::vector<std::string> inputs, OutputSystem system)
    : parts_(std::make_unique<Parts>()) {
  parts_->writer = make_zarr3_writer(system.store(OutputPlace::partial_of(path)), group, codec);
  parts_->context = std::move(context);
  parts_->path = std::move(path);
  parts_->overwrite = overwrite;
  parts_->inputs = std::move(inputs);
  parts_->system = std::move(system);
}
NewStore::~NewStore() = default;
NewStore::NewStore(NewStore&&) noexcept = default;

std::vector<LayerPtr> NewStore::sinks(const std::vector<LayerPtr>& values) const {
  const auto& arrays = parts_->writer->arrays();
  require(values.size() == arrays.size(), "a new store gets one value per array");
  std::vector<LayerPtr> sinks;
  for (std::size_t k = 0; k < values.size(); ++k) sinks.push_back(write_layer(values[k], arrays[k], parts_->path));
  return sinks;
}

RunReport NewStore::write(const std::vector<LayerPtr>& values) {
  Parts& parts = *parts_;
  std::optional<OutputPlace> place;  // on rank 0; going out of scope unpublished, it leaves nothing behind
  parts.context->on_one_rank("creating " + parts.path, [&] {
    place.emplace(parts.path, parts.overwrite, parts.inputs, parts.system.exchange);
    place->begin();
    parts.writer->create();
    return std::vector<std::byte>();
  });
  const RunReport report = parts.context->compute(sinks(values));
  parts.context->on_all_ranks("making " + parts.path + " durable", [&] { parts.writer->sync(); });
  parts.context->on_one_rank("publishing " + parts.path, [&] {
    parts.writer->finish();
    place->publish();
    return std::vector<std::byte>();
  });
  return report;
}

}  // namespace dunlin
