#pragma once
// Options and arguments of one command: declared once, they give the parser, the help text and the errors.
//
//   CommandLine line("anomaly", "subtracts the mean over a dimension");
//   line.argument("IN", in, "what to read");
//   line.option("--dim", "NAME", dim, "dimension to average over");
//   line.flag("--overwrite", overwrite, "replace OUT", CommandLine::Use::how);
//   line.parse(words);                 // fills the strings and truths; throws HelpAsked, UsageError
//   line.text();                       // "dunlin anomaly --dim time in.nc out.zarr"
//
// Grammar: `--name value`, `--name=value`, `--flag`, arguments between them in order; what follows `--` is an argument
// whatever it looks like. Values are texts; whoever declared an option says what it means.
//
// An option is about *what* is made or *how* it is done (threads, memory, progress). The second kind changes no byte of
// the result, so `text`, which goes into the result's history, leaves it out.

#include <memory>
#include <string>
#include <vector>

#include "dunlin/base/error.hpp"

namespace dunlin {

/// `--help` was among the words: no fault, but the end of this command. Carries the help text.
struct HelpAsked {
  std::string text;
};

/// A word that begins like an option and is none of the command's.
struct NoSuchOption : UsageError {
  NoSuchOption(const std::string& typed, const std::string& command, const std::vector<std::string>& known);
  std::string typed;
};

class CommandLine {
 public:
  enum class Use { what, how };

  /// `command` is the subcommand's name.
  CommandLine(const std::string& command, const std::string& summary);
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  /// What is declared next stands under this heading of the help text.
  void heading(const std::string& title);
  /// A required word in its place. All `into` outlive the command line; the text in them is the default.
  void argument(const std::string& name, std::string& into, const std::string& help);
  /// The last argument may be missing where one of these options is there.
  void last_argument_optional(const std::vector<std::string>& with);
  /// `value` names the value in the help text: "NAME", "SIZE".
  void option(const std::string& name, const std::string& value, std::string& into, const std::string& help,
              Use use = Use::what);
  void flag(const std::string& name, bool& into, const std::string& help, Use use = Use::what);
  /// Whole command lines, shown at the end of the help text; tests run them.
  void examples(const std::vector<std::string>& lines);

  /// Throws HelpAsked; UsageError where a word is no option of the command, an option comes twice, without its value or
  /// with an empty one, or there are too few or too many arguments.
  void parse(const std::vector<std::string>& words);
  std::string help() const;
  /// After `parse`: the words that say what is made, as a shell takes them.
  std::string text() const { return text_; }

 private:
  struct Parts;
  std::vector<std::string> check(const std::vector<std::string>& words);
  std::unique_ptr<Parts> parts_;
  std::string text_;
};

/// A word as a shell takes it: in quotes where it holds anything but letters, digits and harmless signs.
std::string quoted(const std::string& word);

/// The value of an option as a whole number from `least` to `most`. Throws UsageError that names the option.
std::int64_t parse_count(const std::string& option, const std::string& text, std::int64_t least, std::int64_t most);
/// "a,b, c" → {a, b, c}: blanks around names go. Throws UsageError that names the option where a name is empty.
std::vector<std::string> parse_names(const std::string& option, const std::string& text);

}  // namespace dunlin
