#include "messenger.hpp"

#include <chrono>

namespace dunlin {
namespace {

constexpr std::int64_t kPollEveryNs = 20'000;

std::int64_t now_ns() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

}  // namespace

void Messenger::poll() {
  if (parts_.transport.size() == 1 || now_ns() - last_talk_ns_ < kPollEveryNs) return;
  talk();
}

void Messenger::talk() {
  if (parts_.transport.size() == 1) return;
  if (state_.take_alarm()) parts_.transport.raise_alarm();
  send_.clear();
  state_.take_talk(receive_, send_);
  for (const auto& [item, bytes] : std::exchange(postponed_, {})) post_body(item, bytes);
  // In the order of the plan: while one waits for memory, none behind it is posted (transport.hpp).
  std::size_t posted = 0;
  while (posted < receive_.size() && postponed_.empty()) post_receive(receive_[posted++]);
  receive_.erase(receive_.begin(), receive_.begin() + static_cast<std::ptrdiff_t>(posted));
  for (std::uint32_t item : send_) post_sends(item);
  done_.clear();
  parts_.transport.poll(done_);
  if (parts_.transport.alarmed() && !state_.stopping()) state_.stop();
  for (const Completion& completion : done_) take_in(completion);
  if (!done_.empty()) state_.grant();
  last_talk_ns_ = now_ns();
}

void Messenger::post_receive(std::uint32_t number) {
  const Schedule::Item& planned = parts_.schedule.items[number];
  if (is_exact(number)) return post_body(number, planned.bytes);
  Request request{number, true, true, std::make_unique<std::int64_t>(0), {}};
  const auto bytes = std::as_writable_bytes(std::span(request.size.get(), 1));
  requests_[parts_.transport.receive(planned.peer, planned.edge, bytes)] = std::move(request);
}

void Messenger::post_body(std::uint32_t number, std::int64_t bytes) {
  const Schedule::Item& planned = parts_.schedule.items[number];
  Buffer buffer;
  try {
    buffer = parts_.pool.allocate(static_cast<std::size_t>(bytes));
  } catch (const std::bad_alloc&) {
    if (!state_.stopping()) {
      Failure failure = current_failure();
      failure.task = number;
      failure.layer = layer(number).name();
      state_.fail(std::move(failure));
    }
    // The edge has to be completed all the same: again when others have given memory back, if any are under way.
    if (requests_.empty() && state_.board.sleepers() + 1 >= parts_.executor.threads()) throw;
    postponed_.emplace_back(number, bytes);
    return;
  }
  const std::int64_t edge = planned.edge + (is_exact(number) ? 0 : 1);
  const RequestId request = parts_.transport.receive(planned.peer, edge, buffer.bytes());
  requests_[request] = {number, true, false, {}, {}};
  state_[number].value = Value(std::move(buffer));
}

void Messenger::post_sends(std::uint32_t number) {
  const RunState::Item& item = state_[number];  // its value stands still while sends use it
  for (const Schedule::Send& send : parts_.schedule.sends_of(number)) {
    Buffer written;
    if (!item.poisoned && item.value.is_object()) {
      written = parts_.pool.allocate(item.value.size());
      item.value.ops().write(item.value.get(), written.bytes());
    }
    post_send(number, send, std::move(written));
  }
}

void Messenger::post_send(std::uint32_t number, const Schedule::Send& send, Buffer written) {
  Transport& transport = parts_.transport;
  const RunState::Item& item = state_[number];
  const std::span<const std::byte> bytes = item.poisoned     ? std::span<const std::byte>()
                                           : written.empty() ? item.value.bytes()
                                                             : std::as_const(written).bytes();
  if (is_exact(number)) {
    const Schedule::Item& planned = parts_.schedule.items[number];
    std::int64_t planned_bytes = planned.bytes;
    if (planned_bytes == 0 && !planned.is_parcel())
      planned_bytes = layer(number).output().bytes(layer(number).output().grid.at(ChunkOrdinal{planned.chunk}));
    requests_[transport.send(send.peer, send.edge, bytes, static_cast<std::size_t>(planned_bytes))] = {
        number, false, false, {}, {}};
    return;
  }
  Request size{number, false, true, std::make_unique<std::int64_t>(static_cast<std::int64_t>(bytes.size())), {}};
  const auto message = std::as_bytes(std::span(size.size.get(), 1));
  const bool body = !item.poisoned && !bytes.empty();
  // Without a body the size is the message whose end is the send's.
  size.is_size = body;
  requests_[transport.send(send.peer, send.edge, item.poisoned ? std::span<const std::byte>() : message,
                           message.size())] = std::move(size);
  if (body)
    requests_[transport.send(send.peer, send.edge + 1, bytes, bytes.size())] = {
        number, false, false, {}, std::move(written)};
}

void Messenger::take_in(const Completion& completion) {
  const auto found = requests_.find(completion.request);
  require(found != requests_.end(), "a transport names only requests that it was given");
  const Request request = std::move(found->second);
  requests_.erase(found);
  auto& counters = parts_.counters;
  if (request.is_receive) {
    counters.bytes_received.fetch_add(static_cast<std::int64_t>(completion.bytes), std::memory_order_relaxed);
    if (request.is_size) return take_size(request.item, completion, *request.size);
    if (completion.bytes == 0) return poison(request.item);
    return received(request.item);
  }
  counters.bytes_sent.fetch_add(static_cast<std::int64_t>(completion.bytes), std::memory_order_relaxed);
  counters.messages_sent.fetch_add(1, std::memory_order_relaxed);
  if (request.is_size) return;
  state_.open_sends.fetch_sub(1, std::memory_order_relaxed);
  state_.drop_use(request.item);
}

void Messenger::take_size(std::uint32_t number, const Completion& completion, std::int64_t size) {
  if (completion.bytes == 0) return poison(number);
  state_.reserve_exactly(number, size);
  if (size > 0) return post_body(number, size);
  state_[number].value = Value(parts_.pool.allocate(0));
  state_.complete(number, 0, within_task_);
}

void Messenger::poison(std::uint32_t number) {
  state_[number].poisoned = true;
  state_.stop();
  state_.complete(number, 0, within_task_);
}

const ValueOps* Messenger::ops_of(std::uint32_t number) const {
  const Layer& of = layer(number);
  return of.kernel()->ops(of.output().grid.at(ChunkOrdinal{parts_.schedule.items[number].chunk}));
}

void Messenger::received(std::uint32_t number) {
  RunState::Item& item = state_[number];
  if (const ValueOps* ops = parts_.schedule.items[number].is_parcel() ? nullptr : ops_of(number)) try {
      item.value = Value::object(ops->read(item.value.bytes()), *ops);
      state_.reserve_exactly(number, static_cast<std::int64_t>(item.value.size()));
    } catch (...) {
      Failure failure = current_failure();
      failure.task = number;
      failure.layer = layer(number).name();
      state_.fail(std::move(failure));
      item.poisoned = true;
    }
  state_.complete(number, 0, within_task_);
}

}  // namespace dunlin
