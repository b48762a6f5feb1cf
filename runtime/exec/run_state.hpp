#pragma once
// The bookkeeping of one run: which items are granted, ready and done, and what memory they hold.
//
// An item waits for its inputs and for its *grant*. Grants are given strictly in the order of the schedule, by
// whichever worker holds the lock of the grants: memory for the item is reserved, and it becomes one of at most kWindow
// that are granted and not done. Who makes the last thing an item waits for puts it on the board.
//
//   pending   inputs that are not there yet, and the grant
//   uses      consumers and sends that still need the value, and its own completion
//
// Values of inexact layers are reserved by what was expected and counted by what they have; while they take more than
// planned, nothing is granted but to the first item in the order, alone, up to the budget; beyond that values that are
// needed latest are set aside in a local file and read back by who needs them.

#include <mutex>

#include "dunlin/exec/run.hpp"
#include "dunlin/memory/spill.hpp"
#include "dunlin/memory/value.hpp"
#include "work_board.hpp"

namespace dunlin {

class RunState {
 public:
  /// Items granted and not done at one time: enough for any number of threads, few enough for posted receives.
  static constexpr std::size_t kWindow = 4096;

  struct Item {
    Value value;
    std::atomic<std::uint32_t> pending{0}, uses{0};
    std::int64_t held = 0, held_scratch = 0;  // bytes reserved
    bool poisoned = false;
    SpilledBytes aside;             // instead of the value, while memory is short
    const ValueOps* ops = nullptr;  // of an object that is set aside
  };

  RunState(const RunParts& parts, const Team& team);

  /// Grants as far as memory and window reach. Any thread.
  void grant();
  /// An item has run, been received, or been given up (poisoned): `worker` (who may be within another task) says so.
  void complete(std::uint32_t item, int worker, bool within_task = false);
  /// One use of an item's value is over.
  void drop_use(std::uint32_t item);
  /// Corrects the reservation of an item whose size only the run tells.
  void reserve_exactly(std::uint32_t item, std::int64_t bytes);

  void fail(Failure failure);
  /// Fails where the user has asked for an end.
  void look_at_stop() {
    if (parts_.stop && parts_.stop->load(std::memory_order_relaxed) && !stopping())
      fail({.code = ErrorCode::stopped, .text = "stopped on request"});
  }
  /// No new task starts from now on.
  void stop();
  bool stopping() const { return stopping_.load(std::memory_order_relaxed); }
  /// Every item is done (their sends may be under way).
  bool all_done() const { return done() == size_; }
  /// The run is over, for whatever reason: workers leave.
  void end();
  bool over() const { return over_.load(); }
  /// What the lead has to post, taken from the state.
  void take_talk(std::vector<std::uint32_t>& receive, std::vector<std::uint32_t>& send);
  bool has_talk() const { return has_talk_.load(); }
  /// True, once, where the other ranks have to be told of a failure here.
  bool take_alarm() { return raise_alarm_.load(std::memory_order_relaxed) && raise_alarm_.exchange(false); }

  /// An item's value, read back if it was set aside. Any worker.
  const Value& value_of(std::uint32_t item);
  Item& operator[](std::uint32_t item) { return items_[item]; }
  std::size_t size() const { return size_; }

  WorkBoard board;
  std::atomic<std::int64_t> open_sends{0};
  std::mutex failure_mutex;
  std::optional<Failure> failure;
  std::exception_ptr broken;  // the run cannot go on

 private:
  static constexpr std::size_t kGrantEvery = 64;  // completions of a worker, to keep the window full
  void grant_some();
  bool has_room(std::int64_t bytes);
  void set_aside(std::int64_t bytes);
  SpilledBytes write_aside(const Value& value);
  void count_reserved(std::int64_t now);
  void hand_out_grants();
  bool is_serial(std::uint32_t item) const;
  void make_ready(std::uint32_t item, int worker);
  void release(std::uint32_t item);
  std::size_t done() const;
  const Layer& layer(std::uint32_t item) const { return parts_.plan.graph().layer(parts_.schedule.items[item].layer); }

  const RunParts& parts_;
  const std::size_t size_;
  std::unique_ptr<Item[]> items_;

  SpinLock grants_;
  std::size_t next_grant_ = 0;                                   // by who holds grants_, as
  std::vector<std::uint32_t> granted_tasks_, granted_receives_;  // these
  const std::int64_t hard_limit_;
  bool inexact_ = false;  // some sizes are told by the run alone
  alignas(64) std::atomic<std::int64_t> reserved_{0};
  std::atomic<bool> blocked_{false}, grant_again_{false};

  struct alignas(64) Done {
    std::atomic<std::size_t> items{0};
  };
  std::vector<std::unique_ptr<Done>> done_;  // per worker

  std::mutex aside_mutex_;
  SpinLock talk_;
  std::vector<std::uint32_t> to_receive_, to_send_;
  std::atomic<bool> has_talk_{false}, stopping_{false}, over_{false}, raise_alarm_{false};
};

}  // namespace dunlin
