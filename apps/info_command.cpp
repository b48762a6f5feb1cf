#include "info_command.hpp"

#include "command_line.hpp"
#include "dataset_facts.hpp"
#include "input_name.hpp"
#include "output_run.hpp"

namespace dunlin {
namespace {

class Info : public Job {
 public:
  Info(std::string in, bool json) : in_(std::move(in)), json_(json) {}

  void run(Connection& connection) override {
    // No log: what is left out is part of the answer.
    Context context(connection.take_transport());
    const InputName in = resolve_input(*context.state(), in_);
    Dataset dataset = open_dataset(context, in.path, {.group = in.group});
    if (!in.variable.empty()) {
      refuse_skipped(dataset, in.group, in.variable);
      dataset = select(dataset, {in.variable});
      dataset.skipped.clear();
    }
    const DatasetFacts facts = facts_of(dataset, open_group(*context.state(), in.path), in.group);
    print_once(*context.state(), [&] { return json_ ? info_json(facts) : info_text(facts); });
  }

 private:
  std::string in_;
  bool json_;
};

}  // namespace

std::unique_ptr<Job> parse_info(const std::vector<std::string>& words) {
  std::string in;
  bool json = false;
  CommandLine line("info",
                   "Shows what a file or store holds: dimensions, coordinates, data, attributes, and what\n"
                   "cannot be taken. Values of data are not read.");
  line.argument("IN", in, "PATH or PATH:VARIABLE, netCDF-4, HDF5 or Zarr v3");
  line.heading("What");
  line.flag("--json", json, "as one JSON object");
  line.examples({"dunlin info sst.nc", "dunlin info sst.nc:sst", "dunlin info --json sst.nc"});
  line.parse(words);
  return std::make_unique<Info>(in, json);
}

}  // namespace dunlin
