// A plan told to people and to programs says the same numbers as the plan.

#include "dunlin/plan/explain.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/graph_layers.hpp"

namespace dunlin::test {
namespace {

LayerPlan plan_of(int ranks) {
  const LayerPtr x = pattern_source("read \"sst\"", ChunkGrid::regular({40, 1000}, {10, 1000}));
  const LayerPtr mean = reduce(mean_reducer(), {0}, x);
  const LayerPtr anomaly = apply(kSubtract, {x, mean}, {straight(2), {{1}}}, x->output().grid);
  return LayerPlan::make(LayerGraph::of({capture_sink(anomaly)}),
                         {.ranks = ranks, .threads = 2, .budget_bytes = 64 << 20});
}

std::vector<Schedule> told(const LayerPlan& plan) {
  std::vector<Schedule> schedules;
  for (int rank : ranks_to_explain(plan.cluster().ranks)) schedules.push_back(make_schedule(plan, rank));
  return schedules;
}

TEST(Explain, TellsPeopleTheLayersAndTheRanks) {
  const LayerPlan plan = plan_of(2);
  const std::string text = explain_text(plan, told(plan));
  EXPECT_EQ(text.substr(0, text.find('\n')), "plan for 2 ranks x 2 threads, budget 64.0 MiB per rank");
  for (const char* part : {"layer", "stage", "source", "read \"sst\"", "mean: partial", "subtract", "keep",
                           "4 x (10, 1000) float64", "rank", "peak memory", "moved", "written", "156.2 KiB"})
    EXPECT_NE(text.find(part), std::string::npos) << part << " is missing in\n" << text;
  EXPECT_EQ(text.find("are shown"), std::string::npos) << "all ranks are told";
  const std::string alone = explain_text(plan_of(1), told(plan_of(1)));
  EXPECT_EQ(alone.substr(0, 26), "plan for 1 rank x 2 thread");
}

TEST(Explain, TellsOfManyRanksTheFirstTheMiddleAndTheLast) {
  EXPECT_EQ(ranks_to_explain(16).size(), 16u);
  EXPECT_EQ(ranks_to_explain(17), (std::vector<int>{0, 8, 16}));
  EXPECT_EQ(ranks_to_explain(100'000), (std::vector<int>{0, 50'000, 99'999}));
  const LayerPlan plan = plan_of(1000);
  EXPECT_NE(explain_text(plan, told(plan)).find("(of 1000 ranks the first, the middle and the last are shown)"),
            std::string::npos);
}

TEST(Explain, TellsProgramsTheSameAsJson) {
  const LayerPlan plan = plan_of(2);
  const std::vector<Schedule> schedules = told(plan);
  const nlohmann::json json = nlohmann::json::parse(explain_json(plan, schedules));
  EXPECT_EQ(json["ranks"], 2);
  EXPECT_EQ(json["threads"], 2);
  EXPECT_EQ(json["budget_bytes"], 64 << 20);
  ASSERT_EQ(json["layers"].size(), static_cast<std::size_t>(plan.graph().size()));
  for (int k = 0; k < plan.graph().size(); ++k) {
    const nlohmann::json& layer = json["layers"][static_cast<std::size_t>(k)];
    EXPECT_EQ(layer["layer"], k);
    EXPECT_EQ(layer["name"], plan.graph().layer(k).name()) << "quotes and all";
    EXPECT_EQ(layer["kind"], to_string(plan.graph().layer(k).kind()));
    EXPECT_EQ(layer["stage"], plan.stage(k));
    EXPECT_EQ(layer["inputs"], plan.graph().inputs(k));
    EXPECT_EQ(layer["chunks"], plan.graph().layer(k).output().grid.count());
  }
  ASSERT_EQ(json["rank"].size(), 2u);
  for (std::size_t rank : {0u, 1u}) {
    EXPECT_EQ(json["rank"][rank]["rank"], rank);
    EXPECT_EQ(json["rank"][rank]["tasks"], schedules[rank].tasks);
    EXPECT_EQ(json["rank"][rank]["peak_bytes"], schedules[rank].planned_peak_bytes);
    EXPECT_EQ(json["rank"][rank]["read_bytes"], schedules[rank].read_bytes);
    EXPECT_EQ(json["rank"][rank]["write_bytes"], schedules[rank].write_bytes);
    EXPECT_EQ(json["rank"][rank]["send_bytes"], schedules[rank].send_bytes);
  }
}

TEST(Explain, TellsOfAnEmptyPlan) {
  const LayerPlan plan = LayerPlan::make(LayerGraph::of({}), {.ranks = 1});
  EXPECT_NE(explain_text(plan, told(plan)), "");
  EXPECT_TRUE(nlohmann::json::parse(explain_json(plan, told(plan)))["layers"].empty());
}

}  // namespace
}  // namespace dunlin::test
