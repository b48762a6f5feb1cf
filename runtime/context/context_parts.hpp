#pragma once
// What a context holds, and how its ranks agree.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "dunlin/context/context.hpp"
#include "dunlin/exec/run.hpp"

namespace dunlin {

struct ContextState::Parts {
  Parts(std::unique_ptr<Transport> transport, Options options);
  /// Collective: agrees on the cluster, says what it found in the log.
  void set_up();

  /// This rank's part of the next agreement.
  Agreement record(Call call, const Hash128& hash) const { return Agreement::of(call, sequence, hash); }
  /// Adds a failure to the record.
  void note(Agreement& mine, const std::optional<Failure>& failure) const;
  /// Agrees. Throws CallsDiffer where ranks are in different calls, ContextGone after the end.
  Agreement agree(const Agreement& mine, const std::string& what);
  /// Agrees on having entered the same call for the same purpose.
  void enter(Call call, const std::string& what);
  /// Collective where `agreed` says that any rank failed: throws the failing rank's error on all.
  void throw_if_failed(const Agreement& agreed, const std::optional<Failure>& mine);
  /// Throws what `pack` wrote, with this rank's original nested if it is the one.
  [[noreturn]] void throw_packed(Unpacker& in, int failing_rank, const std::optional<Failure>& mine) const;
  void pack(Packer& out, const Failure& failure) const;
  /// Runs a body and returns what it throws.
  static std::optional<Failure> caught(const std::function<void()>& body);
  /// Polls until a request is done; returns its bytes.
  std::size_t wait_for(RequestId request);
  /// Finds the first layer in which the ranks' graphs differ, and throws it. Collective.
  [[noreturn]] void throw_difference(const LayerGraph& graph);
  RunReport compute(const std::vector<LayerPtr>& sinks);
  void need_connection() const;

  std::unique_ptr<Transport> transport;
  Options options;
  std::shared_ptr<const Log> log;
  int rank, size, threads = 1;
  Cluster cluster;
  std::unique_ptr<Executor> executor;
  BufferPool pool;
  Trace trace;
  Counters counters;
  std::int64_t sequence = 0, next_ordinal = 0;
  bool gone = false;
  std::atomic<bool> running{false};
};

}  // namespace dunlin
