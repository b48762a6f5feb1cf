#pragma once
// Log lines, for those who asked. The library prints nothing by itself: a `Log` without a sink drops everything.
//
//   Log log(LogLevel::info, [](LogLevel, const std::string& line) { std::cerr << "dunlin: " << line << '\n'; });
//   log.info("2 ranks x 1 thread");
//
// Threading: a sink may be called by several threads; Log calls it under a lock, one line at a time.

#include <functional>
#include <memory>
#include <string>

namespace dunlin {

enum class LogLevel { off, warning, info, debug };

class Log {
 public:
  using Sink = std::function<void(LogLevel, const std::string& line)>;
  Log();
  Log(LogLevel level, Sink sink);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  bool wants(LogLevel level) const { return level <= level_ && level != LogLevel::off; }
  void write(LogLevel level, const std::string& line) const;
  void warning(const std::string& line) const { write(LogLevel::warning, line); }
  void info(const std::string& line) const { write(LogLevel::info, line); }
  void debug(const std::string& line) const { write(LogLevel::debug, line); }

 private:
  LogLevel level_ = LogLevel::off;
  Sink sink_;
  struct Lock;
  std::unique_ptr<Lock> lock_;
};

}  // namespace dunlin
