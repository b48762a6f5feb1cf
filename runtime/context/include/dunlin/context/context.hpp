#pragma once
// Where everything hangs: ranks, threads, memory, trace. The facade that wires plan, transport and execution, once.
//
// A `Context` is made from a transport (a communicator, which it duplicates, or local ranks), collectively, and owned
// by the thread that made it, which is the one to call `compute`. Handles (Array, …) keep its shared state alive, but
// not its connection: after the context is gone, using them for anything collective throws ContextGone.
//
//   Context context;                                 // one local rank, all its threads
//   Context context(make_transport(comm));           // inside an MPI program (mpi_transport.hpp); comm is duplicated
//   context.compute({sink});                         // every rank alike
//
// *Repeated runs.* A graph of the same structure as an earlier one (the next time step: other scalars, other buffers)
// is not planned again. `persist` keeps values where they were made, `lend` takes the arrays of a simulation as they
// lie, and `replicate` brings a small result to every rank, to build the next graph from: a *stage*.
//
// *Collective* are: making and destroying a context, `compute`, `persist`, `lend`, `replicate`, `on_one_rank`,
// `on_all_ranks`, `gather_trace`, and what is built on them (open_*, to_*). Each begins with an agreement: ranks in
// different calls, or with different graphs, all get the same error instead of a hang. An exception on one rank inside
// a collective is a RankError on all. One collective call at a time: none inside a task, a body or another thread.
//
// Several contexts on disjoint ranks may live at once. Nothing is printed unless a log or a progress was asked for.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dunlin/base/error.hpp"
#include "dunlin/graph/layer.hpp"
#include "dunlin/memory/value.hpp"
#include "dunlin/trace/counters.hpp"
#include "dunlin/trace/log.hpp"
#include "dunlin/trace/trace.hpp"
#include "dunlin/transport/transport.hpp"

namespace dunlin {

class RunHooks;  // exec/run.hpp

struct Options {
  /// Worker threads of this rank, the calling one included; 0: the cores that the process is bound to.
  int threads = 0;
  /// Budget of this rank in bytes for chunks; 0: 80 % of what the process may use, divided by the ranks on the node.
  std::int64_t memory = 0;
  /// Null: nothing is logged.
  std::shared_ptr<const Log> log;
  /// Record spans of this rank for a trace.
  bool trace = false;
  /// Set to true (by a signal handler, say) to stop a run at the next task boundary on all ranks.
  const std::atomic<bool>* stop = nullptr;
  /// Where values whose size only a run tells are set aside when they outgrow the budget: a folder on a disk of the
  /// node. Empty: TMPDIR, unless it lies in memory.
  std::string spill_directory;
  /// Told of chunks that became durable, were released or evicted; null: nobody listens.
  std::shared_ptr<RunHooks> hooks;
  /// Bind every thread to a core for the length of a run, where neither OpenMP nor the launcher has done so.
  bool bind = false;
};

/// The graphs of two ranks differ.
struct GraphsDiffer : UsageError {
  GraphsDiffer(int layer, const std::string& name);
  int layer;
};
/// Ranks have entered different collective calls. Where one of them was leaving, the context is gone for all.
struct CallsDiffer : UsageError {
  using UsageError::UsageError;
};
/// A handle outlived its context, or the context's ranks cannot agree any more since one of them has left.
struct ContextGone : UsageError {
  ContextGone();
};
/// An error of one rank, as every rank sees it. On the rank where it happened, the original is nested.
struct RankError : UserError {
  RankError(ErrorCode code, int rank, std::string layer, std::string chunk, const std::string& text);
  int rank;
  std::string layer, chunk;
};

/// A result that was to be replicated is too large for every rank.
struct ResultTooLarge : UsageError {
  ResultTooLarge(const std::string& layer, std::int64_t bytes, std::int64_t limit);
  std::int64_t bytes, limit;
};

/// What a run did, summed over ranks, the same on all of them.
struct RunReport {
  std::int64_t bytes_read = 0, bytes_written = 0;     // from and to files, as stored
  std::int64_t bytes_decoded = 0, bytes_encoded = 0;  // array bytes
  std::int64_t bytes_sent = 0, tasks = 0;
  double seconds = 0, plan_seconds = 0;
  std::int64_t planned_peak_bytes = 0, planned_peak_rank = 0;  // largest of any rank
  /// Most bytes that any rank's process has held in memory so far, as asked at most 20 ms ago; 0 where the systems do
  /// not tell.
  std::int64_t peak_resident_bytes = 0;
};

/// A plan told to people and programs, for any number of pretended ranks; `dot` draws it (graphviz.org): small ones
/// chunk by chunk, else layer by layer.
struct PlanReport {
  std::string text;
  std::string json;
  std::string dot;
  /// With which sentence a run would be refused for want of memory; empty where it fits. Of more ranks than are shown,
  /// these are what is looked at.
  std::string refusal;
};

class ContextState;

class Context {
 public:
  /// One local rank, without MPI.
  explicit Context(Options options = {});
  /// Collective over the transport's ranks.
  explicit Context(std::unique_ptr<Transport> transport, Options options = {});
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  int rank() const;
  int size() const;
  /// Collective. Runs the graph that the sinks need, to the end, and finishes every sink. Throws the same error on all.
  RunReport compute(const std::vector<LayerPtr>& sinks);
  /// Not collective: what `ranks` ranks with this one's threads and budget would do (0: this context's own).
  PlanReport explain(const std::vector<LayerPtr>& sinks, int ranks = 0) const;
  const std::shared_ptr<ContextState>& state() const { return state_; }

 private:
  std::shared_ptr<ContextState> state_;
};

/// What handles hold and collections use; all functions on the context's thread.
class ContextState {
 public:
  ContextState(std::unique_ptr<Transport> transport, Options options);
  ~ContextState();

  int rank() const;
  int size() const;
  int threads() const;
  std::int64_t budget_bytes() const;
  RunReport compute(const std::vector<LayerPtr>& sinks);
  PlanReport explain(const std::vector<LayerPtr>& sinks, int ranks) const;
  /// Collective. Computes the values of layers and keeps them in memory, each chunk on the rank that made it: sources
  /// of what was kept, in the same order. Their bytes count in the budget for as long as any handle refers to them.
  std::vector<LayerPtr> persist(const std::vector<LayerPtr>& layers);
  /// Collective. Computes one layer and gives all its chunks, one after the other, row-major each, to every rank.
  /// Throws ResultTooLarge, before anything runs, where they have more than `limit` bytes.
  std::vector<std::byte> replicate(const LayerPtr& layer, std::int64_t limit = kReplicateLimit);
  static constexpr std::int64_t kReplicateLimit = std::int64_t{64} << 20;
  /// Collective. An array of which every rank lends its own box (lent.hpp).
  LayerPtr lend(const std::string& name, DType dtype, const Box& box, LentMemory memory);

  /// Plans of earlier runs that were used again, and plans made.
  std::int64_t plans_reused() const;
  std::int64_t plans_made() const;

  /// Collective. Rank 0 runs `body`, whose bytes every rank gets; its exception is every rank's. `what` names the step
  /// in messages: "opening x.nc".
  std::vector<std::byte> on_one_rank(const std::string& what, const std::function<std::vector<std::byte>()>& body);
  /// Collective. Every rank runs `body`; if any throws, all throw the same RankError (lowest rank's).
  void on_all_ranks(const std::string& what, const std::function<void()>& body);
  /// A number that differs from call to call and is the same on all ranks: for layers that cannot say what they
  /// compute.
  std::int64_t next_ordinal();
  const Log& log() const;
  const Counters& counters() const;
  const Trace& trace() const;
  BufferPool& pool();
  /// Collective: every rank's trace as one Chrome-trace JSON document on rank 0, empty elsewhere.
  std::string gather_trace();
  /// Collective: ends the connection. Throws nothing.
  void leave() noexcept;

 private:
  struct Parts;
  friend class CollectiveCall;
  std::unique_ptr<Parts> parts_;
};

}  // namespace dunlin
