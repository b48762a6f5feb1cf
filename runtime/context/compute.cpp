// One compute: plan, agree, run, agree, finish.

#include <algorithm>
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

}  // namespace

RunReport ContextState::compute(const std::vector<LayerPtr>& sinks) {
  const CollectiveCall call(*parts_, "compute");
  return parts_->compute(sinks);
}

RunReport ContextState::Parts::compute(const std::vector<LayerPtr>& sinks) {
  const auto start = std::chrono::steady_clock::now();
  RunReport report;
  run(plan(sinks, report), report);
  report.seconds = seconds_since(start);
  return report;
}

ContextState::Parts::Planned ContextState::Parts::plan(const std::vector<LayerPtr>& sinks, RunReport& report) {
  const auto start = std::chrono::steady_clock::now();
  Planned planned;
  bool has_graph = false;
  std::optional<Failure> failure = caught([&] {
    planned.graph = LayerGraph::of(sinks);
    has_graph = true;
    plan_or_find(planned);
  });
  report.plan_seconds = seconds_since(start);

  Agreement mine = record(Call::plan, planned.graph.hash());
  note(mine, failure);
  mine.smallest[0] = has_graph ? 1 : 0;
  const std::int64_t held = held_bytes->load();
  if (planned.schedule) mine.peak_bytes = planned.schedule->peak_bytes() + held;
  mine.peak_rank = rank;
  Agreement agreed = agree(mine, "compute");
  if (agreed.smallest[0] != 0 && !agreed.same_hash()) throw_difference(planned.graph);
  throw_if_failed(agreed, failure);
  // The budget is the same everywhere, so the rank that needs most speaks for all.
  if (agreed.peak_bytes > cluster.budget_bytes) {
    agreed.failing_rank = agreed.peak_rank;
    if (agreed.peak_rank == rank) failure = caught([&] { throw too_large(*planned.plan, *planned.schedule); });
    throw_if_failed(agreed, failure);
  }
  report.planned_peak_bytes = agreed.peak_bytes;
  report.planned_peak_rank = agreed.peak_rank;
  return planned;
}

void ContextState::Parts::plan_or_find(Planned& planned) {
  Cluster now = cluster;
  now.budget_bytes = std::max<std::int64_t>(cluster.budget_bytes - most_held_bytes, 1);
  LayerGraph rewritten = LayerPlan::rewrite(planned.graph, now);
  const Hash128 key = PlanCache::key(rewritten, now);
  if (const CachedPlan* known = plans.find(key)) {
    planned.plan = known->plan.for_graph(std::move(rewritten));
    planned.schedule = known->schedule;
    return;
  }
  planned.plan = LayerPlan::of_rewritten(std::move(rewritten), now);
  planned.schedule = std::make_shared<const Schedule>(make_schedule(*planned.plan, rank));
  plans.keep(key, {*planned.plan, planned.schedule});
}

void ContextState::Parts::run(const Planned& planned, RunReport& report) {
  pool->set_keep_limit(static_cast<std::size_t>(planned.schedule->planned_peak_bytes));
  const auto before = totals(counters);
  std::optional<Failure> failure;
  try {
    failure = run_schedule({*planned.plan, *planned.schedule, *transport, *pool, *executor, trace, counters,
                            options.stop, options.hooks.get(), &team, spill.get(), &wreck});
  } catch (...) {
    gone = true;  // the other ranks wait for messages that this one cannot send any more
    throw;
  }
  const auto after = totals(counters);

  Agreement ended = record(Call::run_end, {});
  note(ended, failure);
  ended.peak_bytes = peak_resident();
  ended.smallest[0] = -held_bytes->load();
  for (std::size_t k = 0; k < before.size(); ++k) ended.total[k] = after[k] - before[k];
  const Agreement outcome = agree(ended, "the end of a run");
  transport->settle_alarm(outcome.failed());
  most_held_bytes = -outcome.smallest[0];

  const std::optional<Failure> finishing = caught([&] {
    for (int sink : planned.graph.sinks()) planned.graph.layer(sink).finish({!outcome.failed(), rank});
  });
  throw_if_failed(outcome, failure);
  const auto& all_sinks = planned.graph.sinks();
  if (std::any_of(all_sinks.begin(), all_sinks.end(), [&](int sink) { return planned.graph.layer(sink).finishes(); }))
    agree_on_step(Call::publish, "finishing a run", finishing);

  report.bytes_read = outcome.total[0];
  report.bytes_written = outcome.total[1];
  report.bytes_decoded = outcome.total[2];
  report.bytes_encoded = outcome.total[3];
  report.bytes_sent = outcome.total[4];
  report.tasks = outcome.total[5];
  report.peak_resident_bytes = outcome.peak_bytes;
}

/// Asking the system takes as long as a small run: not more often than it can matter.
std::int64_t ContextState::Parts::peak_resident() {
  constexpr std::chrono::milliseconds kOften{20};
  const auto now = std::chrono::steady_clock::now();
  if (last_peak_bytes == 0 || now - last_peak_time > kOften) {
    last_peak_bytes = peak_resident_bytes();
    last_peak_time = now;
  }
  return last_peak_bytes;
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
  const auto largest = std::max_element(schedules.begin(), schedules.end(), [](const Schedule& a, const Schedule& b) {
    return a.peak_bytes() < b.peak_bytes();
  });
  std::string refusal;
  if (largest->peak_bytes() > cluster.budget_bytes) {
    const std::optional<Failure> failure = Parts::caught([&] { throw too_large(plan, *largest); });
    refusal = RankError(failure->code, largest->rank, failure->layer, failure->chunk, failure->text).what();
  }
  const std::string words = "(read and written are array bytes: in files they are fewer where these are compressed)\n";
  return {explain_text(plan, schedules) + words, explain_json(plan, schedules), explain_dot(plan, schedules), refusal};
}

}  // namespace dunlin
