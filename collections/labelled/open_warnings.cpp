#include "open_warnings.hpp"

#include <algorithm>

#include "dunlin/labelled/cf_time.hpp"
#include "dunlin/labelled/decode.hpp"
#include "dunlin/labelled/references.hpp"
#include "inherited.hpp"
#include "roles.hpp"

namespace dunlin {
namespace {

using Kind = SkippedVariable::Kind;

std::string file_of(const Dataset& dataset) { return dataset.inputs.empty() ? "the input" : dataset.inputs[0]; }

// The selected variables and what goes with them, as far as it could be read; all without a selection.
std::set<std::string> touched(const Dataset& dataset, const OpenOptions& options) {
  std::vector<std::string> names;
  for (const Variable& variable : dataset.variables())
    if (options.variables.empty() ||
        std::find(options.variables.begin(), options.variables.end(), variable.name) != options.variables.end())
      names.push_back(variable.name);
  return options.variables.empty() ? std::set<std::string>(names.begin(), names.end()) : with_related(dataset, names);
}

// Names by which the touched variables ask for others, read or not.
std::set<std::string> wanted(const Dataset& dataset, const OpenOptions& options) {
  std::set<std::string> names(options.variables.begin(), options.variables.end());
  for (const std::string& name : touched(dataset, options)) {
    const Variable& variable = dataset.at(name);
    names.insert(variable.dims.begin(), variable.dims.end());
    for (const std::string& other : coordinate_references(variable.attributes)) names.insert(other);
    for (const std::string& other : supporting_references(variable.attributes)) names.insert(other);
  }
  return names;
}

// CF's grid mappings and the like hold no value worth a line, and zarr-python stores no chunk for a 0.
bool is_mark(const Variable& variable) { return variable.dims.empty() && variable.data.dtype().is_integer(); }

std::string quoted_attribute(const Variable& variable, const std::string& name) {
  return name + " of '" + variable.name + "' is '" + variable.attributes.text_or(name, "") + "'";
}

}  // namespace

std::vector<std::string> odd_lines(const Dataset& dataset, const OpenOptions& options) {
  const std::set<std::string> names = touched(dataset, options);
  std::vector<std::string> lines;
  bool told = false;
  for (const Variable& variable : dataset.variables()) {
    if (!names.contains(variable.name)) continue;
    for (const std::string& marker : unread_markers(variable))
      lines.push_back(quoted_attribute(variable, marker) + ", which is no number: it marks no missing value");
    try {
      if (!told) CfTime::of(variable.attributes);
    } catch (const BadTimeUnits& error) {
      lines.push_back("'" + variable.name + "' has numbers and no dates: " + error.what());
      told = true;
    }
  }
  return lines;
}

std::vector<std::string> left_out_lines(const Dataset& dataset, const OpenOptions& options) {
  const bool all = options.variables.empty();
  const std::set<std::string> names = all ? std::set<std::string>() : wanted(dataset, options);
  std::vector<std::string> lines, groups;
  for (const SkippedVariable& skipped : dataset.skipped) {
    const std::string group = group_of(skipped.name);
    if (skipped.kind != Kind::place || group == options.group) {
      if (all || names.contains(skipped.name))
        lines.push_back("left out '" + skipped.name + "' of " + file_of(dataset) + ": " + skipped.reason);
    } else if (all && is_around(options.group, group) &&
               std::find(groups.begin(), groups.end(), group) == groups.end()) {
      groups.push_back(group);
      lines.push_back("left out group '" + group + "' of " + file_of(dataset) + ": name it to take its variables, as " +
                      file_of(dataset) + ":" + group + "/");
    }
  }
  return lines;
}

void warn_of_what_was_opened(const Dataset& dataset, const OpenOptions& options,
                             const std::map<std::string, std::shared_ptr<const StoredArray>>& stored) {
  const ContextState& context = *dataset.context();
  if (context.rank() == 0)
    for (const auto& lines : {left_out_lines(dataset, options), odd_lines(dataset, options)})
      for (const std::string& line : lines) context.log().warning(line);
  if (stored.empty()) return;
  dataset.context()->on_one_rank("looking for chunks in " + file_of(dataset), [&] {
    if (!context.log().wants(LogLevel::warning)) return std::vector<std::byte>();
    for (const std::string& name : touched(dataset, options)) {
      const auto found = stored.find(name);
      if (found != stored.end() && !is_mark(dataset.at(name)) && found->second->is_hollow())
        context.log().warning("no chunk of '" + name + "' is stored in " + file_of(dataset) +
                              ": all its values are the fill value; were its files lost?");
    }
    return std::vector<std::byte>();
  });
}

}  // namespace dunlin
