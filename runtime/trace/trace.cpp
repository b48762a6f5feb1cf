#include "dunlin/trace/trace.hpp"

#include <algorithm>
#include <chrono>

namespace dunlin {
namespace {

template <class Clock>
std::int64_t nanoseconds_of() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now().time_since_epoch()).count();
}

}  // namespace

Trace::Trace()
    : steady_start_ns_(nanoseconds_of<std::chrono::steady_clock>()),
      wall_start_ns_(nanoseconds_of<std::chrono::system_clock>()) {}

void Trace::enable(int threads) {
  events_.resize(std::max(events_.size(), static_cast<std::size_t>(std::max(threads, 0))));
  enabled_ = true;
}

std::int64_t Trace::now_ns() const { return nanoseconds_of<std::chrono::steady_clock>() - steady_start_ns_; }

const char* Trace::keep(const std::string& name) {
  names_.push_back(std::make_unique<std::string>(name));
  return names_.back()->c_str();
}

}  // namespace dunlin
