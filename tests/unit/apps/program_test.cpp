// The command's name decides; a wrong one is answered with the nearest that exists.

#include <gtest/gtest.h>

#include "job.hpp"

namespace dunlin {
namespace {

std::string refusal(const std::vector<std::string>& words) {
  try {
    parse_program(words);
    return "accepted";
  } catch (const UsageError& error) {
    return error.what();
  }
}

TEST(Program, KnowsItsCommands) {
  EXPECT_TRUE(parse_program({"anomaly", "in.nc", "out.zarr"})->writes());
  EXPECT_FALSE(parse_program({"anomaly", "--plan", "in.nc", "out.zarr"})->writes());
  EXPECT_FALSE(parse_program({"info", "in.nc"})->writes());
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"--help"}, {"-h"}, {"--version"}, {"anomaly", "--help"}, {"info", "-h"}})
    EXPECT_FALSE(parse_program(words)->writes());
}

TEST(Program, MistypedCommandsAreAnsweredWithTheNearest) {
  EXPECT_EQ(refusal({"anomly", "in.nc"}),
            "dunlin has no command 'anomly': there are anomaly, info; did you mean 'anomaly'?");
  EXPECT_EQ(refusal({"convert-everything"}), "dunlin has no command 'convert-everything': there are anomaly, info");
  EXPECT_EQ(refusal({"--hepl"}),
            "dunlin has no option '--hepl'; did you mean '--help'? (options of a command come behind its name)");
  EXPECT_EQ(refusal({}),
            "no command was given: dunlin COMMAND with COMMAND one of anomaly, info; dunlin --help says more");
}

TEST(Program, OptionsAreCheckedBeforeAnythingRuns) {
  EXPECT_EQ(refusal({"anomaly", "--threads", "x", "a", "b"}), "--threads is 'x': give a whole number from 1 to 4096");
  EXPECT_EQ(refusal({"anomaly", "--var", "a,", "a", "b"}),
            "--var is 'a,': give names with one comma between them, a,b");
  EXPECT_EQ(refusal({"info", "--jsn", "a"}),
            "dunlin info has no option '--jsn'; did you mean '--json'? (dunlin info --help lists all)");
}

}  // namespace
}  // namespace dunlin
