#pragma once
// What people see: results on standard output, everything else on standard error.
//
//   dunlin: no such file: x.nc            an error, always one line, the only lines that begin so
//   warning: left out 'notes' of x.nc …   log lines carry no name, a warning says that it is one

#include <memory>
#include <string>

#include "dunlin/base/error.hpp"
#include "dunlin/trace/log.hpp"

namespace dunlin {

/// Standard output cannot be written.
struct OutputLost : StorageError {
  explicit OutputLost(const std::string& reason);
};

/// Writes to standard output and flushes it. Throws OutputLost.
void print(const std::string& text);
/// One line on standard error.
void print_error(const std::string& sentence);
/// The text on one line and without control characters: names out of files must not steer a terminal.
std::string one_line(const std::string& text);

/// What an exception says to the user.
std::string sentence_of(const std::exception& error);

/// A log to standard error, up to a level.
std::shared_ptr<const Log> stderr_log(LogLevel level);
/// True where standard error is a terminal; its width in characters, 100 where it does not tell.
bool stderr_is_terminal();
int stderr_columns();

}  // namespace dunlin
