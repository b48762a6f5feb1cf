#include "dunlin/labelled/zarr_output.hpp"

#include <algorithm>

namespace dunlin {
namespace {

std::vector<LayerPtr> layers_of(const Dataset& dataset) {
  std::vector<LayerPtr> layers;
  for (const Variable& variable : dataset.variables()) layers.push_back(variable.data.layer());
  return layers;
}

}  // namespace

UnwritableName::UnwritableName(const std::string& variable, const std::string& reason)
    : UsageError("'" + variable + "' cannot be written as Zarr: " + reason +
                 ": rename it in the input, or name other variables"),
      variable(variable),
      reason(reason) {}

std::string unwritable_name(const std::string& name) { return zarr3_name_fault(name); }

ZarrOutput::Writable ZarrOutput::writable(const Dataset& dataset, const ZarrOptions& options) {
  std::vector<Variable> variables;
  std::string refused;  // a data variable
  bool data = false;
  for (const Variable& variable : dataset.variables()) {
    const std::string reason = unwritable_name(variable.name);
    const bool is_data = dataset.role(variable.name) == Role::data;
    if (reason.empty()) {
      variables.push_back(variable);
      data |= is_data;
      continue;
    }
    if (std::find(options.required.begin(), options.required.end(), variable.name) != options.required.end())
      throw UnwritableName(variable.name, reason);
    if (is_data) refused = variable.name;
  }
  if (!data && !refused.empty()) throw UnwritableName(refused, unwritable_name(refused));
  if (variables.size() == dataset.variables().size()) return {dataset};
  if (dataset.context()->rank() == 0)
    for (const Variable& variable : dataset.variables())
      if (const std::string reason = unwritable_name(variable.name); !reason.empty())
        dataset.context()->log().warning("left out '" + variable.name + "' of the output: " + reason);
  return {dataset.with_variables(std::move(variables))};
}

ZarrOutput::ZarrOutput(const Dataset& dataset, std::string path, const ZarrOptions& options)
    : ZarrOutput(writable(dataset, options), std::move(path), options) {}

ZarrOutput::ZarrOutput(const Writable& of, std::string path, const ZarrOptions& options)
    : context_(of.dataset.context()),
      group_(zarr_group(of.dataset, options.chunks)),
      values_(layers_of(of.dataset)),
      store_(context_, std::move(path), group_, options.codec, options.overwrite, of.dataset.inputs) {}

PlanReport ZarrOutput::explain(int ranks) const { return context_->explain(store_.sinks(values_), ranks); }

RunReport ZarrOutput::write() { return store_.write(values_); }

RunReport to_zarr(const Dataset& dataset, const std::string& path, const ZarrOptions& options) {
  return ZarrOutput(dataset, path, options).write();
}

RunReport to_zarr(const DataArray& array, const std::string& path, const ZarrOptions& options) {
  ZarrOptions all = options;
  all.required.push_back(array.name());
  return to_zarr(to_dataset(array), path, all);
}

}  // namespace dunlin
