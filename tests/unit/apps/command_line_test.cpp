// One declaration gives parser, help and errors: words land where they belong, wrong ones are named with what is near,
// and the history gets what determines the result.

#include "command_line.hpp"

#include <gtest/gtest.h>

namespace dunlin {
namespace {

/// A command with one of everything.
struct Sample {
  std::string in, out, dim = "time", threads;
  bool overwrite = false;
  CommandLine line{"anomaly", "subtracts the mean"};
  Sample() {
    line.argument("IN", in, "what to read");
    line.argument("OUT", out, "what to write");
    line.heading("What");
    line.option("--dim", "NAME", dim, "dimension");
    line.heading("Running");
    line.option("--threads", "N", threads, "threads", CommandLine::Use::how);
    line.flag("--overwrite", overwrite, "replace OUT", CommandLine::Use::how);
    line.examples({"dunlin anomaly --dim time in.nc out.zarr"});
  }
};

TEST(CommandLine, WordsLandWhereTheyBelong) {
  struct Case {
    const char* why;
    std::vector<std::string> words;
    const char *in, *out, *dim, *threads;
    bool overwrite;
  };
  const Case cases[] = {
      {"arguments alone, defaults stay", {"a", "b"}, "a", "b", "time", "", false},
      {"options in front", {"--dim", "x", "--overwrite", "a", "b"}, "a", "b", "x", "", true},
      {"options behind and between", {"a", "--threads", "4", "b", "--dim", "x"}, "a", "b", "x", "4", false},
      {"a value behind an equals sign", {"--dim=x=y", "a", "b"}, "a", "b", "x=y", "", false},
      {"a value that begins with a dash", {"--dim", "-1", "a", "b"}, "a", "b", "-1", "", false},
      {"arguments that look like options", {"--", "--dim", "-b"}, "--dim", "-b", "time", "", false},
      {"a dash alone is an argument", {"-", "b"}, "-", "b", "time", "", false},
      {"blanks and quotes are nothing special", {"a b", "c'd"}, "a b", "c'd", "time", "", false},
  };
  for (const auto& it : cases) {
    SCOPED_TRACE(it.why);
    Sample sample;
    sample.line.parse(it.words);
    EXPECT_EQ(sample.in, it.in);
    EXPECT_EQ(sample.out, it.out);
    EXPECT_EQ(sample.dim, it.dim);
    EXPECT_EQ(sample.threads, it.threads);
    EXPECT_EQ(sample.overwrite, it.overwrite);
  }
}

TEST(CommandLine, WrongWordsAreNamedWithWhatToDo) {
  struct Case {
    std::vector<std::string> words;
    const char* sentence;
  };
  const Case cases[] = {
      {{"a", "b", "--dmi", "x"},
       "dunlin anomaly has no option '--dmi'; did you mean '--dim'? (dunlin anomaly --help lists all)"},
      {{"--thread=4", "a", "b"},
       "dunlin anomaly has no option '--thread'; did you mean '--threads'? (dunlin anomaly --help lists all)"},
      {{"-x", "a", "b"}, "dunlin anomaly has no option '-x' (dunlin anomaly --help lists all)"},
      {{}, "dunlin anomaly takes IN and OUT, and IN is missing (dunlin anomaly --help says more)"},
      {{"a"}, "dunlin anomaly takes IN and OUT, and OUT is missing (dunlin anomaly --help says more)"},
      {{"a", "b", "c"},
       "dunlin anomaly takes IN and OUT, and then came 'c': leave it out, or put what belongs together in quotes"},
      {{"a", "b", "--dim"}, "--dim takes a value: --dim NAME"},
      {{"--dim", "--overwrite", "a", "b"}, "--dim takes a value: --dim NAME"},
      {{"--dim", "x", "--dim", "y", "a", "b"}, "--dim is there twice: give it once"},
      {{"--overwrite=no", "a", "b"}, "--overwrite takes no value, and got '--overwrite=no'"},
  };
  for (const auto& it : cases) {
    Sample sample;
    try {
      sample.line.parse(it.words);
      ADD_FAILURE() << "accepted; expected: " << it.sentence;
    } catch (const UsageError& error) {
      EXPECT_STREQ(error.what(), it.sentence);
    }
  }
}

TEST(CommandLine, HelpComesBeforeAllErrorsAndShowsOptionsAndExamples) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"--help"}, {"-h"}, {"--wrong", "--help"}, {"a", "b", "c", "-h"}}) {
    Sample sample;
    try {
      sample.line.parse(words);
      ADD_FAILURE() << "no help";
    } catch (const HelpAsked& help) {
      for (const char* part : {"dunlin anomaly", "IN", "OUT", "--dim NAME", "--threads N", "--overwrite",
                               "Running:", "Examples:\n  dunlin anomaly --dim time in.nc out.zarr"})
        EXPECT_NE(help.text.find(part), std::string::npos) << part << " is not in:\n" << help.text;
    }
  }
}

TEST(CommandLine, AnEmptyValueIsNoValue) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"--dim", "", "a", "b"}, {"--dim=", "a", "b"}}) {
    Sample sample;
    try {
      sample.line.parse(words);
      ADD_FAILURE() << "accepted " << words[0];
    } catch (const UsageError& error) {
      EXPECT_STREQ(error.what(), "--dim is empty: give a value, --dim NAME, or leave the option out");
    }
  }
}

TEST(CommandLine, AWordBehindTwoDashesIsNoCallForHelp) {
  Sample sample;
  sample.line.parse({"--", "--help", "b"});
  EXPECT_EQ(sample.in, "--help");
}

TEST(CommandLine, ItsTextSaysWhatIsMadeAndNotHow) {
  struct Case {
    std::vector<std::string> words;
    const char* text;
  };
  const Case cases[] = {
      {{"--dim", "time", "a.nc", "b.zarr"}, "dunlin anomaly --dim time a.nc b.zarr"},
      {{"--dim=time", "--threads", "4", "a.nc", "--overwrite", "b.zarr"}, "dunlin anomaly --dim=time a.nc b.zarr"},
      {{"--threads=4", "my file.nc", "b$.zarr"}, "dunlin anomaly 'my file.nc' 'b$.zarr'"},
      {{"--", "-a", "b"}, "dunlin anomaly -- -a b"},
  };
  for (const auto& it : cases) {
    Sample sample;
    sample.line.parse(it.words);
    EXPECT_EQ(sample.line.text(), it.text);
  }
}

TEST(CommandLine, QuotedWordsAreWhatAShellTakes) {
  const std::pair<const char*, const char*> cases[] = {{"a.nc:sst", "a.nc:sst"}, {"", "''"},
                                                       {"a b", "'a b'"},         {"it's", "'it'\\''s'"},
                                                       {"*.nc", "'*.nc'"},       {"größe", "größe"}};
  for (const auto& [word, text] : cases) EXPECT_EQ(quoted(word), text);
}

TEST(ParseCount, TakesWholeNumbersWithinItsRange) {
  EXPECT_EQ(parse_count("--threads", "1", 1, 8), 1);
  EXPECT_EQ(parse_count("--threads", "8", 1, 8), 8);
  for (const char* text : {"", "0", "9", "-1", "2x", "1.5", " 2", "99999999999999999999"}) {
    try {
      parse_count("--threads", text, 1, 8);
      ADD_FAILURE() << "accepted '" << text << "'";
    } catch (const UsageError& error) {
      EXPECT_EQ(std::string(error.what()), "--threads is '" + std::string(text) + "': give a whole number from 1 to 8");
    }
  }
}

TEST(ParseNames, SplitsAtCommas) {
  EXPECT_EQ(parse_names("--var", "a"), (std::vector<std::string>{"a"}));
  EXPECT_EQ(parse_names("--var", "a,b c,d"), (std::vector<std::string>{"a", "b c", "d"}));
  EXPECT_EQ(parse_names("--var", " a, b c ,d "), (std::vector<std::string>{"a", "b c", "d"}));
  for (const char* text : {"", ",", "a,", ",a", "a,,b", " ", "a, ,b"})
    EXPECT_THROW(parse_names("--var", text), UsageError) << text;
}

}  // namespace
}  // namespace dunlin
