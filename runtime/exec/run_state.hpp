#pragma once
// The bookkeeping of one run, under one lock: which items are granted, ready, done, and what memory they hold.

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <queue>
#include <vector>

#include "dunlin/exec/run.hpp"
#include "dunlin/memory/value.hpp"

namespace dunlin {

class RunState {
 public:
  explicit RunState(const RunParts& parts);

  struct Item {
    Value value;
    std::uint32_t pending = 0;  // inputs that are not there yet
    std::uint32_t uses = 0;     // consumers and sends that still need the value
    bool granted = false, poisoned = false, done = false;
    std::int64_t held = 0, held_scratch = 0;  // bytes reserved
  };

  // All below with the lock held.

  /// Grants memory in order as far as it reaches.
  void grant();
  /// Takes the earliest ready task; serial ones only for thread 0.
  std::optional<std::uint32_t> take_ready(bool thread0);
  /// An item has run, been received, or been given up (poisoned).
  void complete(std::uint32_t item);
  /// One use of an item's value is over.
  void drop_use(std::uint32_t item);
  void fail(Failure failure);
  /// No new task starts from now on.
  void stop();
  bool stopping() const { return stopping_; }
  bool finished() const { return done_ == items.size() && open_sends == 0; }

  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Item> items;
  std::deque<std::uint32_t> to_receive, to_send;  // for thread 0
  std::size_t open_sends = 0;
  int running = 0;  // tasks at work now
  std::optional<Failure> failure;
  bool raise_alarm = false;   // thread 0 has to
  std::exception_ptr broken;  // the run cannot go on: leave at once

 private:
  void make_ready(std::uint32_t item);
  void release(std::uint32_t item);
  const Layer& layer(std::uint32_t item) const { return parts_.plan.graph().layer(parts_.schedule.items[item].layer); }

  const RunParts& parts_;
  using Queue = std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, std::greater<>>;
  Queue ready_, ready_serial_;
  std::size_t next_grant_ = 0, done_ = 0;
  std::int64_t reserved_ = 0;
  bool stopping_ = false;
};

}  // namespace dunlin
