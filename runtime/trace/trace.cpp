#include "dunlin/trace/trace.hpp"

#include <algorithm>
#include <chrono>

namespace dunlin {
namespace {

constexpr std::int64_t kSampleNs = 5'000'000;

CounterSample sample_of(const Counters& counters, std::int64_t now_ns) {
  return {now_ns, counters.bytes_read.load(std::memory_order_relaxed),
          counters.bytes_written.load(std::memory_order_relaxed),
          counters.bytes_reserved.load(std::memory_order_relaxed)};
}

template <class Clock>
std::int64_t nanoseconds_of() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now().time_since_epoch()).count();
}

}  // namespace

Trace::Trace()
    : steady_start_ns_(nanoseconds_of<std::chrono::steady_clock>()),
      wall_start_ns_(nanoseconds_of<std::chrono::system_clock>()) {}

void Trace::enable(int threads, const Counters* counters) {
  events_.resize(std::max(events_.size(), static_cast<std::size_t>(std::max(threads, 0))));
  samples_.resize(events_.size());
  counters_ = counters;
  enabled_ = true;
}

void Trace::sample(int thread, std::int64_t now_ns) {
  Samples& samples = samples_[static_cast<std::size_t>(thread)];
  samples.due_ns = now_ns + kSampleNs;
  samples.taken.push_back(sample_of(*counters_, now_ns));
}

std::vector<CounterSample> Trace::samples() const {
  std::vector<CounterSample> all;
  if (!counters_) return all;
  for (const Samples& samples : samples_) all.insert(all.end(), samples.taken.begin(), samples.taken.end());
  std::sort(all.begin(), all.end(),
            [](const CounterSample& a, const CounterSample& b) { return a.time_ns < b.time_ns; });
  all.push_back(sample_of(*counters_, std::max(now_ns(), all.empty() ? 0 : all.back().time_ns)));
  return all;
}

std::int64_t Trace::now_ns() const { return nanoseconds_of<std::chrono::steady_clock>() - steady_start_ns_; }

const char* Trace::keep(const std::string& name) {
  names_.push_back(std::make_unique<std::string>(name));
  return names_.back()->c_str();
}

}  // namespace dunlin
