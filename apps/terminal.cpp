#include "terminal.hpp"

#include <errno.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <new>

namespace dunlin {

OutputLost::OutputLost(const std::string& reason)
    : StorageError("cannot write to standard output: " + reason + ": send it where there is room") {}

void print(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
    throw OutputLost(std::strerror(errno));
}

void print_error(const std::string& sentence) {
  const std::string line = "dunlin: " + one_line(sentence) + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
  std::fflush(stderr);
}

std::string one_line(const std::string& text) {
  std::string line;
  for (unsigned char c : text) {
    if (c == '\n' || c == '\t')
      line += ' ';
    else if (c < 0x20 || c == 0x7f)
      line += '?';
    else
      line += static_cast<char>(c);
  }
  return line;
}

std::string sentence_of(const std::exception& error) {
  if (dynamic_cast<const UserError*>(&error) || dynamic_cast<const InternalError*>(&error)) return error.what();
  if (dynamic_cast<const std::bad_alloc*>(&error))
    return "the system refused memory: give a smaller --memory, or more ranks on more nodes";
  return std::string(error.what()) + " (a bug of Dunlin: please report it)";
}

std::shared_ptr<const Log> stderr_log(LogLevel level) {
  const bool wipe = stderr_is_terminal();  // a progress bar may stand on the line
  return std::make_shared<const Log>(level, [wipe](LogLevel at, const std::string& line) {
    const std::string text =
        std::string(wipe ? "\r\033[K" : "") + (at == LogLevel::warning ? "warning: " : "") + one_line(line) + "\n";
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
  });
}

bool stderr_is_terminal() { return ::isatty(STDERR_FILENO) == 1; }

int stderr_columns() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 100;
}

}  // namespace dunlin
