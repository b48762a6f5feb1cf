#include <fmt/format.h>

#include <map>
#include <numeric>
#include <tuple>

#include "dunlin/base/byte_size.hpp"
#include "dunlin/plan/explain.hpp"
#include "layer_facts.hpp"

namespace dunlin {
namespace {

/// A quoted string of the DOT language; "\n" begins a new line in it.
std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    if (c == '\n')
      result += "\\n";
    else
      result += c;
  }
  return result + "\"";
}

const char* shape_of(LayerKind kind) {
  switch (kind) {
    case LayerKind::source:
      return "cylinder";
    case LayerKind::sink:
      return "folder";
    case LayerKind::reduction:
      return "invtrapezium";
    default:
      return "box";
  }
}

std::string opening() { return "digraph plan {\n  rankdir=TB;\n  node [fontname=\"sans-serif\", fontsize=10];\n"; }

class ChunkDrawing {
 public:
  ChunkDrawing(const LayerPlan& plan, const std::vector<Schedule>& schedules) : plan_(plan), schedules_(schedules) {}

  std::string draw() {
    text_ = opening();
    for (const Schedule& schedule : schedules_) draw_rank(schedule);
    for (const Schedule& schedule : schedules_)
      for (std::size_t k = 0; k < schedule.size(); ++k) draw_edges(schedule, k);
    return text_ + "}\n";
  }

 private:
  static std::string node(const Schedule& schedule, std::size_t item) {
    return fmt::format("r{}_{}", schedule.rank, item);
  }

  void draw_rank(const Schedule& schedule) {
    text_ += fmt::format("  subgraph cluster_rank{} {{\n    label={};\n", schedule.rank,
                         quoted(fmt::format("rank {}: peak {}", schedule.rank, human_bytes(schedule.peak_bytes()))));
    for (std::size_t k = 0; k < schedule.size(); ++k) {
      const Schedule::Item& item = schedule.items[k];
      const Layer& layer = plan_.graph().layer(item.layer);
      const std::string name = layer.name() + "\n" + to_string(layer.output().grid.at(ChunkOrdinal{item.chunk}));
      text_ +=
          fmt::format("    {} [label={}, shape={}{}];\n", node(schedule, k), quoted(name),
                      item.is_receive() ? "box" : shape_of(layer.kind()), item.is_receive() ? ", style=dashed" : "");
      for (const Schedule::Send& send : schedule.sends_of(k))
        senders_[{schedule.rank, send.peer, send.edge}] = node(schedule, k);
    }
    text_ += "  }\n";
  }

  /// What an item takes; of a receive the message, with its bytes.
  void draw_edges(const Schedule& schedule, std::size_t k) {
    const Schedule::Item& item = schedule.items[k];
    if (item.is_receive())
      text_ +=
          fmt::format("  {} -> {} [label={}, color=\"#c05020\"];\n", senders_.at({item.peer, schedule.rank, item.edge}),
                      node(schedule, k), quoted(human_bytes(item.bytes)));
    for (std::uint32_t input : schedule.inputs_of(k))
      text_ += fmt::format("  {} -> {};\n", node(schedule, input), node(schedule, k));
  }

  const LayerPlan& plan_;
  const std::vector<Schedule>& schedules_;
  std::map<std::tuple<int, int, std::int64_t>, std::string> senders_;  // by from, to, edge
  std::string text_;
};

}  // namespace

std::string explain_dot(const LayerPlan& plan) {
  const LayerGraph& graph = plan.graph();
  std::map<int, std::string> stages;
  std::string edges;
  for (int k = 0; k < graph.size(); ++k) {
    const Layer& layer = graph.layer(k);
    const LayerFacts facts = layer_facts(plan, k);
    std::string label = layer.name() + "\n" + facts.chunks + "\n" + facts.lies + ", " + human_bytes(facts.bytes);
    if (!facts.fate.empty()) label += "\n" + facts.fate;
    stages[plan.stage(k)] += fmt::format("    l{} [label={}, shape={}];\n", k, quoted(label), shape_of(layer.kind()));
    for (int input : graph.inputs(k)) edges += fmt::format("  l{} -> l{};\n", input, k);
  }
  std::string text = opening();
  for (const auto& [stage, nodes] : stages)
    text += fmt::format("  subgraph cluster_stage{} {{\n    label=\"stage {}\";\n{}  }}\n", stage, stage, nodes);
  return text + edges + "}\n";
}

std::string explain_dot(const LayerPlan& plan, const std::vector<Schedule>& schedules) {
  const auto tasks = std::accumulate(schedules.begin(), schedules.end(), std::int64_t{0},
                                     [](std::int64_t sum, const Schedule& schedule) { return sum + schedule.tasks; });
  const bool all = static_cast<int>(schedules.size()) == plan.cluster().ranks;
  return all && tasks > 0 && tasks <= kDrawnTasks ? ChunkDrawing(plan, schedules).draw() : explain_dot(plan);
}

}  // namespace dunlin
