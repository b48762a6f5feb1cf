#include "dunlin/plan/explain.hpp"

#include <fmt/format.h>

#include "dunlin/base/byte_size.hpp"
#include "dunlin/base/json_writer.hpp"
#include "layer_facts.hpp"

namespace dunlin {
namespace {

void append_line(std::string& text, std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  text += line + "\n";
}

void append_layers(std::string& text, const LayerPlan& plan) {
  constexpr const char* columns = "{:>5}  {:>5}  {:<13} {:<36} {:<34} {:>10}  {:<22} {}";
  append_line(text, fmt::format(columns, "layer", "stage", "kind", "name", "chunks", "bytes", "lies on", ""));
  for (int k = 0; k < plan.graph().size(); ++k) {
    const Layer& layer = plan.graph().layer(k);
    const LayerFacts facts = layer_facts(plan, k);
    append_line(text, fmt::format(columns, k, plan.stage(k), to_string(layer.kind()), layer.name(), facts.chunks,
                                  human_bytes(facts.bytes), facts.lies, facts.fate));
  }
}

void append_layer(JsonWriter& json, const LayerPlan& plan, int k) {
  const Layer& layer = plan.graph().layer(k);
  const LayerFacts facts = layer_facts(plan, k);
  json.begin_object().key("layer").value(k).key("stage").value(plan.stage(k));
  json.key("kind").value(to_string(layer.kind())).key("name").value(layer.name());
  json.key("dtype").value(to_string(layer.output().dtype)).key("chunks").value(layer.output().grid.count());
  json.key("chunk_shape").begin_array();
  if (!layer.output().grid.has_unknown())
    for (std::int64_t length : layer.output().grid.largest()) json.value(length);
  json.end_array().key("chunks_made").value(facts.made).key("bytes").value(facts.bytes);
  json.key("partition").value(facts.lies).key("ranks").value(plan.partition(k).used_ranks());
  if (!facts.fate.empty()) json.key(layer.kind() == LayerKind::sink ? "rounds" : "source").value(facts.fate);
  json.key("inputs").begin_array();
  for (int input : plan.graph().inputs(k)) json.value(input);
  json.end_array().end_object();
}

}  // namespace

std::vector<int> ranks_to_explain(int ranks) {
  std::vector<int> told;
  if (ranks <= 16)
    for (int r = 0; r < ranks; ++r) told.push_back(r);
  else
    told = {0, ranks / 2, ranks - 1};
  return told;
}

std::string explain_text(const LayerPlan& plan, const std::vector<Schedule>& schedules) {
  std::string text = fmt::format("plan for {} rank{} x {} thread{}, budget {} per rank\n\n", plan.cluster().ranks,
                                 plan.cluster().ranks == 1 ? "" : "s", plan.cluster().threads,
                                 plan.cluster().threads == 1 ? "" : "s", human_bytes(plan.cluster().budget_bytes));
  append_layers(text, plan);
  text += fmt::format("\n{:>7}  {:>8}  {:>12}  {:>12}  {:>12}  {:>12}\n", "rank", "tasks", "peak memory", "read",
                      "moved", "written");
  for (const Schedule& schedule : schedules)
    text += fmt::format("{:>7}  {:>8}  {:>12}  {:>12}  {:>12}  {:>12}\n", schedule.rank, schedule.tasks,
                        human_bytes(schedule.peak_bytes()), human_bytes(schedule.read_bytes),
                        human_bytes(schedule.send_bytes), human_bytes(schedule.write_bytes));
  if (static_cast<int>(schedules.size()) < plan.cluster().ranks)
    text += fmt::format("(of {} ranks the first, the middle and the last are shown)\n", plan.cluster().ranks);
  return text;
}

std::string explain_json(const LayerPlan& plan, const std::vector<Schedule>& schedules) {
  JsonWriter json;
  json.begin_object().key("ranks").value(plan.cluster().ranks).key("threads").value(plan.cluster().threads);
  json.key("budget_bytes").value(plan.cluster().budget_bytes).key("layers").begin_array();
  for (int k = 0; k < plan.graph().size(); ++k) append_layer(json, plan, k);
  json.end_array().key("rank").begin_array();
  for (const Schedule& schedule : schedules) {
    json.begin_object().key("rank").value(schedule.rank).key("tasks").value(schedule.tasks);
    json.key("receives").value(schedule.receives).key("peak_bytes").value(schedule.peak_bytes());
    json.key("serial_peak_bytes").value(schedule.serial_peak_bytes).key("read_bytes").value(schedule.read_bytes);
    json.key("send_bytes").value(schedule.send_bytes).key("write_bytes").value(schedule.write_bytes).end_object();
  }
  json.end_array().end_object();
  return json.text();
}

}  // namespace dunlin
