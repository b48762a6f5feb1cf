#pragma once
// What a context holds, and how its ranks agree.

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "dunlin/context/context.hpp"
#include "dunlin/exec/run.hpp"
#include "dunlin/topology/node_map.hpp"
#include "held.hpp"
#include "plan_cache.hpp"

namespace dunlin {

struct ContextState::Parts {
  Parts(std::unique_ptr<Transport> transport, Options options);
  /// Collective: agrees on the cluster, says what it found in the log.
  void set_up();
  void choose_places();
  void say_what_was_found() const;

  /// This rank's part of the next agreement.
  Agreement record(Call call, const Hash128& hash) const { return Agreement::of(call, sequence, hash); }
  /// Adds a failure to the record.
  void note(Agreement& mine, const std::optional<Failure>& failure) const;
  /// Agrees. Throws CallsDiffer where ranks are in different calls.
  Agreement agree(const Agreement& mine, const std::string& what);
  /// Agrees, the same with the step's name as the hash. Throws CallsDiffer also where the ranks are at different steps.
  Agreement agree_on_step(Agreement mine, const std::string& what);
  /// Agrees on having come to the same step; `failure` is this rank's, if it comes with one. Throws CallsDiffer, and
  /// any rank's failure on all.
  void agree_on_step(Call call, const std::string& what, const std::optional<Failure>& failure);
  /// Collective where `agreed` says that any rank failed: throws the failing rank's error on all.
  void throw_if_failed(const Agreement& agreed, const std::optional<Failure>& mine);
  /// Throws what `pack` wrote, with this rank's original nested if it is the one.
  [[noreturn]] void throw_packed(Unpacker& in, int failing_rank, const std::optional<Failure>& mine) const;
  static void pack(Packer& out, const Failure& failure);
  /// Runs a body and returns what it throws.
  static std::optional<Failure> caught(const std::function<void()>& body);
  /// Polls until a request is done; returns its bytes.
  std::size_t wait_for(RequestId request);
  /// Finds the first layer in which the ranks' graphs differ, and throws it. Collective.
  [[noreturn]] void throw_difference(const LayerGraph& graph);

  RunReport compute(const std::vector<LayerPtr>& sinks);
  /// Plans, and agrees on the plan: nothing has run yet.
  struct Planned {
    LayerGraph graph;
    std::optional<LayerPlan> plan;
    std::shared_ptr<const Schedule> schedule;
  };
  Planned plan(const std::vector<LayerPtr>& sinks, RunReport& report);
  void plan_or_find(Planned& planned);
  std::int64_t peak_resident();
  std::vector<Box> gather_boxes(const Box& mine);
  /// Runs the schedule, agrees on the outcome and finishes the sinks.
  void run(const Planned& planned, RunReport& report);

  std::shared_ptr<void> wreck;  // of a run that was broken off: goes after the transport
  std::unique_ptr<Transport> transport;
  Options options;
  std::shared_ptr<const Log> log;
  int rank, size, threads = 1;
  Cluster cluster;
  std::shared_ptr<const NodeMap> node;
  Team team;
  PlanCache plans;
  std::unique_ptr<SpillFile> spill;  // null where there is no disk for it
  HeldBytes held_bytes = std::make_shared<std::atomic<std::int64_t>>(0);
  std::int64_t last_peak_bytes = 0;  // of this process's memory, when last asked
  std::chrono::steady_clock::time_point last_peak_time{};
  std::int64_t most_held_bytes = 0;  // of any rank, as last agreed
  std::unique_ptr<Executor> executor;
  std::unique_ptr<BufferPool> pool;  // made when the team is known
  Trace trace;
  Counters counters;
  std::int64_t sequence = 0, next_ordinal = 0;
  const std::thread::id thread = std::this_thread::get_id();
  bool gone = false;  // nothing collective can follow: the context has ended, or its ranks cannot agree any more
  std::atomic<bool> busy{false};
};

/// Held during a collective call: refuses a second one at the same time (inside a task, from another thread), calls
/// from other threads, and calls after the end. Throws UsageError, ContextGone.
class CollectiveCall {
 public:
  CollectiveCall(ContextState::Parts& parts, const char* call);
  ~CollectiveCall() { busy_ = false; }
  CollectiveCall(const CollectiveCall&) = delete;
  CollectiveCall& operator=(const CollectiveCall&) = delete;

 private:
  std::atomic<bool>& busy_;
};

}  // namespace dunlin
