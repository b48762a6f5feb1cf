// Planning one rank costs what that rank has to do: the same steps and bytes among one, a thousand and a hundred
// thousand ranks, for the owner of what every rank needs as well.

#include <gtest/gtest.h>

#include "dunlin/plan/schedule.hpp"
#include "support/counted_memory.hpp"
#include "support/plan_graphs.hpp"

namespace dunlin::test {
namespace {

constexpr int kRanks[] = {1, 1000, 100'000};
constexpr std::int64_t kChunks = 1024;  // per rank

/// Passes its input on and counts what it is asked.
class CountingLayer final : public Layer {
 public:
  CountingLayer(LayerPtr input, std::int64_t& questions)
      : Layer(LayerKind::explicit_tasks, "counting", input->output(), {input}, std::make_shared<Nothing>()),
        questions_(questions) {}
  void needs(int, const ChunkBox& outputs, std::vector<ChunkBox>& blocks) const override {
    ++questions_;
    blocks.push_back(outputs);
  }
  void feeds(int, const ChunkBox& chunks, std::vector<ChunkBox>& blocks) const override {
    ++questions_;
    blocks.push_back(chunks);
  }
  void describe(Description& description) const override { description.structure("counting"); }
  LayerPtr with_inputs(std::vector<LayerPtr> inputs) const override {
    return std::make_shared<CountingLayer>(inputs.at(0), questions_);
  }
  Alignment alignment() const override {
    Alignment alignment{.input = 0};
    for (int a = 0; a < output().grid.rank(); ++a) alignment.axis.push_back(a);
    return alignment;
  }

 private:
  struct Nothing final : Kernel {
    void run(const TaskRun&) const override {}
    Cost cost(const ChunkIndex&) const override { return {}; }
  };
  std::int64_t& questions_;
};

struct Cost {
  double items, calls, bytes, peak, kept, questions;
};

/// Of planning the rank that `choose_rank` names.
template <class ChooseRank>
Cost cost_of(const PlanCase& plan_case, int ranks, ChooseRank&& choose_rank) {
  std::int64_t questions = 0;
  std::vector<LayerPtr> sinks;
  for (const LayerPtr& sink : plan_case.sinks(ranks, kChunks))
    sinks.push_back(capture_sink(std::make_shared<CountingLayer>(sink->inputs()[0], questions)));
  const LayerPlan plan =
      LayerPlan::make(LayerGraph::of(sinks), {.ranks = ranks, .threads = 2, .budget_bytes = 1 << 28});
  const int rank = choose_rank(plan);
  questions = 0;
  const MemoryCounter counter;
  const Schedule schedule = make_schedule(plan, rank);
  const MemoryCount memory = counter.count();
  return {static_cast<double>(schedule.size()),   static_cast<double>(memory.calls),
          static_cast<double>(memory.bytes),      static_cast<double>(memory.peak_bytes),
          static_cast<double>(memory.kept_bytes), static_cast<double>(questions)};
}

void expect_flat(const Cost& few, const Cost& many) {
  EXPECT_NEAR(many.items, few.items, few.items / 10) << "the work itself is equal";
  EXPECT_NEAR(many.bytes, few.bytes, few.bytes / 10);
  EXPECT_NEAR(many.peak, few.peak, few.peak / 10);
  EXPECT_NEAR(many.kept, few.kept, few.kept / 10);
  EXPECT_NEAR(many.questions, few.questions, few.questions / 10);
  // A few dozen allocations in all, more by what the few edges and the levels of the tree need.
  EXPECT_LE(many.calls, few.calls + few.items / 10);
}

TEST(PlanCost, OfARankInTheMiddleDoesNotGrowWithTheRanks) {
  for (const PlanCase& plan_case : kPlanCases) {
    SCOPED_TRACE(plan_case.name);
    const auto middle = [](const LayerPlan& plan) { return plan.cluster().ranks / 2; };
    const Cost alone = cost_of(plan_case, 1, middle);
    for (int ranks : kRanks) {
      SCOPED_TRACE(ranks);
      expect_flat(alone, cost_of(plan_case, ranks, middle));
    }
  }
}

TEST(PlanCost, OfTheOwnerOfWhatEveryRankNeedsDoesNotGrowWithTheRanks) {
  const PlanCase plan_case{"global mean", &global_mean};
  const auto owner_of_mean = [](const LayerPlan& plan) {
    for (int k = 0; k < plan.graph().size(); ++k)
      if (plan.graph().layer(k).name() == "mean") return plan.partition(k).owner({{0}});
    throw std::logic_error("there is no mean");
  };
  const Cost alone = cost_of(plan_case, 1, owner_of_mean);
  for (int ranks : kRanks) {
    SCOPED_TRACE(ranks);
    expect_flat(alone, cost_of(plan_case, ranks, owner_of_mean));
  }
}

TEST(PlanCost, IsSmallPerTask) {
  for (const PlanCase& plan_case : kPlanCases) {
    SCOPED_TRACE(plan_case.name);
    const Cost cost = cost_of(plan_case, 1000, [](const LayerPlan&) { return 500; });
    EXPECT_LE(cost.kept / cost.items, 100) << "bytes";
    EXPECT_LE(cost.peak / cost.items, 300) << "bytes while it is made";
    EXPECT_LE(cost.calls / cost.items, 0.1) << "nothing is allocated task by task";
  }
}

TEST(PlanCost, OfWhatAllRanksPlanAlikeGrowsWithTheLayersAlone) {
  for (const PlanCase& plan_case : kPlanCases) {
    SCOPED_TRACE(plan_case.name);
    std::vector<double> per_layer;
    for (int ranks : kRanks) {
      const LayerGraph graph = LayerGraph::of(plan_case.sinks(ranks, kChunks));
      const MemoryCounter counter;
      const LayerPlan plan = LayerPlan::make(graph, {.ranks = ranks, .threads = 2, .budget_bytes = 1 << 28});
      per_layer.push_back(static_cast<double>(counter.count().bytes) / plan.graph().size());
    }
    for (double bytes : per_layer) EXPECT_LE(bytes, 1.5 * per_layer[0]);
  }
}

}  // namespace
}  // namespace dunlin::test
