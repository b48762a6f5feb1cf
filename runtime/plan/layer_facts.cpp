#include "layer_facts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "dunlin/graph/sink.hpp"
#include "dunlin/graph/source.hpp"

namespace dunlin {
namespace {

std::int64_t bytes_of(const ValueSpec& output, const ChunkBox& made) {
  if (made.count() == 0) return 0;
  if (!output.is_exact()) return output.expected_bytes * made.count();
  return output.grid.box(made).count() * output.planes * static_cast<std::int64_t>(output.dtype.size());
}

std::string fate_of(const LayerPlan& plan, int layer) {
  if (const auto* sink = dynamic_cast<const SinkLayer*>(&plan.graph().layer(layer)); sink && sink->rounds() > 1)
    return fmt::format("in {} rounds: {}", sink->rounds(), sink->round() + 1);
  const auto* source = dynamic_cast<const SourceLayer*>(&plan.graph().layer(layer));
  if (!source || plan.is_aid(layer)) return "";
  if (source->reading() != 0) return "read again";
  const auto& consumers = plan.graph().consumers(layer);
  const bool is_held = std::any_of(consumers.begin(), consumers.end(), [&](const LayerGraph::Consumer& consumer) {
    return plan.stage(consumer.layer) > plan.stage(layer);
  });
  return is_held ? "held" : "";
}

}  // namespace

LayerFacts layer_facts(const LayerPlan& plan, int layer) {
  const ValueSpec& output = plan.graph().layer(layer).output();
  LayerFacts facts;
  facts.made = plan.needed(layer).count();
  facts.bytes = bytes_of(output, plan.needed(layer));
  facts.lies = to_string(plan.partition(layer));
  facts.chunks =
      fmt::format("{} x {} {}", output.grid.count(), output.grid.has_unknown() ? "?" : to_string(output.grid.largest()),
                  to_string(output.dtype));
  facts.fate = fate_of(plan, layer);
  return facts;
}

}  // namespace dunlin
