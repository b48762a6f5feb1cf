#include "command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <charconv>
#include <set>

namespace dunlin {
namespace {

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t k = 0; k < names.size(); ++k)
    text += (k == 0 ? "" : k + 1 == names.size() ? " and " : ", ") + names[k];
  return text;
}

}  // namespace

NoSuchOption::NoSuchOption(const std::string& typed, const std::string& command, const std::vector<std::string>& known)
    : UsageError("dunlin " + command + " has no option '" + typed + "'" + nearest_hint(typed, known) + " (dunlin " +
                 command + " --help lists all)"),
      typed(typed) {}

struct CommandLine::Parts {
  struct Option {
    std::string name, value;  // no value: a flag
    Use use;
  };
  explicit Parts(const std::string& name, const std::string& summary)
      : command(name), app(summary + "\n", "dunlin " + name) {
    // Our own errors and help: the library's flag would be matched before the words are checked.
    app.set_help_flag();
    app.get_formatter()->column_width(30);
    app.get_formatter()->label("REQUIRED", "");
    app.get_formatter()->label("OPTIONS", "options");
    app.get_formatter()->label("Positionals", "Arguments");
  }
  const Option* find(const std::string& option) const {
    const auto found = std::find_if(options.begin(), options.end(), [&](const Option& o) { return o.name == option; });
    return found == options.end() ? nullptr : &*found;
  }
  std::vector<std::string> option_names() const {
    std::vector<std::string> names = {"--help"};
    for (const Option& option : options) names.push_back(option.name);
    return names;
  }

  std::string command;
  CLI::App app;
  std::string group = "Options";
  std::vector<Option> options;
  std::vector<std::string> arguments, optional_with;
  bool help = false;
};

CommandLine::CommandLine(const std::string& command, const std::string& summary)
    : parts_(std::make_unique<Parts>(command, summary)) {}
CommandLine::~CommandLine() = default;

void CommandLine::heading(const std::string& title) { parts_->group = title; }

void CommandLine::argument(const std::string& name, std::string& into, const std::string& help) {
  parts_->app.add_option(name, into, help)->required()->type_name("");
  parts_->arguments.push_back(name);
}

void CommandLine::last_argument_optional(const std::vector<std::string>& with) {
  parts_->app.get_option(parts_->arguments.back())->required(false);
  parts_->optional_with = with;
}

void CommandLine::option(const std::string& name, const std::string& value, std::string& into, const std::string& help,
                         Use use) {
  parts_->app.add_option(name, into, help)->type_name(value)->group(parts_->group);
  parts_->options.push_back({name, value, use});
}

void CommandLine::flag(const std::string& name, bool& into, const std::string& help, Use use) {
  parts_->app.add_flag(name, into, help)->group(parts_->group);
  parts_->options.push_back({name, "", use});
}

void CommandLine::examples(const std::vector<std::string>& lines) {
  std::string text = "\nExamples:";
  for (const std::string& line : lines) text += "\n  " + line;
  parts_->app.footer(text);
}

std::string CommandLine::help() const {
  CLI::App& app = parts_->app;
  if (app.get_option_no_throw("--help") == nullptr) app.add_flag("-h,--help", parts_->help, "this text")->group("Help");
  std::string text = app.help();
  for (std::size_t at; (at = text.find("\n\n\n")) != std::string::npos;) text.erase(at, 1);
  return text;
}

// Everything that can be wrong, in our words; also what the command was. Returns the words in one unambiguous order:
// options with their values, then "--", then arguments.
std::vector<std::string> CommandLine::check(const std::vector<std::string>& words) {
  const Parts& parts = *parts_;
  const std::string command = "dunlin " + parts.command;
  std::vector<std::string> ordered, arguments = {"--"};
  std::set<std::string> seen;
  bool only_arguments = false;
  text_ = command;
  for (std::size_t k = 0; k < words.size(); ++k) {
    const std::string& word = words[k];
    if (word == "--" && !only_arguments) {
      only_arguments = true;
      text_ += " --";
    } else if (only_arguments || word.size() < 2 || word[0] != '-') {
      if (arguments.size() > parts.arguments.size())
        throw UsageError(command + " takes " + listed(parts.arguments) + ", and then came '" + word +
                         "': leave it out, or put what belongs together in quotes");
      arguments.push_back(word);
      text_ += " " + quoted(word);
    } else {
      const std::size_t equals = word.find('=');
      const std::string name = word.substr(0, equals);
      const Parts::Option* option = parts.find(name);
      if (option == nullptr) throw NoSuchOption(name, parts.command, parts.option_names());
      if (!seen.insert(name).second) throw UsageError(name + " is there twice: give it once");
      ordered.push_back(name);
      const std::size_t first = k;
      if (option->value.empty()) {
        if (equals != std::string::npos) throw UsageError(name + " takes no value, and got '" + word + "'");
      } else if (equals != std::string::npos) {
        ordered.push_back(word.substr(equals + 1));
      } else {
        if (k + 1 == words.size() || parts.find(words[k + 1]) != nullptr)
          throw UsageError(name + " takes a value: " + name + " " + option->value);
        ordered.push_back(words[++k]);
      }
      if (!option->value.empty() && ordered.back().empty())
        throw UsageError(name + " is empty: give a value, " + name + " " + option->value + ", or leave the option out");
      for (std::size_t w = first; option->use == Use::what && w <= k; ++w) text_ += " " + quoted(words[w]);
    }
  }
  const auto is_there = [&](const std::string& option) { return seen.contains(option); };
  const bool one_less = std::any_of(parts.optional_with.begin(), parts.optional_with.end(), is_there);
  if (arguments.size() + (one_less ? 1 : 0) <= parts.arguments.size())
    throw UsageError(command + " takes " + listed(parts.arguments) + ", and " + parts.arguments[arguments.size() - 1] +
                     " is missing (" + command + " --help says more)");
  ordered.insert(ordered.end(), arguments.begin(), arguments.end());
  return ordered;
}

void CommandLine::parse(const std::vector<std::string>& words) {
  const auto end = std::find(words.begin(), words.end(), "--");
  if (std::any_of(words.begin(), end, [](const std::string& word) { return word == "--help" || word == "-h"; }))
    throw HelpAsked{help()};
  const std::vector<std::string> ordered = check(words);
  try {
    parts_->app.parse(std::vector<std::string>(ordered.rbegin(), ordered.rend()));  // it takes them from the back
  } catch (const CLI::Error& error) {
    throw UsageError("dunlin " + parts_->command + ": " + error.what());
  }
}

std::string quoted(const std::string& word) {
  const bool plain = !word.empty() && std::all_of(word.begin(), word.end(), [](unsigned char c) {
    return std::isalnum(c) || c >= 0x80 || std::string("-_./,:=+@%").find(static_cast<char>(c)) != std::string::npos;
  });
  if (plain) return word;
  std::string text = "'";
  for (char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

std::int64_t parse_count(const std::string& option, const std::string& text, std::int64_t least, std::int64_t most) {
  std::int64_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || stop != text.data() + text.size() || number < least || number > most)
    throw UsageError(option + " is '" + text + "': give a whole number from " + std::to_string(least) + " to " +
                     std::to_string(most));
  return number;
}

std::vector<std::string> parse_names(const std::string& option, const std::string& text) {
  std::vector<std::string> names;
  std::size_t begin = 0;
  for (;;) {
    const std::size_t comma = std::min(text.find(',', begin), text.size());
    const std::size_t first = text.find_first_not_of(' ', begin), last = text.find_last_not_of(' ', comma - 1);
    names.push_back(first < comma ? text.substr(first, last + 1 - first) : "");
    if (names.back().empty())
      throw UsageError(option + " is '" + text + "': give names with one comma between them, a,b");
    if (comma == text.size()) return names;
    begin = comma + 1;
  }
}

}  // namespace dunlin
