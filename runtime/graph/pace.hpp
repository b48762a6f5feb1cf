#pragma once
// When a long kernel gives the run its moment: after about 100 µs of work by its own count.

#include <cstdint>

#include "dunlin/graph/kernel.hpp"

namespace dunlin {

class Pace {
 public:
  explicit Pace(const TaskRun& task) : task_(task) {}
  /// Counts work of about so many nanoseconds, and polls where enough came together. A comparison where it did not.
  void did(double nanoseconds) {
    since_ += nanoseconds;
    if (since_ < kBetween) return;
    since_ = 0;
    task_.poll();
  }

 private:
  static constexpr double kBetween = 100'000;
  const TaskRun& task_;
  double since_ = 0;
};

}  // namespace dunlin
