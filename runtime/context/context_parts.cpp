#include "context_parts.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <thread>

#include "dunlin/base/byte_size.hpp"
#include "dunlin/topology/instruction_level.hpp"
#include "dunlin/topology/node_topology.hpp"

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
  NodeTopology node;
  std::int64_t budget = 0;
  const std::optional<Failure> failure = caught([&] {
    if (options.threads < 0)
      throw UsageError(fmt::format("{} threads were asked for: give at least 1", options.threads));
    if (options.memory < 0)
      throw UsageError(
          fmt::format("a memory budget of {} bytes was given: give at least 1, or 0 for 80 % of what the "
                      "process may use",
                      options.memory));
    node = read_topology();
    threads = options.threads > 0 ? options.threads : default_threads(node, transport->node_size());
    const std::int64_t room = node.memory_limit > 0 ? node.memory_limit : std::int64_t{4} << 30;
    budget = options.memory > 0 ? options.memory : room / 5 * 4 / transport->node_size();
  });
  Agreement mine = record(Call::setup, {});
  mine.smallest = {transport->node_size(), threads, budget, instruction_level(), node.memory_limit, 0};
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
  if (options.trace) trace.enable(threads, &counters);
  if (rank == 0) say_what_was_found(node.job_cores);
}

void ContextState::Parts::say_what_was_found(int cores) const {
  const int here = transport->node_size(), used = std::min(cores, here * threads);
  log->info(fmt::format("{} rank{} x {} thread{}, {} of this node's {} cores used, {} of memory per rank", size,
                        size == 1 ? "" : "s", threads, threads == 1 ? "" : "s", used, cores,
                        human_bytes(cluster.budget_bytes)));
  if (here * threads > cores)
    log->warning(
        fmt::format("{} threads ({} on each of {} ranks) share this node's {} cores: they will wait for one "
                    "another",
                    here * threads, threads, here, cores));
  if (used * 2 < cores)
    log->info(
        fmt::format("most cores stay idle: with Open MPI, 'mpirun --bind-to none -n {} …' or "
                    "'mpirun --map-by ppr:{}:node:PE={} …' gives every rank its share",
                    size, here, cores / here));
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
