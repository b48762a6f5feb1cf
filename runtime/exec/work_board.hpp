#pragma once
// The board from which the workers of a run take tasks, and where they sleep when there are none.
//
// A worker looks, in this order, at: its own deque (what its last tasks made ready: their inputs are still in its
// cache), the queue of its domain (what was granted, in the order of the plan), the deques and queues of the others by
// distance. Serial tasks have a queue of their own for worker 0, the lead, who also talks to the other ranks.
//
// *Sleeping.* A worker announces itself, looks once more, and sleeps until the next announcement of work; who adds work
// looks for sleepers after adding. Both sides write before they read (sequentially consistent), so no task is missed.

#include <semaphore>

#include "dunlin/exec/team.hpp"
#include "work_queue.hpp"

namespace dunlin {

class WorkBoard {
 public:
  /// At most `capacity` tasks are on the board at any time.
  WorkBoard(const Team& team, std::size_t capacity);

  /// A task that worker `worker` has made ready.
  void add_own(int worker, std::uint32_t task);
  /// Tasks that were ready when they were granted, in order: to the domains in turn. One granting thread at a time.
  void add_granted(const std::vector<std::uint32_t>& tasks);
  void add_serial(std::uint32_t task);
  std::optional<std::uint32_t> take(int worker);
  std::optional<std::uint32_t> take_serial() { return serial_.pop(); }
  /// Wakes a sleeper if there is more than `kept` tasks here for worker `worker` itself.
  void share(int worker, int kept);

  /// Sleeps until there may be work, or `is_over()`.
  template <class IsOver>
  void sleep(IsOver&& is_over) {
    const std::uint32_t seen = announcements_.load();
    sleepers_.fetch_add(1);
    if (!has_work() && !is_over()) announcements_.wait(seen);
    sleepers_.fetch_sub(1);
  }
  /// Of the lead: sleeps until called, at most `most`; not at all where `has_news()` after it has announced itself.
  template <class Duration, class HasNews>
  void lead_sleep(Duration most, HasNews&& has_news) {
    lead_sleeps_.store(true);
    const bool stay = has_work() || serial_.size() > 0 || has_news();
    const bool called = !stay && call_.try_acquire_for(most);
    // Who has taken the flag calls, or has called: the call is taken, lest it wakes a later sleep.
    if (!lead_sleeps_.exchange(false) && !called) call_.acquire();
  }
  /// Something for the lead to do.
  void call_lead() {
    if (lead_sleeps_.load() && lead_sleeps_.exchange(false)) call_.release();
  }
  void wake_all() {
    announcements_.fetch_add(1);
    announcements_.notify_all();
    call_lead();
  }
  int sleepers() const { return static_cast<int>(sleepers_.load()); }
  bool has_work() const;

 private:
  void wake(std::size_t tasks);

  const Team& team_;
  std::vector<std::unique_ptr<WorkDeque>> deques_;      // per worker
  std::vector<std::unique_ptr<OrderedQueue>> granted_;  // per domain
  std::vector<std::vector<int>> near_domains_;          // per worker, its own first
  OrderedQueue serial_;
  int next_domain_ = 0;
  alignas(64) std::atomic<std::uint32_t> announcements_{0};
  std::atomic<std::uint32_t> sleepers_{0};
  alignas(64) std::atomic<bool> lead_sleeps_{false};
  std::binary_semaphore call_{0};
};

}  // namespace dunlin
