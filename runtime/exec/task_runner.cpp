#include "task_runner.hpp"

#include <algorithm>

#include "dunlin/base/box_copy.hpp"
#include "messenger.hpp"

namespace dunlin {
namespace {

/// Kernels that claim more operations (nanoseconds, about) than this have kept their worker from its other duties.
constexpr double kLong = 5'000;

/// Element strides of an array in memory: row-major where none are said.
Coords element_strides(const Coords& byte_strides, const Shape& shape, std::size_t element) {
  if (byte_strides.empty()) return row_major_strides(shape);
  Coords strides;
  for (std::int64_t stride : byte_strides) strides.push_back(stride / static_cast<std::int64_t>(element));
  return strides;
}

/// Copies `box` out of a chunk, packed.
void copy_part(const Value& chunk, const Box& chunk_box, const Box& box, std::byte* to, std::size_t element) {
  const Coords strides = element_strides(chunk.strides(), chunk_box.shape(), element);
  const auto size = static_cast<std::int64_t>(element);
  copy_block(chunk.data() + offset_of(box.begin, chunk_box.begin, strides) * size, strides, to,
             row_major_strides(box.shape()), box.shape(), element);
}

}  // namespace

bool TaskRunner::run(std::uint32_t number) {
  const Schedule::Item& planned = parts_.schedule.items[number];
  bool is_long = false;
  state_.look_at_stop();
  if (state_.stopping()) {
    state_[number].poisoned = true;
  } else {
    try {
      SpanTimer timer(&parts_.trace, worker_, names_.empty() ? "" : names_[planned.layer],
                      planned.is_parcel() ? "pack" : to_string(layer(planned.layer).kind()));
      Value value = planned.is_parcel() ? pack(number) : make(number);
      timer.bytes(static_cast<std::int64_t>(value.size()));
      is_long = value.size() > (std::size_t{4} << 10);
      state_[number].value = std::move(value);
    } catch (...) {
      state_[number].poisoned = true;
      fail(number);
    }
  }
  if (mine_ && planned.is_task()) count_up(mine_->tasks[static_cast<std::size_t>(layer(planned.layer).kind())]);
  state_.complete(number, worker_);
  return is_long;
}

void TaskRunner::gather(std::uint32_t number) {
  const Schedule& schedule = parts_.schedule;
  const Schedule::Item& planned = schedule.items[number];
  const auto inputs = schedule.inputs_of(number);
  inputs_.clear();
  parts_taken_.clear();
  parts_taken_.reserve(inputs.size());  // views point there
  auto taken = schedule.input_parts.begin();
  if (taken != schedule.input_parts.end())
    taken = std::lower_bound(taken, schedule.input_parts.end(), planned.first_input,
                             [](const Schedule::InputPart& entry, std::uint32_t input) { return entry.input < input; });
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    const Schedule::Item& from = schedule.items[inputs[k]];
    const Value& value = state_.value_of(inputs[k]);
    if (!from.is_parcel()) {
      inputs_.emplace_back(layer(from.layer).output().grid, ChunkOrdinal{from.chunk}, value);
      continue;
    }
    const Schedule::Part& part = schedule.parts[taken++->part];
    const Layer& taker = layer(planned.layer);
    const ValueSpec& spec = taker.inputs()[static_cast<std::size_t>(from.parcel_input)]->output();
    parts_taken_.push_back(taker.part(from.parcel_input, taker.output().grid.at(ChunkOrdinal{part.output}),
                                      spec.grid.at(ChunkOrdinal{part.chunk})));
    const auto bytes = static_cast<std::size_t>(parts_taken_.back().count()) * spec.dtype.size();
    inputs_.emplace_back(spec.grid, ChunkOrdinal{part.chunk},
                         value.bytes().subspan(static_cast<std::size_t>(part.offset), bytes), parts_taken_.back());
  }
}

Value TaskRunner::make(std::uint32_t number) {
  const Schedule::Item& planned = parts_.schedule.items[number];
  const Layer& of = layer(planned.layer);
  const Kernel& kernel = *of.kernel();
  gather(number);
  TaskCounts counts;
  TaskRun task{of.output().grid.at(ChunkOrdinal{planned.chunk}), inputs_, {}, &parts_.pool, &counts};
  Buffer output;
  Value made, kept;
  if (kernel.makes()) {
    task.made = &made;
  } else if (of.has_output() && planned.bytes > 0) {
    output = parts_.pool.allocate(static_cast<std::size_t>(planned.bytes));
    task.output = output.bytes();
  }
  if (kernel.keeps()) {
    kept = state_[parts_.schedule.inputs_of(number)[0]].value.share();
    task.kept = &kept;
  }
  if (messenger_) {
    task.waiting = messenger_;
    messenger_->set_within_task(true);
  }
  kernel.run(task);
  if (messenger_) messenger_->set_within_task(false);
  count(of, planned, counts);
  if (parts_.hooks && of.kind() == LayerKind::sink) parts_.hooks->durable(of, of.chunk_of_whole(task.chunk));
  Value value = kernel.makes() ? accept(of, planned, std::move(made)) : Value(std::move(output));
  if (!of.output().is_exact()) {
    state_.reserve_exactly(number, static_cast<std::int64_t>(value.owned_bytes()));
  }
  for (std::uint32_t consumer : parts_.schedule.consumers_of(number)) {
    const Schedule::Item& item = parts_.schedule.items[consumer];
    if (item.is_task() && layer(item.layer).kernel()->keeps()) value.make_shared();
  }
  return value;
}

/// What a kernel has made, as the plan has it: lent memory packed where somebody needs that.
Value TaskRunner::accept(const Layer& of, const Schedule::Item& planned, Value made) {
  require(!made.empty() || !of.has_output(), "a kernel that makes its value has made none");
  if (!of.output().is_exact() || !of.has_output()) return made;
  const ChunkIndex chunk = of.output().grid.at(ChunkOrdinal{planned.chunk});
  require(!made.is_object() && static_cast<std::int64_t>(made.size()) == of.output().bytes(chunk),
          "a made chunk has the size that its layer says");
  if (made.is_packed() || planned.bytes == 0) return made;
  Buffer packed = parts_.pool.allocate(made.size());
  const Box box = of.output().grid.box(chunk);
  copy_part(made, box, box, packed.data(), of.output().dtype.size());
  return Value(std::move(packed));
}

Value TaskRunner::pack(std::uint32_t number) {
  const Schedule::Item& planned = parts_.schedule.items[number];
  const Layer& taker = layer(planned.layer);
  const ValueSpec& spec = taker.inputs()[static_cast<std::size_t>(planned.parcel_input)]->output();
  Buffer parcel = parts_.pool.allocate(static_cast<std::size_t>(planned.bytes));
  auto input = parts_.schedule.inputs_of(number).begin();
  for (std::uint32_t p = 0; p < planned.parts; ++p) {
    const Schedule::Part& part = parts_.schedule.parts[static_cast<std::size_t>(planned.chunk) + p];
    while (parts_.schedule.items[*input].chunk != part.chunk) ++input;  // both in the order of chunks
    const ChunkIndex chunk = spec.grid.at(ChunkOrdinal{part.chunk});
    const Box box = taker.part(planned.parcel_input, taker.output().grid.at(ChunkOrdinal{part.output}), chunk);
    copy_part(state_[*input].value, spec.grid.box(chunk), box, parcel.data() + part.offset, spec.dtype.size());
    if (messenger_ && p % 16 == 15) messenger_->poll();
  }
  return Value(std::move(parcel));
}

void TaskRunner::count(const Layer& of, const Schedule::Item& planned, const TaskCounts& counts) {
  Counters& counters = parts_.counters;
  if (counts.stored_read > 0) counters.bytes_read.fetch_add(counts.stored_read, std::memory_order_relaxed);
  if (counts.stored_written > 0) counters.bytes_written.fetch_add(counts.stored_written, std::memory_order_relaxed);
  if (of.kind() == LayerKind::source) counters.bytes_decoded.fetch_add(planned.bytes, std::memory_order_relaxed);
  if (of.kind() == LayerKind::sink)
    counters.bytes_encoded.fetch_add(of.output().bytes(of.output().grid.at(ChunkOrdinal{planned.chunk})),
                                     std::memory_order_relaxed);
}

/// Records the exception at hand as the failure of an item.
void TaskRunner::fail(std::uint32_t number) {
  const Schedule::Item& planned = parts_.schedule.items[number];
  const Layer& of = layer(planned.layer);
  if (messenger_) messenger_->set_within_task(false);
  Failure failure = current_failure();
  failure.task = number;
  failure.layer = of.name();
  if (planned.is_task()) failure.chunk = to_string(of.chunk_of_whole(of.output().grid.at(ChunkOrdinal{planned.chunk})));
  state_.fail(std::move(failure));
}

}  // namespace dunlin
