// A plan told to people, to programs and as a drawing says the same as the plan.

#include "dunlin/plan/explain.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <map>
#include <regex>
#include <set>

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
  for (const char* part :
       {"layer", "stage", "source", "read \"sst\"", "mean: partial", "subtract", "keep", "4 x (10, 1000) float64",
        "312.5 KiB", "block 2 x 1", "rank", "peak memory", "moved", "written", "156.2 KiB"})
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
    EXPECT_EQ(layer["chunks_made"], plan.needed(k).count());
    EXPECT_EQ(layer["partition"], to_string(plan.partition(k)));
    EXPECT_EQ(layer["bytes"], plan.graph().layer(k).output().total_bytes());
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

/// A graph in the DOT language, as far as drawings of plans use it: named nodes and subgraphs with attributes, arrows.
struct Dot {
  std::map<std::string, std::string> nodes;                          // name to label
  std::map<std::string, std::string> homes;                          // node to the label of its subgraph
  std::map<std::pair<std::string, std::string>, std::string> edges;  // to label
};

class DotParser {
 public:
  explicit DotParser(const std::string& text) {
    // An ID, a number, a string in quotes, an arrow, or a sign: the tokens of the language.
    static const std::regex token(R"re(\s*([A-Za-z_][A-Za-z_0-9]*|[0-9]+|"(?:[^"\\]|\\.)*"|->|[{}\[\]=;,]))re");
    auto at = text.begin();
    for (std::smatch match; std::regex_search(at, text.end(), match, token, std::regex_constants::match_continuous);
         at = match[0].second)
      tokens_.push_back(match[1]);
    if (text.find_first_not_of(" \n", static_cast<std::size_t>(at - text.begin())) != std::string::npos)
      throw std::logic_error("no DOT from " + std::string(at, text.end()));
  }
  Dot parse() {
    expect("digraph"), take(), expect("{");
    statements("");
    if (at_ != tokens_.size()) throw std::logic_error("text after the graph");
    return dot_;
  }

 private:
  std::string take() { return at_ < tokens_.size() ? tokens_[at_++] : throw std::logic_error("the graph ends early"); }
  bool next_is(const std::string& token) const { return at_ < tokens_.size() && tokens_[at_] == token; }
  void expect(const std::string& token) {
    const std::string found = take();
    if (found != token) throw std::logic_error("expected " + token + ", found " + found);
  }
  static std::string unquoted(const std::string& token) {
    if (token.front() != '"') return token;
    std::string text;
    for (std::size_t k = 1; k + 1 < token.size(); ++k) {
      if (token[k] == '\\')
        text += token[++k] == 'n' ? '\n' : token[k];
      else
        text += token[k];
    }
    return text;
  }
  std::string label_of_attributes() {
    std::string label;
    expect("[");
    while (!next_is("]")) {
      const std::string name = take();
      expect("=");
      const std::string value = unquoted(take());
      if (name == "label") label = value;
      if (!next_is("]")) expect(",");
    }
    expect("]");
    return label;
  }
  void statements(std::string home) {
    while (!next_is("}")) {
      const std::string name = take();
      if (name == "subgraph") {
        take(), expect("{");
        statements("");
        continue;
      }
      if (next_is("=")) {
        take();
        if (name == "label")
          home = unquoted(take());
        else
          take();
      } else if (next_is("->")) {
        take();
        const std::string to = take();
        dot_.edges[{name, to}] = next_is("[") ? label_of_attributes() : "";
      } else if (name == "node") {
        label_of_attributes();
      } else {
        if (!dot_.nodes.emplace(name, label_of_attributes()).second) throw std::logic_error("two nodes " + name);
        dot_.homes[name] = home;
      }
      expect(";");
    }
    expect("}");
  }

  std::vector<std::string> tokens_;
  std::size_t at_ = 0;
  Dot dot_;
};

TEST(Explain, DrawsSmallPlansChunkByChunk) {
  const LayerPlan plan = plan_of(2);
  const std::vector<Schedule> schedules = told(plan);
  const Dot dot = DotParser(explain_dot(plan, schedules)).parse();
  std::size_t items = 0, arrows = 0, crossing = 0;
  for (const Schedule& schedule : schedules) {
    items += schedule.size();
    arrows += schedule.inputs.size() + static_cast<std::size_t>(schedule.receives);
  }
  EXPECT_EQ(dot.nodes.size(), items);
  EXPECT_EQ(dot.edges.size(), arrows);
  for (const auto& [edge, label] : dot.edges) {
    ASSERT_TRUE(dot.nodes.contains(edge.first) && dot.nodes.contains(edge.second)) << "arrows end at nodes";
    const bool crosses = dot.homes.at(edge.first) != dot.homes.at(edge.second);
    EXPECT_EQ(crosses, !label.empty()) << "bytes stand where ranks are crossed";
    if (!crosses) continue;
    ++crossing;
    EXPECT_EQ(dot.nodes.at(edge.first), dot.nodes.at(edge.second)) << "a message brings the chunk that was sent";
  }
  EXPECT_EQ(crossing, static_cast<std::size_t>(schedules[0].receives + schedules[1].receives));
  std::set<std::string> labels;
  for (const auto& [node, label] : dot.nodes) labels.insert(label);
  EXPECT_TRUE(labels.contains("read \"sst\"\n(3, 0)")) << "quotes and all";
}

TEST(Explain, DrawsLargePlansLayerByLayer) {
  const LayerPlan plan = plan_of(1000);
  const std::string text = explain_dot(plan, told(plan));
  EXPECT_EQ(text, explain_dot(plan));
  const Dot dot = DotParser(text).parse();
  EXPECT_EQ(dot.nodes.size(), static_cast<std::size_t>(plan.graph().size()));
  std::size_t arrows = 0;
  for (int k = 0; k < plan.graph().size(); ++k) {
    arrows += std::set<int>(plan.graph().inputs(k).begin(), plan.graph().inputs(k).end()).size();
    const std::string name = "l" + std::to_string(k), label = dot.nodes.at(name);
    EXPECT_EQ(dot.homes.at(name), "stage " + std::to_string(plan.stage(k)));
    EXPECT_EQ(label.substr(0, label.find('\n')), plan.graph().layer(k).name());
    EXPECT_NE(label.find(to_string(plan.partition(k))), std::string::npos);
    for (int input : plan.graph().inputs(k)) EXPECT_TRUE(dot.edges.contains({"l" + std::to_string(input), name}));
  }
  EXPECT_EQ(dot.edges.size(), arrows);
}

TEST(Explain, TellsWhatBecomesOfASourceThatSeveralStagesNeed) {
  // Decoding that costs much is not done twice where memory allows to hold it; a small budget does not.
  const LayerPtr x = pattern_source("x", ChunkGrid::regular({40, 1000}, {10, 1000}), DType::float64, 100);
  const LayerPtr mean = reduce(mean_reducer(), {0}, x);
  const LayerGraph graph =
      LayerGraph::of({capture_sink(apply(kSubtract, {x, mean}, {straight(2), {{1}}}, x->output().grid))});
  const Cluster roomy{.ranks = 1, .threads = 1, .budget_bytes = 64 << 20}, tight{.ranks = 1, .threads = 1};
  const LayerPlan held = LayerPlan::make(graph, roomy), again = LayerPlan::make(graph, tight);
  EXPECT_NE(explain_text(held, told(held)).find("held"), std::string::npos);
  EXPECT_EQ(explain_text(held, told(held)).find("read again"), std::string::npos);
  EXPECT_NE(explain_text(again, told(again)).find("read again"), std::string::npos);
  EXPECT_NE(explain_json(again, told(again)).find(R"("source":"read again")"), std::string::npos);
  EXPECT_NE(explain_dot(held).find("held"), std::string::npos);
}

TEST(Explain, TellsOfAnEmptyPlan) {
  const LayerPlan plan = LayerPlan::make(LayerGraph::of({}), {.ranks = 1});
  EXPECT_NE(explain_text(plan, told(plan)), "");
  EXPECT_TRUE(nlohmann::json::parse(explain_json(plan, told(plan)))["layers"].empty());
  EXPECT_TRUE(DotParser(explain_dot(plan, told(plan))).parse().nodes.empty());
}

}  // namespace
}  // namespace dunlin::test
