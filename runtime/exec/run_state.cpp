#include "run_state.hpp"

#include <algorithm>

namespace dunlin {

RunState::RunState(const RunParts& parts, const Team& team)
    : board(team, kWindow),
      parts_(parts),
      size_(parts.schedule.size()),
      items_(std::make_unique<Item[]>(size_)),
      hard_limit_(std::max(parts.plan.cluster().budget_bytes - parts.schedule.bookkeeping_bytes,
                           parts.schedule.planned_peak_bytes)) {
  for (std::size_t k = 0; k < size_; ++k) {
    const std::size_t uses = parts.schedule.consumers_of(k).size() + parts.schedule.sends_of(k).size() + 1;
    items_[k].pending.store(static_cast<std::uint32_t>(parts.schedule.inputs_of(k).size()) + 1,
                            std::memory_order_relaxed);
    items_[k].uses.store(static_cast<std::uint32_t>(uses), std::memory_order_relaxed);
  }
  for (int worker = 0; worker < team.workers(); ++worker) done_.push_back(std::make_unique<Done>());
  for (const LayerPtr& layer : parts.plan.graph().layers()) inexact_ = inexact_ || !layer->output().is_exact();
}

void RunState::end() {
  over_.store(true);
  parts_.counters.bytes_reserved.store(reserved_.load(), std::memory_order_relaxed);
  board.wake_all();
}

void RunState::grant() {
  // Who comes while another grants leaves word, and that one looks again.
  grant_again_.store(true);
  while (grant_again_.load() && grants_.try_lock()) {
    grant_again_.store(false);
    grant_some();
    grants_.unlock();
  }
}

/// By who holds the lock of the grants, who alone adds to what is reserved.
void RunState::grant_some() {
  const std::size_t done_before = done();
  std::int64_t added = 0;
  for (; next_grant_ < size_ && next_grant_ - done_before < kWindow; ++next_grant_) {
    const auto number = static_cast<std::uint32_t>(next_grant_);
    const Schedule::Item& planned = parts_.schedule.items[number];
    // After a failure tasks make nothing, so they need nothing; what was sent still has to be received.
    const bool needs = planned.is_receive() || !stopping();
    const std::int64_t bytes = needs ? planned.bytes : 0, scratch = needs ? planned.scratch_bytes : 0;
    if (bytes + scratch > 0 && !has_room(added + bytes + scratch)) break;
    added += bytes + scratch;
    items_[number].held = bytes;
    items_[number].held_scratch = scratch;
    if (planned.is_receive())
      granted_receives_.push_back(number);
    else if (items_[number].pending.fetch_sub(1, std::memory_order_acq_rel) == 1)
      is_serial(number) ? board.add_serial(number) : granted_tasks_.push_back(number);
  }
  if (added > 0) count_reserved(reserved_.fetch_add(added) + added);
  hand_out_grants();
}

/// Room for so many bytes more. Where there is none and nothing under way is left that could give memory back, inexact
/// values have outgrown the plan: values that are needed late are set aside, and the first in the order may overdraw up
/// to the budget.
bool RunState::has_room(std::int64_t bytes) {
  const auto fits = [&] { return reserved_.load() + bytes <= parts_.schedule.planned_peak_bytes; };
  if (fits()) return true;
  blocked_.store(true);
  const bool quiet = inexact_ && next_grant_ == done() && open_sends.load() == 0;
  if (!fits() && !quiet) return false;
  blocked_.store(false);
  if (fits() || stopping()) return true;
  if (reserved_.load() + bytes > hard_limit_) set_aside(reserved_.load() + bytes - hard_limit_);
  if (reserved_.load() + bytes <= hard_limit_) return true;
  try {
    throw OutOfBudget(reserved_.load() + bytes, hard_limit_);
  } catch (...) {
    Failure failure = current_failure();
    failure.task = static_cast<std::int64_t>(next_grant_);
    failure.layer = layer(static_cast<std::uint32_t>(next_grant_)).name();
    fail(std::move(failure));
  }
  return true;
}

/// Writes values to the local file, those needed latest first, until `bytes` are free. Nothing runs meanwhile: all that
/// was granted is done.
void RunState::set_aside(std::int64_t bytes) {
  if (!parts_.spill) return;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> late;  // next use, item
  for (std::uint32_t k = 0; k < next_grant_; ++k) {
    if (items_[k].held == 0 || items_[k].value.empty() || parts_.schedule.items[k].retained) continue;
    std::uint32_t next = ~std::uint32_t{0};
    for (std::uint32_t consumer : parts_.schedule.consumers_of(k))
      if (consumer >= next_grant_) next = std::min(next, consumer);
    if (next > next_grant_) late.emplace_back(next, k);
  }
  std::sort(late.rbegin(), late.rend());
  std::int64_t freed = 0;
  for (const auto& [next, number] : late) {
    if (freed >= bytes) break;
    Item& item = items_[number];
    freed += item.held;
    item.aside = write_aside(item.value);
    item.ops = item.value.is_object() ? &item.value.ops() : nullptr;
    item.value = Value();
    reserve_exactly(number, 0);
    if (parts_.hooks && !parts_.schedule.items[number].is_parcel())
      parts_.hooks->evicted(layer(number),
                            layer(number).output().grid.at(ChunkOrdinal{parts_.schedule.items[number].chunk}));
  }
}

SpilledBytes RunState::write_aside(const Value& value) {
  Buffer written;
  if (value.is_object()) {
    written = parts_.pool.allocate(value.size());
    value.ops().write(value.get(), written.bytes());
  }
  const std::span<const std::byte> bytes = value.is_object() ? std::as_const(written).bytes() : value.bytes();
  parts_.counters.bytes_spilled.fetch_add(static_cast<std::int64_t>(bytes.size()), std::memory_order_relaxed);
  parts_.counters.spill_written.fetch_add(static_cast<std::int64_t>(bytes.size()), std::memory_order_relaxed);
  return parts_.spill->write(bytes);
}

const Value& RunState::value_of(std::uint32_t number) {
  Item& item = items_[number];
  if (!parts_.spill) return item.value;
  const std::lock_guard lock(aside_mutex_);
  if (item.aside.empty()) return item.value;
  const auto size = static_cast<std::int64_t>(item.aside.size());
  if (reserved_.load() + size > hard_limit_) throw OutOfBudget(reserved_.load() + size, hard_limit_);
  Buffer buffer = parts_.pool.allocate(static_cast<std::size_t>(size));
  item.aside.read(buffer.bytes());
  item.value = item.ops ? Value::object(item.ops->read(buffer.bytes()), *item.ops) : Value(std::move(buffer));
  item.aside = {};
  reserve_exactly(number, size);
  parts_.counters.bytes_spilled.fetch_sub(size, std::memory_order_relaxed);
  parts_.counters.spill_read.fetch_add(size, std::memory_order_relaxed);
  return item.value;
}

void RunState::count_reserved(std::int64_t now) {
  parts_.counters.bytes_reserved.store(now, std::memory_order_relaxed);
  if (now > parts_.counters.peak_bytes_reserved.load(std::memory_order_relaxed))
    parts_.counters.peak_bytes_reserved.store(now, std::memory_order_relaxed);
}

void RunState::hand_out_grants() {
  if (!granted_tasks_.empty()) board.add_granted(granted_tasks_);
  granted_tasks_.clear();
  if (granted_receives_.empty()) return;
  talk_.lock();
  to_receive_.insert(to_receive_.end(), granted_receives_.begin(), granted_receives_.end());
  has_talk_.store(true);
  talk_.unlock();
  granted_receives_.clear();
  board.call_lead();
}

bool RunState::is_serial(std::uint32_t item) const {
  return parts_.schedule.items[item].is_task() && layer(item).kernel()->serial();
}

std::size_t RunState::done() const {
  std::size_t done = 0;
  for (const auto& worker : done_) done += worker->items.load();
  return done;
}

void RunState::make_ready(std::uint32_t item, int worker) {
  is_serial(item) ? board.add_serial(item) : board.add_own(worker, item);
}

void RunState::release(std::uint32_t number) {
  Item& item = items_[number];
  item.value = Value();
  item.aside = {};
  if (item.held == 0 || parts_.schedule.items[number].retained) return;
  reserved_.fetch_sub(item.held);
  item.held = 0;
}

void RunState::drop_use(std::uint32_t item) {
  if (items_[item].uses.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  release(item);
  if (parts_.hooks && !parts_.schedule.items[item].is_parcel() && layer(item).has_output())
    parts_.hooks->released(layer(item), layer(item).output().grid.at(ChunkOrdinal{parts_.schedule.items[item].chunk}));
}

void RunState::reserve_exactly(std::uint32_t number, std::int64_t bytes) {
  Item& item = items_[number];
  reserved_.fetch_add(bytes - item.held);
  item.held = bytes;
}

void RunState::complete(std::uint32_t number, int worker, bool within_task) {
  const Schedule& schedule = parts_.schedule;
  Item& item = items_[number];
  if (item.held_scratch > 0) {
    reserved_.fetch_sub(item.held_scratch);
    item.held_scratch = 0;
  }
  for (std::uint32_t input : schedule.inputs_of(number)) drop_use(input);
  if (const auto sends = schedule.sends_of(number); !sends.empty()) {
    open_sends.fetch_add(static_cast<std::int64_t>(sends.size()), std::memory_order_relaxed);
    talk_.lock();
    to_send_.push_back(number);
    has_talk_.store(true);
    talk_.unlock();
    if (worker != 0) board.call_lead();
  }
  for (std::uint32_t consumer : schedule.consumers_of(number))
    if (items_[consumer].pending.fetch_sub(1, std::memory_order_acq_rel) == 1) make_ready(consumer, worker);
  drop_use(number);
  if (schedule.items[number].is_task()) parts_.counters.tasks_done.fetch_add(1, std::memory_order_relaxed);
  Done& mine = *done_[worker];
  const std::size_t items = mine.items.load(std::memory_order_relaxed) + 1;
  mine.items.store(items);
  board.share(worker, within_task ? 0 : 1);
  if (blocked_.load() || items % kGrantEvery == 0) grant();
}

void RunState::take_talk(std::vector<std::uint32_t>& receive, std::vector<std::uint32_t>& send) {
  if (!has_talk()) return;
  talk_.lock();
  has_talk_.store(false);
  receive.insert(receive.end(), to_receive_.begin(), to_receive_.end());
  send.insert(send.end(), to_send_.begin(), to_send_.end());
  to_receive_.clear();
  to_send_.clear();
  talk_.unlock();
}

void RunState::fail(Failure now) {
  {
    const std::lock_guard lock(failure_mutex);
    if (!failure || now.task < failure->task) failure = std::move(now);
  }
  raise_alarm_.store(true);
  stop();
}

void RunState::stop() {
  stopping_.store(true);
  grant();
  board.wake_all();
}

}  // namespace dunlin
