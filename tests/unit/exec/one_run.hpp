#pragma once
// A run without a context: plan, schedule, run, and the closing agreement by which a context would end it.

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <vector>

#include "dunlin/exec/run.hpp"
#include "dunlin/graph/layer_graph.hpp"
#include "dunlin/transport/checked_transport.hpp"

namespace dunlin::test {

/// A rank that runs graphs one after the other, on a transport that is watched for leaks.
class Runner {
 public:
  Runner(std::unique_ptr<Transport> transport, std::unique_ptr<Executor> executor)
      : transport_(
            make_checked_transport(std::move(transport), [](const std::string& leak) { ADD_FAILURE() << leak; })),
        executor_(std::move(executor)) {}

  int rank() const { return transport_->rank(); }
  int size() const { return transport_->size(); }
  Transport& transport() { return *transport_; }
  void use(std::unique_ptr<Executor> executor) { executor_ = std::move(executor); }

  struct Ended {
    std::optional<Failure> failure;  // this rank's own
    Agreement agreed;
    std::int64_t planned_peak = 0, serial_peak = 0;
  };

  /// Runs what the sinks need, and checks what holds for every run. `budget` of 1: memory for the serial order only.
  Ended run(const std::vector<LayerPtr>& sinks, std::int64_t budget = std::int64_t{1} << 40,
            const std::atomic<bool>* stop = nullptr) {
    const Cluster cluster{.ranks = size(),
                          .ranks_per_node = size(),
                          .threads = executor_->threads(),
                          .budget_bytes = budget,
                          .instruction_level = 0};
    const LayerPlan plan = LayerPlan::make(LayerGraph::of(sinks), cluster);
    const Schedule schedule = make_schedule(plan, rank());
    transport_->agree(Agreement::of(Call::plan, ++sequence_));

    BufferPool pool;
    Trace trace;
    Counters counters;
    Ended ended;
    ended.planned_peak = schedule.planned_peak_bytes;
    ended.serial_peak = schedule.serial_peak_bytes;
    ended.failure = run_schedule({plan, schedule, *transport_, pool, *executor_, trace, counters, stop});

    EXPECT_EQ(pool.lent_bytes(), 0u) << "every buffer is back";
    EXPECT_EQ(counters.bytes_reserved, 0);
    EXPECT_LE(counters.peak_bytes_reserved, schedule.planned_peak_bytes);
    EXPECT_LE(static_cast<std::int64_t>(pool.peak_lent_bytes()), schedule.planned_peak_bytes);
    EXPECT_EQ(counters.tasks_done, schedule.tasks) << "every task is run or given up";

    Agreement mine = Agreement::of(Call::run_end, ++sequence_);
    if (ended.failure) {
      mine.failing_rank = rank();
      mine.failing_task = ended.failure->task;
      mine.failing_code = static_cast<std::int32_t>(ended.failure->code);
    }
    ended.agreed = transport_->agree(mine);
    transport_->settle_alarm(ended.agreed.failed());
    return ended;
  }

 private:
  std::unique_ptr<Transport> transport_;
  std::unique_ptr<Executor> executor_;
  std::int64_t sequence_ = 0;
};

}  // namespace dunlin::test
