#include "dunlin/labelled/zarr_output.hpp"

namespace dunlin {
namespace {

std::vector<LayerPtr> layers_of(const Dataset& dataset) {
  std::vector<LayerPtr> layers;
  for (const Variable& variable : dataset.variables()) layers.push_back(variable.data.layer());
  return layers;
}

}  // namespace

ZarrOutput::ZarrOutput(const Dataset& dataset, std::string path, const ZarrOptions& options)
    : context_(dataset.context()),
      group_(zarr_group(dataset, options.chunks)),
      values_(layers_of(dataset)),
      store_(context_, std::move(path), group_, options.codec, options.overwrite, dataset.inputs) {}

PlanReport ZarrOutput::explain(int ranks) const { return context_->explain(store_.sinks(values_), ranks); }

RunReport ZarrOutput::write() { return store_.write(values_); }

RunReport to_zarr(const Dataset& dataset, const std::string& path, const ZarrOptions& options) {
  return ZarrOutput(dataset, path, options).write();
}

RunReport to_zarr(const DataArray& array, const std::string& path, const ZarrOptions& options) {
  return to_zarr(to_dataset(array), path, options);
}

}  // namespace dunlin
