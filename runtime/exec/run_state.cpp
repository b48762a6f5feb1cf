#include "run_state.hpp"

#include <algorithm>

namespace dunlin {

RunState::RunState(const RunParts& parts) : items(parts.schedule.size()), parts_(parts) {
  for (std::size_t k = 0; k < items.size(); ++k) {
    items[k].pending = static_cast<std::uint32_t>(parts.schedule.inputs_of(k).size());
    const std::size_t sends = parts.schedule.sends_of(k).size();
    items[k].uses = static_cast<std::uint32_t>(parts.schedule.consumers_of(k).size() + sends);
    open_sends += sends;
  }
}

void RunState::grant() {
  for (; next_grant_ < items.size(); ++next_grant_) {
    const auto number = static_cast<std::uint32_t>(next_grant_);
    const Schedule::Item& planned = parts_.schedule.items[number];
    // After a failure tasks make nothing, so they need nothing; what was sent still has to be received.
    const bool needs = planned.is_receive() || !stopping_;
    const std::int64_t bytes = needs ? planned.bytes : 0, scratch = needs ? planned.scratch_bytes : 0;
    if (reserved_ + bytes + scratch > parts_.schedule.planned_peak_bytes) break;
    reserved_ += bytes + scratch;
    Item& item = items[number];
    item.granted = true;
    item.held = bytes;
    item.held_scratch = scratch;
    if (planned.is_receive())
      to_receive.push_back(number);
    else if (item.pending == 0)
      make_ready(number);
  }
  parts_.counters.bytes_reserved.store(reserved_, std::memory_order_relaxed);
  if (reserved_ > parts_.counters.peak_bytes_reserved.load(std::memory_order_relaxed))
    parts_.counters.peak_bytes_reserved.store(reserved_, std::memory_order_relaxed);
}

void RunState::make_ready(std::uint32_t item) { (layer(item).kernel()->serial() ? ready_serial_ : ready_).push(item); }

std::optional<std::uint32_t> RunState::take_ready(bool thread0) {
  Queue* from = !ready_.empty() ? &ready_ : nullptr;
  if (thread0 && !ready_serial_.empty() && (!from || ready_serial_.top() < from->top())) from = &ready_serial_;
  if (!from) return std::nullopt;
  const std::uint32_t item = from->top();
  from->pop();
  return item;
}

void RunState::release(std::uint32_t item) {
  items[item].value = Value();
  reserved_ -= items[item].held;
  items[item].held = 0;
}

void RunState::drop_use(std::uint32_t item) {
  if (--items[item].uses == 0 && items[item].done) release(item);
}

void RunState::complete(std::uint32_t number) {
  Item& item = items[number];
  item.done = true;
  ++done_;
  reserved_ -= item.held_scratch;
  item.held_scratch = 0;
  for (std::uint32_t input : parts_.schedule.inputs_of(number)) drop_use(input);
  if (item.uses == 0) release(number);
  if (!parts_.schedule.sends_of(number).empty()) to_send.push_back(number);
  for (std::uint32_t consumer : parts_.schedule.consumers_of(number))
    if (--items[consumer].pending == 0 && items[consumer].granted) make_ready(consumer);
  if (!parts_.schedule.items[number].is_receive()) parts_.counters.tasks_done.fetch_add(1, std::memory_order_relaxed);
  grant();
  changed.notify_all();
}

void RunState::fail(Failure now) {
  if (!failure || now.task < failure->task) failure = std::move(now);
  raise_alarm = true;
  stop();
}

void RunState::stop() {
  stopping_ = true;
  changed.notify_all();
}

}  // namespace dunlin
