#include "dunlin/exec/run.hpp"

#include <chrono>
#include <unordered_map>
#include <utility>

#include "run_state.hpp"

namespace dunlin {
namespace {

class Worker {
 public:
  Worker(const RunParts& parts, RunState& state) : parts_(parts), state_(state) {
    if (!parts.trace.enabled()) return;
    // The plan's layers end with the run, a trace is read after it.
    for (const LayerPtr& layer : parts.plan.graph().layers()) names_.push_back(parts.trace.keep(layer->name()));
  }

  /// The loop of threads other than 0.
  void work(int thread) {
    guarded([&] {
      std::unique_lock lock(state_.mutex);
      while (!state_.broken && !state_.finished()) {
        if (const auto item = state_.take_ready(false))
          carry_out(*item, thread, lock);
        else
          state_.changed.wait(lock);
      }
    });
  }

  /// The loop of thread 0: messages first, then a task.
  void lead() {
    guarded([&] {
      while (!step()) {}
    });
  }

 private:
  /// What escapes a loop ends the run on this rank.
  template <class Loop>
  void guarded(Loop&& loop) {
    try {
      loop();
    } catch (...) {
      const std::lock_guard lock(state_.mutex);
      if (!state_.broken) state_.broken = std::current_exception();
    }
    state_.changed.notify_all();
  }

  /// Runs a task that was taken, without the lock, and books it.
  void carry_out(std::uint32_t item, int thread, std::unique_lock<std::mutex>& lock) {
    ++state_.running;
    lock.unlock();
    const bool made = run_task(item, thread);
    lock.lock();
    --state_.running;
    if (!made) state_.items[item].poisoned = true;
    state_.complete(item);
  }

  /// True at the end.
  bool step() {
    talk();
    std::unique_lock lock(state_.mutex);
    if (parts_.stop && parts_.stop->load(std::memory_order_relaxed) && !state_.stopping())
      state_.fail({.code = ErrorCode::stopped, .text = "stopped on request"});
    if (state_.broken || state_.finished()) return true;
    if (const auto item = state_.take_ready(true)) {
      carry_out(*item, 0, lock);
    } else if (state_.to_receive.empty() && state_.to_send.empty() && !state_.raise_alarm) {
      // With messages under way, look again soon; without, when another thread has something to say.
      const bool waiting = !requests_.empty() || !postponed_.empty();
      state_.changed.wait_for(lock, std::chrono::microseconds(waiting ? 50 : 2000));
    }
    return false;
  }

  /// Posts what is to be sent and received and takes in what has come.
  void talk() {
    std::deque<std::uint32_t> receive = std::exchange(postponed_, {}), send;
    bool alarm = false;
    {
      const std::lock_guard lock(state_.mutex);
      receive.insert(receive.end(), state_.to_receive.begin(), state_.to_receive.end());
      state_.to_receive.clear();
      send.swap(state_.to_send);
      std::swap(alarm, state_.raise_alarm);
    }
    if (alarm) parts_.transport.raise_alarm();
    for (std::uint32_t item : receive) post_receive(item);
    for (std::uint32_t item : send) post_sends(item);
    if (parts_.transport.size() == 1) return;
    done_.clear();
    parts_.transport.poll(done_);
    const std::lock_guard lock(state_.mutex);
    if (parts_.transport.alarmed() && !state_.stopping()) state_.stop();
    for (const Completion& completion : done_) take_in(completion);
    if (!done_.empty()) {
      state_.grant();
      state_.changed.notify_all();
    }
  }

  void post_receive(std::uint32_t number) {
    const Schedule::Item& planned = parts_.schedule.items[number];
    Buffer buffer;
    try {
      buffer = parts_.pool.allocate(static_cast<std::size_t>(planned.bytes));
    } catch (const std::bad_alloc&) {
      const std::lock_guard lock(state_.mutex);
      if (!state_.stopping()) fail_with_current(number);
      // The edge has to be completed all the same: again when others have given memory back, if any are under way.
      if (requests_.empty() && state_.running == 0) throw;
      postponed_.push_back(number);
      return;
    }
    const RequestId request = parts_.transport.receive(planned.peer, planned.edge, buffer.bytes());
    requests_[request] = {number, true};
    const std::lock_guard lock(state_.mutex);
    state_.items[number].value = Value(std::move(buffer));
  }

  void post_sends(std::uint32_t number) {
    RunState::Item& item = state_.items[number];  // its value stands still while sends use it
    const auto planned = static_cast<std::size_t>(parts_.schedule.items[number].bytes);
    const std::span<const std::byte> bytes = item.poisoned ? std::span<const std::byte>() : item.value.bytes();
    for (const Schedule::Send& send : parts_.schedule.sends_of(number))
      requests_[parts_.transport.send(send.peer, send.edge, bytes, planned)] = {number, false};
  }

  void take_in(const Completion& completion) {
    const auto found = requests_.find(completion.request);
    require(found != requests_.end(), "a transport names only requests that it was given");
    const auto [number, is_receive] = found->second;
    requests_.erase(found);
    if (is_receive) {
      parts_.counters.bytes_received.fetch_add(static_cast<std::int64_t>(completion.bytes), std::memory_order_relaxed);
      if (completion.bytes == 0) {
        state_.items[number].poisoned = true;
        state_.stop();
      }
      state_.complete(number);
    } else {
      parts_.counters.bytes_sent.fetch_add(static_cast<std::int64_t>(completion.bytes), std::memory_order_relaxed);
      parts_.counters.messages_sent.fetch_add(1, std::memory_order_relaxed);
      --state_.open_sends;
      state_.drop_use(number);
    }
  }

  /// False where the task yields nothing: it failed, or nothing is started any more (as where an input is poisoned).
  bool run_task(std::uint32_t number, int thread) {
    std::vector<ChunkView> inputs;
    {
      const std::lock_guard lock(state_.mutex);
      if (state_.stopping()) return false;
      for (std::uint32_t input : parts_.schedule.inputs_of(number)) {
        const Schedule::Item& from = parts_.schedule.items[input];
        inputs.push_back({layer(from.layer).output().grid, ChunkOrdinal{from.chunk}, state_.items[input].value});
      }
    }
    const Schedule::Item& planned = parts_.schedule.items[number];
    const Layer& of = layer(planned.layer);
    try {
      SpanTimer timer(&parts_.trace, thread, names_.empty() ? "" : names_[planned.layer], to_string(of.kind()));
      Buffer output;
      if (planned.bytes > 0) output = parts_.pool.allocate(static_cast<std::size_t>(planned.bytes));
      TaskCounts counts;
      of.kernel()->run(
          {of.output().grid.at(ChunkOrdinal{planned.chunk}), inputs, output.bytes(), &parts_.pool, &counts});
      timer.bytes(planned.bytes);
      count(of, planned, counts);
      const std::lock_guard lock(state_.mutex);
      state_.items[number].value = Value(std::move(output));
      return true;
    } catch (...) {
      const std::lock_guard lock(state_.mutex);
      fail_with_current(number);
      return false;
    }
  }

  void count(const Layer& of, const Schedule::Item& planned, const TaskCounts& counts) {
    Counters& counters = parts_.counters;
    counters.bytes_read.fetch_add(counts.stored_read, std::memory_order_relaxed);
    counters.bytes_written.fetch_add(counts.stored_written, std::memory_order_relaxed);
    if (of.kind() == LayerKind::source) counters.bytes_decoded.fetch_add(planned.bytes, std::memory_order_relaxed);
    if (of.kind() == LayerKind::sink)
      counters.bytes_encoded.fetch_add(of.output().bytes(of.output().grid.at(ChunkOrdinal{planned.chunk})),
                                       std::memory_order_relaxed);
  }

  /// Records the exception at hand as the failure of an item.
  void fail_with_current(std::uint32_t number) {
    const Schedule::Item& planned = parts_.schedule.items[number];
    const Layer& of = layer(planned.layer);
    Failure failure = current_failure();
    failure.task = number;
    failure.layer = of.name();
    failure.chunk = to_string(of.output().grid.at(ChunkOrdinal{planned.chunk}));
    state_.fail(std::move(failure));
  }

  const Layer& layer(int ordinal) const { return parts_.plan.graph().layer(ordinal); }

  struct Request {
    std::uint32_t item;
    bool is_receive;
  };
  const RunParts& parts_;
  RunState& state_;
  std::vector<const char*> names_;  // of the layers, for the trace; empty where nothing is traced
  // Thread 0 only:
  std::unordered_map<RequestId, Request> requests_;
  std::deque<std::uint32_t> postponed_;  // receives that found no memory
  std::vector<Completion> done_;
};

}  // namespace

std::optional<Failure> run_schedule(const RunParts& parts) {
  parts.counters.tasks_planned.fetch_add(parts.schedule.tasks, std::memory_order_relaxed);
  RunState state(parts);
  Worker worker(parts, state);
  {
    const std::lock_guard lock(state.mutex);
    state.grant();
  }
  parts.executor.host([&](int thread) {
    if (thread == 0)
      worker.lead();
    else
      worker.work(thread);
  });
  if (state.broken) std::rethrow_exception(state.broken);
  if (state.raise_alarm) parts.transport.raise_alarm();
  return std::move(state.failure);
}

}  // namespace dunlin
