#include "context_parts.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <thread>

#include "dunlin/base/byte_size.hpp"
#include "dunlin/topology/binding.hpp"
#include "dunlin/topology/instruction_level.hpp"
#include "dunlin/topology/node_use.hpp"

namespace dunlin {
namespace {

const char* call_name(std::int32_t call) {
  constexpr const char* names[] = {"nothing",   "a setup step",     "opening",    "compute",
                                   "run's end", "a step of rank 0", "publishing", "finding a difference",
                                   "leaving"};
  return call >= 0 && call < 9 ? names[call] : "an unknown call";
}

/// Threads of a rank that was not told: what OMP_NUM_THREADS says, else the cores that it is bound to; where the ranks
/// of a node share cores (no binding), each takes its share of them.
int default_threads(const NodeTopology& node, int ranks_here) {
  if (const char* said = std::getenv("OMP_NUM_THREADS"); said && std::atoi(said) > 0) return std::atoi(said);
  const bool shared = ranks_here * node.allowed_cores > node.job_cores;
  return std::max(1, shared ? node.job_cores / ranks_here : node.allowed_cores);
}

}  // namespace

ContextState::Parts::Parts(std::unique_ptr<Transport> given, Options chosen)
    : transport(std::move(given)),
      options(std::move(chosen)),
      log(options.log ? options.log : std::make_shared<const Log>()),
      rank(transport->rank()),
      size(transport->size()) {}

void ContextState::Parts::set_up() {
  std::int64_t budget = 0;
  const std::optional<Failure> failure = caught([&] {
    if (options.threads < 0)
      throw UsageError(fmt::format("{} threads were asked for: give at least 1", options.threads));
    if (options.memory < 0)
      throw UsageError(
          fmt::format("a memory budget of {} bytes was given: give at least 1, or 0 for 80 % of what the "
                      "process may use",
                      options.memory));
    node = read_node_map();
    const NodeTopology& counts = node->counts;
    threads = options.threads > 0 ? options.threads : default_threads(counts, transport->node_size());
    const std::int64_t room = counts.memory_limit > 0 ? counts.memory_limit : std::int64_t{4} << 30;
    budget = options.memory > 0 ? options.memory : room / 5 * 4 / transport->node_size();
  });
  Agreement mine = record(Call::setup, {});
  mine.smallest = {
      transport->node_size(), threads, budget, instruction_level(), node ? node->counts.memory_limit : 0, 0};
  note(mine, failure);
  const Agreement all = agree(mine, "making a context");
  throw_if_failed(all, failure);
  cluster = {.ranks = size,
             .ranks_per_node = static_cast<int>(all.smallest[0]),
             .threads = static_cast<int>(all.smallest[1]),
             .budget_bytes = all.smallest[2],
             .node_memory_bytes = all.smallest[4],
             .instruction_level = static_cast<int>(all.smallest[3])};
  executor = make_executor(threads);
  counters.workers = std::vector<WorkerCounters>(static_cast<std::size_t>(threads));
  choose_places();
  pool = std::make_unique<BufferPool>(std::numeric_limits<std::size_t>::max(), team.domains());
  if (!options.spill_directory.empty() || !lies_in_memory(default_spill_directory()))
    spill = std::make_unique<SpillFile>(options.spill_directory);
  if (options.trace) trace.enable(threads, &counters);
  if (rank == 0) say_what_was_found();
}

void ContextState::Parts::choose_places() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value ? value : "");
  };
  const BindingChoice choice = choose_binding({.asked = options.bind,
                                               .omp_proc_bind = variable("OMP_PROC_BIND"),
                                               .omp_places = variable("OMP_PLACES"),
                                               .counts = node->counts,
                                               .node_rank = transport->node_rank(),
                                               .node_size = transport->node_size()});
  if (!choice.bind) {
    team = Team::anywhere(threads);
    return;
  }
  const auto plan = std::make_shared<const PinPlan>(plan_pinning(*node, threads, choice.share));
  team = {};
  for (int worker = 0; worker < threads; ++worker) {
    team.domain.push_back(plan->workers[static_cast<std::size_t>(worker)].domain);
    team.near.push_back(steal_order(*plan, worker));
  }
  team.settle = [plan, map = node](int worker) -> std::shared_ptr<void> {
    return std::make_shared<ThreadBinding>(*map->binder, plan->workers[static_cast<std::size_t>(worker)].pus);
  };
}

void ContextState::Parts::say_what_was_found() const {
  const char* said = std::getenv("OMP_NUM_THREADS");
  const NodeUse use{.ranks = size,
                    .ranks_here = transport->node_size(),
                    .threads = threads,
                    .threads_from = options.threads > 0 ? ThreadsFrom::caller
                                    : said              ? ThreadsFrom::environment
                                                        : ThreadsFrom::cores,
                    .counts = node->counts,
                    .budget_bytes = cluster.budget_bytes,
                    .launcher = launcher_of([](const char* name) -> const char* { return std::getenv(name); })};
  log->info(use_line(use));
  if (const auto warning = crowding_warning(use)) log->warning(*warning);
  if (const auto hint = idle_hint(use)) log->info(*hint);
}

CollectiveCall::CollectiveCall(ContextState::Parts& parts, const char* call) : busy_(parts.busy) {
  if (busy_.exchange(true))
    throw UsageError(std::string(call) +
                     " was called while another collective call of this context is under way: one at a time, and none "
                     "inside a task");
  const char* refusal = nullptr;
  if (std::this_thread::get_id() != parts.thread)
    refusal = " was called from another thread than the context's: call it from the thread that made the context";
  const bool gone = parts.gone;
  if (!refusal && !gone) return;
  busy_ = false;
  if (refusal) throw UsageError(call + std::string(refusal));
  throw ContextGone();
}

void ContextState::Parts::note(Agreement& mine, const std::optional<Failure>& failure) const {
  if (!failure) return;
  mine.failing_rank = rank;
  mine.failing_task = failure->task;
  mine.failing_code = static_cast<std::int32_t>(failure->code);
}

Agreement ContextState::Parts::agree(const Agreement& mine, const std::string& what) {
  Agreement all;
  try {
    all = transport->agree(mine);
  } catch (const TransportError&) {
    gone = true;
    throw;
  }
  ++sequence;
  if (all.same_call()) return all;
  // A rank that leaves takes part in nothing after this: then neither may we.
  if (all.call_max == static_cast<std::int32_t>(Call::leave)) gone = true;
  const std::string call = call_name(mine.call_min), here = what == call ? call : fmt::format("{} ('{}')", call, what);
  throw CallsDiffer(
      fmt::format("the ranks are in different calls: rank {} is in {}, others in {}; every rank must make the same "
                  "collective calls in the same order",
                  rank, here, call_name(mine.call_min == all.call_min ? all.call_max : all.call_min)));
}

Agreement ContextState::Parts::agree_on_step(Agreement mine, const std::string& what) {
  mine.hash_min = mine.hash_max = hash_bytes(std::as_bytes(std::span(what)));
  const Agreement all = agree(mine, what);
  if (all.same_hash()) return all;
  throw CallsDiffer(
      fmt::format("the ranks are at different steps: rank {} is {}, others are not; every rank must run "
                  "the same code on the same arguments",
                  rank, what));
}

void ContextState::Parts::agree_on_step(Call call, const std::string& what, const std::optional<Failure>& failure) {
  Agreement mine = record(call, {});
  note(mine, failure);
  throw_if_failed(agree_on_step(mine, what), failure);
}

std::optional<Failure> ContextState::Parts::caught(const std::function<void()>& body) {
  try {
    body();
    return std::nullopt;
  } catch (...) {
    return current_failure();
  }
}

void ContextState::Parts::pack(Packer& out, const Failure& failure) {
  out.number(static_cast<std::int64_t>(failure.code));
  out.text(failure.layer);
  out.text(failure.chunk);
  out.text(failure.text);
}

void ContextState::Parts::throw_packed(Unpacker& in, int failing_rank, const std::optional<Failure>& mine) const {
  const auto code = static_cast<ErrorCode>(in.number());
  std::string layer = in.text(), chunk = in.text();
  RankError error(code, failing_rank, std::move(layer), std::move(chunk), in.text());
  if (rank == failing_rank && mine && mine->original) {
    try {
      std::rethrow_exception(mine->original);
    } catch (...) {
      std::throw_with_nested(error);
    }
  }
  throw error;
}

void ContextState::Parts::throw_if_failed(const Agreement& agreed, const std::optional<Failure>& mine) {
  if (!agreed.failed()) return;
  const int failing = static_cast<int>(agreed.failing_rank);
  Packer out;
  if (rank == failing) pack(out, *mine);
  std::vector<std::byte> message = out.bytes();
  transport->broadcast(message, failing);
  Unpacker in(message);
  throw_packed(in, failing, mine);
}

std::size_t ContextState::Parts::wait_for(RequestId request) {
  std::vector<Completion> done;
  for (;;) {
    done.clear();
    transport->poll(done);
    for (const Completion& completion : done)
      if (completion.request == request) return completion.bytes;
    std::this_thread::yield();
  }
}

}  // namespace dunlin
