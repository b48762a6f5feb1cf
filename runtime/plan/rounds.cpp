#include <algorithm>
#include <optional>
#include <set>
#include <unordered_map>

#include "dunlin/graph/selection.hpp"
#include "dunlin/graph/sink.hpp"
#include "dunlin/graph/source.hpp"
#include "dunlin/plan/passes.hpp"
#include "dunlin/plan/schedule.hpp"

namespace dunlin {
namespace {

/// What a task takes at one time, as a share of the budget, from which on it is worth a look at the whole plan.
constexpr std::int64_t kLookShare = 8;

/// By layer formulas: true where chunks of some layer take so much of another's that keeping it may be what does not
/// fit. All that one chunk takes is kept on its way, on average its share of every rank.
bool may_keep_too_much(const LayerGraph& graph, const Cluster& cluster) {
  std::vector<ChunkBox> blocks;
  for (int k = 0; k < graph.size(); ++k) {
    const Layer& layer = graph.layer(k);
    const ChunkGrid& grid = layer.output().grid;
    for (int i = 0; i < static_cast<int>(graph.inputs(k).size()); ++i) {
      if (!layer.cuts(i) || grid.count() == 0) continue;
      const std::int64_t bytes = layer.inputs()[static_cast<std::size_t>(i)]->output().largest_bytes();
      for (std::int64_t ordinal : {std::int64_t{0}, grid.count() / 2, grid.count() - 1}) {
        blocks.clear();
        layer.needs(i, ChunkBox::single(grid.at(ChunkOrdinal{ordinal})), blocks);
        std::int64_t taken = 0;
        for (const ChunkBox& block : blocks) taken += block.count() * bytes;
        if (taken / cluster.ranks > cluster.budget_bytes / kLookShare) return true;
      }
    }
  }
  return false;
}

/// Least memory of the ranks that stand for all.
std::int64_t least_bytes(const LayerPlan& plan) {
  const int ranks = plan.cluster().ranks;
  std::int64_t most = 0;
  for (int rank : std::set<int>{0, ranks / 2, ranks - 1})
    most = std::max(most, make_schedule(plan, rank).least_bytes());
  return most;
}

/// Bytes that all sources read, by what is needed of them.
double read_bytes(const LayerPlan& plan) {
  double bytes = 0;
  for (int k = 0; k < plan.graph().size(); ++k) {
    const ChunkBox& needed = plan.needed(k);
    if (plan.graph().layer(k).kind() != LayerKind::source || needed.count() == 0) continue;
    const Cost cost = plan.graph().layer(k).kernel()->cost(ChunkIndex{needed.begin});
    bytes += static_cast<double>(cost.read_bytes) * static_cast<double>(needed.count());
  }
  return bytes;
}

/// The sinks of one part, which share large values.
class Part {
 public:
  Part(std::vector<LayerPtr> sinks, const Cluster& cluster)
      : sinks_(std::move(sinks)), whole_(LayerGraph::of(sinks_)), cluster_(cluster) {
    for (const LayerPtr& layer : whole_.layers()) of_whole_.insert(layer.get());
  }

  /// The sinks of every round that the part is to be worked on in; empty where it fits, and where no rounds help.
  std::vector<std::vector<LayerPtr>> rounds() const {
    if (!is_splittable() || !may_keep_too_much(whole_, cluster_)) return {};
    const std::int64_t needed = least_bytes(plan_of(whole_));
    if (needed <= cluster_.budget_bytes) return {};
    const auto least = static_cast<int>(
        std::min<std::int64_t>(needed / std::max<std::int64_t>(cluster_.budget_bytes, 1) + 1, kMostRounds));
    for (const auto& [bytes, axis] : axes(std::max(least, 2)))
      if (auto fitting = fewest(axis, std::max(least, 2)); !fitting.empty()) return fitting;
    return {};
  }

 private:
  static constexpr int kMostRounds = 4096;

  bool is_splittable() const {
    return std::all_of(sinks_.begin(), sinks_.end(), [](const LayerPtr& layer) {
      const auto* sink = dynamic_cast<const SinkLayer*>(layer.get());
      if (!sink || sink->rounds() > 1 || sink->kernel()->keeps()) return false;
      const ValueSpec& values = sink->inputs()[0]->output();
      return values.is_exact() && values.planes == 1 && !values.grid.has_unknown();
    });
  }

  bool is_of_whole(const LayerPtr& layer) const { return of_whole_.count(layer.get()) > 0; }

  LayerPlan plan_of(const LayerGraph& graph) const {
    return LayerPlan::of_rewritten(choose(graph, cluster_), cluster_);
  }

  static std::int64_t chunks_along(const LayerPtr& sink, int axis) {
    const ChunkGrid& grid = sink->output().grid;
    return axis < grid.rank() ? grid.count(axis) : 1;
  }
  std::int64_t most_chunks(int axis) const {
    std::int64_t most = 0;
    for (const LayerPtr& sink : sinks_) most = std::max(most, chunks_along(sink, axis));
    return most;
  }

  /// The axes that can be cut, those first along which rounds read the least.
  std::vector<std::pair<double, int>> axes(int rounds) const {
    std::vector<std::pair<double, int>> found;
    int rank = 0;
    for (const LayerPtr& sink : sinks_) rank = std::max(rank, sink->output().grid.rank());
    for (int axis = 0; axis < rank; ++axis) {
      if (most_chunks(axis) < 2) continue;
      const auto cut = static_cast<int>(std::min<std::int64_t>(rounds, most_chunks(axis)));
      found.emplace_back(read_bytes(plan_of(LayerGraph::of(joined(cut_into(axis, cut))))), axis);
    }
    std::sort(found.begin(), found.end());
    return found;
  }

  /// As few rounds as fit, by steps of a half.
  std::vector<std::vector<LayerPtr>> fewest(int axis, int rounds) const {
    const auto most = static_cast<int>(std::min<std::int64_t>(most_chunks(axis), kMostRounds));
    for (rounds = std::min(rounds, most);; rounds = std::min(rounds + (rounds + 1) / 2, most)) {
      std::vector<std::vector<LayerPtr>> cut = cut_into(axis, rounds);
      if (least_bytes(plan_of(LayerGraph::of(joined(cut)))) <= cluster_.budget_bytes) return cut;
      if (rounds == most) return {};
    }
  }

  static std::vector<LayerPtr> joined(const std::vector<std::vector<LayerPtr>>& rounds) {
    std::vector<LayerPtr> sinks;
    for (const auto& round : rounds) sinks.insert(sinks.end(), round.begin(), round.end());
    return sinks;
  }

  std::vector<std::vector<LayerPtr>> cut_into(int axis, int rounds) const {
    std::vector<std::vector<LayerPtr>> cut;
    for (int round = 0; round < rounds; ++round) {
      std::vector<LayerPtr> of_round;
      for (const LayerPtr& sink : sinks_)
        if (LayerPtr part = cut_out(static_cast<const SinkLayer&>(*sink), axis, round, rounds))
          of_round.push_back(std::move(part));
      cut.push_back(read_in_round(push_selections(LayerGraph::of(of_round)), round));
    }
    return cut;
  }

  /// What a sink writes in a round; null where that is nothing.
  static LayerPtr cut_out(const SinkLayer& sink, int axis, int round, int rounds) {
    const ChunkGrid& grid = sink.output().grid;
    const std::int64_t chunks = axis < grid.rank() ? grid.count(axis) : 1;
    const auto own = static_cast<int>(std::min<std::int64_t>(std::max<std::int64_t>(chunks, 1), rounds));
    if (round >= own) return nullptr;
    ChunkBox block = grid.all();
    std::vector<AxisSelection> selections;
    for (int a = 0; a < grid.rank(); ++a) {
      if (a == axis) {
        block.begin[a] = chunks * round / own;
        block.end[a] = chunks * (round + 1) / own;
      }
      const std::int64_t begin = grid.begin(a, block.begin[a]);
      selections.push_back(AxisSelection::range(begin, 1, grid.begin(a, block.end[a]) - begin));
    }
    LayerPtr part = SelectionLayer::make(sink.inputs()[0]->name(), sink.inputs()[0], std::move(selections));
    return sink.in_round(std::move(part), block, round, own);
  }

  /// The sinks over sources that are read for this round alone. What is small is shared with the other rounds.
  std::vector<LayerPtr> read_in_round(const LayerGraph& graph, int round) const {
    std::unordered_map<const Layer*, LayerPtr> now;
    for (int k = 0; k < graph.size(); ++k) {
      const LayerPtr& layer = graph.pointer(k);
      const auto* source = dynamic_cast<const SourceLayer*>(layer.get());
      if ((layer->has_output() && is_small(*layer) && is_of_whole(layer)) || is_aid(graph, k)) {
        now[layer.get()] = layer;
      } else if (source) {
        now[layer.get()] = round == 0 ? layer : source->again(-round);
      } else {
        std::vector<LayerPtr> inputs;
        for (const LayerPtr& input : layer->inputs()) inputs.push_back(now.at(input.get()));
        now[layer.get()] = inputs == layer->inputs() ? layer : layer->with_inputs(std::move(inputs));
      }
    }
    std::vector<LayerPtr> sinks;
    for (int sink : graph.sinks()) sinks.push_back(now.at(graph.pointer(sink).get()));
    return sinks;
  }

  std::vector<LayerPtr> sinks_;
  LayerGraph whole_;
  std::set<const Layer*> of_whole_;
  const Cluster& cluster_;
};

}  // namespace

LayerGraph in_rounds(const LayerGraph& graph, const Cluster& cluster) {
  if (!may_keep_too_much(graph, cluster)) return graph;
  const std::vector<int> part = parts_of(graph);
  std::vector<LayerPtr> sinks, later;
  for (int sink : graph.sinks()) sinks.push_back(graph.pointer(sink));
  const std::vector<LayerPtr> before = sinks;
  for (int p = 0; p < graph.size(); ++p) {
    std::vector<std::size_t> places;
    std::vector<LayerPtr> of_part;
    for (std::size_t s = 0; s < before.size(); ++s)
      if (part[graph.sinks()[s]] == p) {
        places.push_back(s);
        of_part.push_back(before[s]);
      }
    if (of_part.empty()) break;  // parts are numbered by their sinks
    const auto rounds = Part(of_part, cluster).rounds();
    if (rounds.empty()) continue;
    for (std::size_t s = 0; s < places.size(); ++s) sinks[places[s]] = rounds[0][s];
    for (std::size_t r = 1; r < rounds.size(); ++r) later.insert(later.end(), rounds[r].begin(), rounds[r].end());
  }
  if (sinks == before) return graph;
  sinks.insert(sinks.end(), later.begin(), later.end());
  return LayerGraph::of(sinks);
}

}  // namespace dunlin
