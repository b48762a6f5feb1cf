#include "anomaly_command.hpp"

#include <algorithm>

#include "dunlin/labelled/anomaly.hpp"
#include "dunlin/labelled/history.hpp"
#include "input_name.hpp"
#include "output_options.hpp"
#include "output_run.hpp"
#include "run_options.hpp"

namespace dunlin {
namespace {

struct Words {
  std::string in, dim, variables;
  OutputWords output;
  RunWords run;
};

class Anomaly : public Job {
 public:
  Anomaly(const Words& words, std::string command)
      : in_(words.in), command_(std::move(command)), output_(words.output), run_(words.run) {
    if (!words.dim.empty()) anomaly_.dim = words.dim;
    dim_chosen_ = !words.dim.empty();
    if (!words.variables.empty()) anomaly_.variables = parse_names("--var", words.variables);
  }
  bool writes() const override { return !run_.plan(); }
  void run(Connection& connection) override;

 private:
  Dataset open(Context& context, AnomalyOptions& chosen) const;

  std::string in_, command_;
  AnomalyOptions anomaly_;
  bool dim_chosen_ = false;
  OutputOptions output_;
  RunOptions run_;
};

/// "anomaly of a, b, c and 4 more over time"
std::string title(const std::vector<std::string>& names, const std::string& dim) {
  constexpr std::size_t most = 3;
  std::string text = "anomaly of ";
  for (std::size_t k = 0; k < std::min(names.size(), most); ++k) text += (k ? ", " : "") + names[k];
  if (names.size() > most) text += " and " + std::to_string(names.size() - most) + " more";
  return text + " over " + dim;
}

Dataset Anomaly::open(Context& context, AnomalyOptions& chosen) const {
  const InputName in = resolve_input(*context.state(), in_);
  if (!in.variable.empty()) {
    if (!chosen.variables.empty())
      throw UsageError("IN names the variable '" + in.variable + "', and --var others: give one of the two");
    chosen.variables = {in.variable};
  }
  Dataset dataset = open_dataset(context, in.path, {.group = in.group, .variables = chosen.variables});
  for (const std::string& name : chosen.variables) refuse_skipped(dataset, in.group, name);
  try {
    anomaly_dimension(dataset, chosen);
  } catch (const NoSuchDimension& error) {
    if (dim_chosen_) throw;
    throw InputError(std::string(error.what()) + " (give the one that is meant with --dim)");
  }
  return dataset;
}

void Anomaly::run(Connection& connection) {
  OutputRun run(connection, run_);
  AnomalyOptions chosen = anomaly_;
  const Dataset dataset = open(run.context(), chosen);
  const Dataset result = add_history(anomaly(dataset, chosen), command_);
  std::vector<std::string> names = anomaly_variables(dataset, chosen);
  std::erase_if(names, [](const std::string& name) { return !unwritable_name(name).empty(); });
  OutputOptions output = output_;
  output.zarr.required = chosen.variables;
  run.finish(title(names, anomaly_dimension(dataset, chosen).text()), result, output);
}

}  // namespace

std::unique_ptr<Job> parse_anomaly(const std::vector<std::string>& words) {
  Words typed;
  CommandLine line("anomaly",
                   "Subtracts from data its mean over a dimension. Missing values are skipped; coordinates,\n"
                   "attributes and what else the file holds are kept. OUT is a Zarr v3 hierarchy.");
  line.argument("IN", typed.in, "PATH or PATH:VARIABLE, netCDF-4, HDF5 or Zarr v3");
  line.argument("OUT", typed.output.out, "path of the output, for example anomaly.zarr; a plan needs none");
  line.last_argument_optional({"--plan", "--plan-ranks", "--plan-format"});
  line.heading("What");
  line.option("--dim", "NAME", typed.dim, "dimension: its name, axis or standard name (time)");
  line.option("--var", "A,B", typed.variables, "only these variables (all data variables along the dimension)");
  typed.output.declare(line);
  typed.run.declare(line);
  line.examples({"dunlin anomaly --dim time sst.nc anomaly.zarr",
                 "mpirun -n 2 dunlin anomaly --memory 2G --progress log sst.nc:sst sst_anomaly.zarr",
                 "dunlin anomaly --chunks time=1,lat=all,lon=all --codec zstd:3 --overwrite sst.nc anomaly.zarr",
                 "dunlin anomaly --plan-ranks 1000 sst.nc"});
  line.parse(words);
  return std::make_unique<Anomaly>(typed, line.text());
}

}  // namespace dunlin
