#include "dunlin/trace/log.hpp"

#include <mutex>
#include <utility>

namespace dunlin {

struct Log::Lock {
  std::mutex mutex;
};

Log::Log() : lock_(std::make_unique<Lock>()) {}

Log::Log(LogLevel level, Sink sink)
    : level_(sink ? level : LogLevel::off), sink_(std::move(sink)), lock_(std::make_unique<Lock>()) {}

Log::~Log() = default;

void Log::write(LogLevel level, const std::string& line) const {
  if (!wants(level)) return;
  std::lock_guard lock(lock_->mutex);
  sink_(level, line);
}

}  // namespace dunlin
