// The program as a whole: which command, or its own help and version.

#include <algorithm>

#include "anomaly_command.hpp"
#include "build_facts.hpp"
#include "command_line.hpp"
#include "info_command.hpp"
#include "job.hpp"
#include "support/mpi_library.hpp"
#include "terminal.hpp"

namespace dunlin {
namespace {

constexpr Command kCommands[] = {
    {"anomaly", "subtracts the mean over a dimension", parse_anomaly},
    {"info", "shows what a file or store holds", parse_info},
};

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text;
}

std::string program_help() {
  std::string text =
      "Dunlin: parallel work on arrays that are larger than memory\n\n"
      "Usage: dunlin COMMAND [options] IN [OUT]\n"
      "       mpirun -n 4 dunlin COMMAND ...\n\nCommands:\n";
  for (const Command& command : kCommands) text += "  " + padded(command.name, 10) + command.summary + "\n";
  text +=
      "\nIN is PATH or PATH:VARIABLE: netCDF-4, HDF5 or Zarr v3. 'dunlin COMMAND --help' lists a command's options.\n"
      "\nExamples:\n"
      "  dunlin --version\n"
      "  dunlin info sst.nc\n"
      "  dunlin anomaly --dim time sst.nc anomaly.zarr\n"
      "\nExit codes: 0 done, 2 usage, 3 input, 4 input or output failed, 5 memory refused by the plan, 70 a bug,\n"
      "            75 stopped by a signal: nothing was published\n";
  return text;
}

std::string program_version() {
  return std::string("dunlin ") + kVersion + "\nbuild  " + kBuildType + ", " + kCompiler + "\nMPI    " + mpi_library() +
         "\nHDF5   " + kHdf5Version + "\n";
}

/// Says something that needs no ranks.
class Say : public Job {
 public:
  explicit Say(std::string text) : text_(std::move(text)) {}
  void run(Connection& connection) override {
    if (connection.rank() == 0) print(text_);
  }

 private:
  std::string text_;
};

std::unique_ptr<Job> say(std::string text) { return std::make_unique<Say>(std::move(text)); }

std::string known_commands(std::vector<std::string>& names) {
  std::string text;
  for (const Command& command : kCommands) {
    text += (names.empty() ? "" : ", ") + std::string(command.name);
    names.push_back(command.name);
  }
  return text;
}

}  // namespace

std::unique_ptr<Job> parse_program(const std::vector<std::string>& words) {
  std::vector<std::string> names;
  const std::string known = known_commands(names);
  if (words.empty())
    throw UsageError("no command was given: dunlin COMMAND with COMMAND one of " + known + "; dunlin --help says more");
  const std::string& first = words[0];
  if (first == "--help" || first == "-h") return say(program_help());
  if (first == "--version") return say(program_version());
  for (const Command& command : kCommands) {
    if (first != command.name) continue;
    try {
      return command.parse({words.begin() + 1, words.end()});
    } catch (HelpAsked& help) {
      return say(std::move(help.text));
    }
  }
  if (first.starts_with("-"))
    throw UsageError("dunlin has no option '" + first + "'" +
                     nearest_hint(first, std::vector<std::string>{"--help", "--version"}) +
                     " (options of a command come behind its name)");
  throw UsageError("dunlin has no command '" + first + "': there are " + known + nearest_hint(first, names));
}

}  // namespace dunlin
