// One compute: plan, agree, run, agree, finish.

#include <chrono>

#include "context_parts.hpp"
#include "dunlin/plan/explain.hpp"
#include "dunlin/topology/process_memory.hpp"

namespace dunlin {
namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// The counts that a report sums over ranks, as they stand.
std::array<std::int64_t, 8> totals(const Counters& counters) {
  return {counters.bytes_read,
          counters.bytes_written,
          counters.bytes_decoded,
          counters.bytes_encoded,
          counters.bytes_sent,
          counters.tasks_done,
          0,
          0};
}

/// Refuses a second compute while one runs: inside a task, or from another thread.
class OneRun {
 public:
  explicit OneRun(std::atomic<bool>& running) : running_(running) {
    if (running_.exchange(true))
      throw UsageError(
          "compute was called while another compute of this context runs: one at a time, and none inside "
          "a task");
  }
  ~OneRun() { running_ = false; }
  OneRun(const OneRun&) = delete;
  OneRun& operator=(const OneRun&) = delete;

 private:
  std::atomic<bool>& running_;
};

}  // namespace

RunReport ContextState::compute(const std::vector<LayerPtr>& sinks) {
  parts_->need_connection();
  const OneRun one(parts_->running);
  return parts_->compute(sinks);
}

RunReport ContextState::Parts::compute(const std::vector<LayerPtr>& sinks) {
  const auto start = std::chrono::steady_clock::now();
  LayerGraph graph;
  std::optional<LayerPlan> plan;
  Schedule schedule;
  std::optional<Failure> failure = caught([&] {
    graph = LayerGraph::of(sinks);
    plan = LayerPlan::make(graph, cluster);
    schedule = make_schedule(*plan, rank);
    if (schedule.serial_peak_bytes > cluster.budget_bytes) throw too_large(*plan, schedule);
  });
  RunReport report;
  report.plan_seconds = seconds_since(start);

  Agreement mine = record(Call::plan, graph.hash());
  note(mine, failure);
  mine.peak_bytes = schedule.planned_peak_bytes;
  mine.peak_rank = rank;
  const Agreement planned = agree(mine, "compute");
  if (!planned.same_hash()) throw_difference(graph);
  throw_if_failed(planned, failure);
  report.planned_peak_bytes = planned.peak_bytes;
  report.planned_peak_rank = planned.peak_rank;

  pool.set_keep_limit(static_cast<std::size_t>(schedule.planned_peak_bytes));
  const auto before = totals(counters);
  failure = run_schedule({*plan, schedule, *transport, pool, *executor, trace, counters, options.stop});
  const auto after = totals(counters);

  Agreement ended = record(Call::run_end, {});
  note(ended, failure);
  ended.peak_bytes = peak_resident_bytes();
  for (std::size_t k = 0; k < before.size(); ++k) ended.total[k] = after[k] - before[k];
  const Agreement outcome = agree(ended, "the end of a run");
  transport->settle_alarm(outcome.failed());

  const std::optional<Failure> finishing = caught([&] {
    for (int sink : graph.sinks()) graph.layer(sink).finish({!outcome.failed(), rank});
  });
  throw_if_failed(outcome, failure);
  Agreement published = record(Call::publish, {});
  note(published, finishing);
  throw_if_failed(agree(published, "finishing"), finishing);

  report.bytes_read = outcome.total[0];
  report.bytes_written = outcome.total[1];
  report.bytes_decoded = outcome.total[2];
  report.bytes_encoded = outcome.total[3];
  report.bytes_sent = outcome.total[4];
  report.tasks = outcome.total[5];
  report.peak_resident_bytes = outcome.peak_bytes;
  report.seconds = seconds_since(start);
  return report;
}

void ContextState::Parts::throw_difference(const LayerGraph& graph) {
  // Binary search for the longest common prefix; every step is agreed, so all ranks take the same way.
  Agreement mine = record(Call::locate_difference, {});
  mine.smallest[0] = graph.size();
  std::int64_t same = 0, different = agree(mine, "comparing graphs").smallest[0] + 1;
  while (different - same > 1) {
    const std::int64_t middle = (same + different) / 2;
    const Hash128 prefix = middle <= graph.size() ? graph.hash_until(static_cast<int>(middle)) : Hash128{};
    (agree(record(Call::locate_difference, prefix), "comparing graphs").same_hash() ? same : different) = middle;
  }
  // Layers 0 … same − 1 agree; the next one differs, or exists on some ranks only.
  std::vector<std::byte> name;
  if (rank == 0) {
    const std::string text = same < graph.size() ? graph.layer(static_cast<int>(same)).name() : "(no such layer)";
    const auto bytes = std::as_bytes(std::span(text));
    name.assign(bytes.begin(), bytes.end());
  }
  transport->broadcast(name, 0);
  throw GraphsDiffer(static_cast<int>(same), std::string(reinterpret_cast<const char*>(name.data()), name.size()));
}

PlanReport ContextState::explain(const std::vector<LayerPtr>& sinks, int ranks) const {
  Cluster cluster = parts_->cluster;
  if (ranks > 0) cluster.ranks = ranks;
  const LayerPlan plan = LayerPlan::make(LayerGraph::of(sinks), cluster);
  std::vector<Schedule> schedules;
  for (int rank : ranks_to_explain(cluster.ranks)) schedules.push_back(make_schedule(plan, rank));
  return {explain_text(plan, schedules), explain_json(plan, schedules)};
}

}  // namespace dunlin
