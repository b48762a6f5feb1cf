#include "spread.hpp"

#include <algorithm>
#include <numeric>

#include "traffic.hpp"

namespace dunlin {
namespace {

/// A layer that leads, and its followers, ascending.
struct Group {
  std::vector<int> layers;
  double bytes = 0;  // of the largest layer
  double work = 0;   // of all layers, per chunk of the leader
};

/// Another must be cheaper by this share, so that rounding decides nothing.
constexpr double kWorthwhile = 0.999;
/// Quarters of the best largest share that a rank may get: costs of kernels are estimates, so ranks are filled. More
/// where a group lies as its neighbour does.
constexpr std::int64_t kImbalance = 6, kNeighboursImbalance = 8;
/// Most axes and neighbours that bring candidates.
constexpr int kAxes = 4, kNeighbours = 6;

class Spreader {
 public:
  Spreader(const LayerGraph& graph, const Cluster& cluster, const std::vector<ChunkBox>& needed)
      : graph_(graph),
        cluster_(cluster),
        needed_(needed),
        partitions_(static_cast<std::size_t>(graph.size())),
        traffic_(graph, cluster, needed, partitions_) {}

  std::vector<Partition> run() {
    group();
    std::vector<int> order;
    for (int k = 0; k < graph_.size(); ++k)
      if (leader_[k] == k && !place_as_told(k)) order.push_back(k);
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return groups_[a].bytes > groups_[b].bytes; });
    for (int leader : order) place_cheapest(leader);
    return std::move(partitions_);
  }

 private:
  void group();
  bool place_as_told(int leader);
  void place_cheapest(int leader);
  void place(int leader, const Partition& partition);
  double cost(int leader);
  double later_cost(int layer, const LayerGraph::Consumer& consumer);
  std::vector<Partition> own_candidates(int leader) const;
  Partition by_parts(int leader, const Coords& parts, std::int64_t width) const;
  void add_neighbours(int leader, std::vector<Partition>& candidates) const;
  Coords output_axes(int layer, int input) const;
  Coords input_axes(int layer, int input) const;
  bool is_placed(int layer) const { return placed_[leader_[layer]]; }
  bool is_made(int layer) const { return needed_[layer].count() > 0; }

  const LayerGraph& graph_;
  const Cluster& cluster_;
  const std::vector<ChunkBox>& needed_;
  std::vector<Partition> partitions_;
  Traffic traffic_;
  std::vector<Alignment> alignments_;
  std::vector<int> leader_;                     // per layer
  std::vector<Coords> leader_axes_;             // per layer and axis: the leader's axis that it lies along, or −1
  std::vector<Group> groups_;                   // per leader
  std::vector<bool> placed_;                    // per leader
  mutable std::vector<ChunkBox> first_, last_;  // scratch
  int offset_ = 0;  // small arrays start where the last one ended, so that many of them fill the ranks
};

void Spreader::group() {
  groups_.resize(partitions_.size());
  placed_.assign(partitions_.size(), false);
  for (int k = 0; k < graph_.size(); ++k) {
    alignments_.push_back(graph_.layer(k).alignment());
    const Alignment& alignment = alignments_.back();
    const int rank = graph_.layer(k).output().grid.rank();
    const bool leads = alignment.input < 0 || alignment.one_rank || alignment.hashed || alignment.fixed;
    const int led = leads ? k : graph_.inputs(k)[static_cast<std::size_t>(alignment.input)];
    leader_.push_back(leads ? k : leader_[led]);
    Coords axes;
    for (int a = 0; a < rank; ++a)
      axes.push_back(leads ? a : alignment.axis[a] < 0 ? -1 : leader_axes_[led][alignment.axis[a]]);
    leader_axes_.push_back(axes);
    Group& group = groups_[leader_[k]];
    group.layers.push_back(k);
    if (!is_made(k)) continue;
    if (graph_.layer(k).has_output())
      group.bytes = std::max(group.bytes, static_cast<double>(needed_[k].count()) *
                                              static_cast<double>(graph_.layer(k).output().largest_bytes()));
    group.work += traffic_.chunk_work(k) * static_cast<double>(needed_[k].count());
  }
  for (int k = 0; k < graph_.size(); ++k)
    if (leader_[k] == k && is_made(k)) groups_[k].work /= static_cast<double>(needed_[k].count());
}

/// Where a layer says itself which ranks it lies on.
bool Spreader::place_as_told(int leader) {
  const Alignment& alignment = alignments_[leader];
  const ChunkGrid& grid = graph_.layer(leader).output().grid;
  // Values that lie on another number of ranks are asked about by a plan for a pretended cluster.
  const bool is_held = alignment.fixed && alignment.fixed->ranks() == cluster_.ranks;
  if (is_held)
    place(leader, *alignment.fixed);
  else if (alignment.one_rank)
    place(leader, Partition::on_one_rank(grid, cluster_.ranks,
                                         static_cast<int>(alignment.key % static_cast<std::uint64_t>(cluster_.ranks))));
  else if (alignment.hashed)
    place(leader, Partition::hashed(grid, cluster_.ranks, 0, alignment.key));
  else if (!is_made(leader) || cluster_.ranks == 1)
    place(leader, Partition::spread(grid, cluster_.ranks, 0));
  else
    return false;
  placed_[leader] = true;
  return true;
}

void Spreader::place(int leader, const Partition& partition) {
  for (int k : groups_[leader].layers) {
    if (k == leader)
      partitions_[k] = partition;
    else
      partitions_[k] = Partition::aligned(graph_.layer(k).output().grid,
                                          partitions_[graph_.inputs(k)[static_cast<std::size_t>(alignments_[k].input)]],
                                          alignments_[k]);
  }
}

void Spreader::place_cheapest(int leader) {
  std::vector<Partition> candidates = own_candidates(leader);
  const std::size_t own = candidates.size();
  add_neighbours(leader, candidates);
  std::size_t best = 0;
  if (candidates.size() > 1) {
    double least = 0;
    for (std::size_t c = 0; c < candidates.size(); ++c) {
      place(leader, candidates[c]);
      const double now = cost(leader);
      if (c > 0 && now >= least * kWorthwhile) continue;
      best = c;
      least = now;
    }
  }
  place(leader, candidates[best]);
  placed_[leader] = true;
  const std::int64_t used = candidates[best].used_ranks();
  if (best < own && used < cluster_.ranks) offset_ = static_cast<int>((offset_ + used) % cluster_.ranks);
}

double Spreader::cost(int leader) {
  double cost = 0;
  for (int k : groups_[leader].layers) {
    if (!is_made(k)) continue;
    cost += traffic_.work_cost(k);
    const LayerKind kind = graph_.layer(k).kind();
    for (int i = 0; i < static_cast<int>(graph_.inputs(k).size()); ++i) {
      const int from = graph_.inputs(k)[static_cast<std::size_t>(i)];
      // What these follow lies beside them.
      if (i == alignments_[k].input && (kind == LayerKind::blockwise || kind == LayerKind::sink)) continue;
      if (leader_[from] == leader || is_placed(from)) cost += traffic_.edge_cost(k, i);
    }
    for (const LayerGraph::Consumer& consumer : graph_.consumers(k)) {
      if (leader_[consumer.layer] == leader) continue;
      if (is_placed(consumer.layer))
        cost += traffic_.edge_cost(consumer.layer, consumer.input);
      else if (leader_[consumer.layer] == consumer.layer && is_made(consumer.layer))
        cost += later_cost(k, consumer);
    }
  }
  return cost;
}

/// Of a layer that leads a group which has no place yet: near this input, or balanced, whichever is better.
double Spreader::later_cost(int layer, const LayerGraph::Consumer& consumer) {
  const ChunkGrid& grid = graph_.layer(consumer.layer).output().grid;
  const Alignment near{.input = 0, .axis = input_axes(consumer.layer, consumer.input)};
  double least = -1;
  for (const Partition& partition :
       {Partition::aligned(grid, partitions_[layer], near), Partition::spread(grid, cluster_.ranks, 0)}) {
    partitions_[consumer.layer] = partition;
    const double cost = traffic_.share_cost(partition, needed_[consumer.layer], groups_[consumer.layer].work) +
                        traffic_.edge_cost(consumer.layer, consumer.input);
    if (least < 0 || cost < least) least = cost;
  }
  return least;
}

void add_new(std::vector<Partition>& candidates, Partition partition) {
  if (std::find(candidates.begin(), candidates.end(), partition) == candidates.end())
    candidates.push_back(std::move(partition));
}

/// So many parts of what is needed; where that is not the whole axis, runs of `width` chunks (0: one run per part) are
/// dealt in turn, so that all parts have work.
Partition Spreader::by_parts(int leader, const Coords& parts, std::int64_t width) const {
  const ChunkGrid& grid = graph_.layer(leader).output().grid;
  const ChunkBox& needed = needed_[leader];
  Coords dealt = parts, widths(parts.size(), 0);
  for (std::size_t a = 0; a < parts.size(); ++a) {
    const std::int64_t length = needed.end[a] - needed.begin[a];
    if (length == grid.count(static_cast<int>(a)) || parts[a] == 1) continue;
    widths[a] = width > 0 ? width : (length + parts[a] - 1) / parts[a];
    dealt[a] = std::min(parts[a], (length + widths[a] - 1) / widths[a]);
  }
  return Partition::dealt(grid, dealt, widths, needed.begin, cluster_.ranks, offset_);
}

/// Parts whose numbers are as near one another as chunks allow: blocks of little surface.
Coords even_parts(const Coords& counts, std::int64_t ranks) {
  Coords parts(counts.size(), 1);
  std::vector<std::size_t> order;
  for (std::size_t a = 0; a < counts.size(); ++a)
    if (counts[a] > 1) order.push_back(a);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return counts[a] < counts[b]; });
  for (std::size_t k = 0; k < order.size(); ++k) {
    const auto left = static_cast<int>(order.size() - k);
    std::int64_t root = 1;  // the largest whose power `left` is at most `ranks`
    const auto power_fits = [&](std::int64_t base) {
      std::int64_t power = 1;
      for (int e = 0; e < left; ++e)
        if ((power *= base) > ranks) return false;
      return true;
    };
    while (power_fits(root + 1)) ++root;
    parts[order[k]] = std::min(counts[order[k]], root);
    ranks /= parts[order[k]];
  }
  return parts;
}

std::vector<Partition> Spreader::own_candidates(int leader) const {
  const ChunkGrid& grid = graph_.layer(leader).output().grid;
  const ChunkBox& needed = needed_[leader];
  Coords counts;
  for (int a = 0; a < grid.rank(); ++a) counts.push_back(needed.end[a] - needed.begin[a]);
  std::vector<Partition> candidates{by_parts(leader, balanced_parts(counts, cluster_.ranks), 0)};
  const std::int64_t most = candidates[0].largest_share(needed) * kImbalance / 4;
  const auto add = [&](Partition partition) {
    if (partition.largest_share(needed) <= most) add_new(candidates, std::move(partition));
  };
  int axes = 0;
  for (std::size_t a = 0; a < counts.size() && axes < kAxes; ++a) {
    if (counts[a] == 1) continue;
    ++axes;
    Coords others = counts;
    others[a] = 1;
    add(by_parts(leader, balanced_parts(others, cluster_.ranks), 0));              // this axis whole
    const std::int64_t parts = std::min<std::int64_t>(counts[a], cluster_.ranks);  // as much as can be along it
    Coords rest = balanced_parts(others, static_cast<int>(cluster_.ranks / parts));
    rest[a] = parts;
    add(by_parts(leader, rest, 0));
  }
  if (axes > 1) add(by_parts(leader, even_parts(counts, cluster_.ranks), 0));
  if (!(needed == grid.all())) {
    // Followers may need other pieces of the grid than their leader.
    add(by_parts(leader, balanced_parts(counts, cluster_.ranks), 1));
    add(Partition::spread(grid, cluster_.ranks, offset_));
  }
  return candidates;
}

/// What lies as the layers at the other ends of a group's edges do, where those have been placed.
void Spreader::add_neighbours(int leader, std::vector<Partition>& candidates) const {
  const std::size_t most = candidates.size() + kNeighbours;
  const ChunkGrid& grid = graph_.layer(leader).output().grid;
  const std::int64_t most_share = candidates[0].largest_share(needed_[leader]) * kNeighboursImbalance / 4;
  const auto add = [&](int member, const Coords& axes_of_member, int neighbour) {
    Alignment alignment{.input = 0, .axis = Coords(static_cast<std::size_t>(grid.rank()), -1)};
    for (std::size_t a = 0; a < axes_of_member.size(); ++a)
      if (leader_axes_[member][a] >= 0) alignment.axis[leader_axes_[member][a]] = axes_of_member[a];
    Partition partition = Partition::aligned(grid, partitions_[neighbour], alignment);
    if (partition.largest_share(needed_[leader]) <= most_share) add_new(candidates, std::move(partition));
  };
  for (int k : groups_[leader].layers) {
    if (!is_made(k)) continue;
    for (int i = 0; i < static_cast<int>(graph_.inputs(k).size()) && candidates.size() < most; ++i) {
      const int from = graph_.inputs(k)[static_cast<std::size_t>(i)];
      if (leader_[from] == leader || !is_placed(from) || !is_made(from)) continue;
      add(k, input_axes(k, i), from);
    }
    for (const LayerGraph::Consumer& consumer : graph_.consumers(k)) {
      if (candidates.size() >= most) return;
      if (leader_[consumer.layer] == leader || !is_placed(consumer.layer) || !is_made(consumer.layer)) continue;
      add(k, output_axes(consumer.layer, consumer.input), consumer.layer);
    }
  }
}

/// Per axis of an input: the output's axis along which it moves what it feeds, or −1.
Coords Spreader::output_axes(int layer, int input) const {
  const Layer& to = graph_.layer(layer);
  const ChunkGrid& from = to.inputs()[static_cast<std::size_t>(input)]->output().grid;
  Coords axes(static_cast<std::size_t>(from.rank()), -1);
  first_.clear();
  ChunkIndex chunk{Coords(axes.size(), 0)};
  to.feeds(input, ChunkBox::single(chunk), first_);
  if (first_.empty()) return axes;
  for (int a = 0; a < from.rank(); ++a) {
    if (from.count(a) == 1) continue;
    last_.clear();
    chunk.at[a] = from.count(a) - 1;
    to.feeds(input, ChunkBox::single(chunk), last_);
    chunk.at[a] = 0;
    if (last_.empty()) continue;
    for (int b = 0; b < to.output().grid.rank() && axes[a] < 0; ++b)
      if (last_[0].begin[b] != first_[0].begin[b] && std::find(axes.begin(), axes.end(), b) == axes.end()) axes[a] = b;
  }
  return axes;
}

/// The inverse: per axis of the output.
Coords Spreader::input_axes(int layer, int input) const {
  const Coords outputs = output_axes(layer, input);
  Coords inputs(static_cast<std::size_t>(graph_.layer(layer).output().grid.rank()), -1);
  for (std::size_t j = 0; j < outputs.size(); ++j)
    if (outputs[j] >= 0) inputs[outputs[j]] = static_cast<std::int64_t>(j);
  return inputs;
}

}  // namespace

std::vector<Partition> spread(const LayerGraph& graph, const Cluster& cluster, const std::vector<ChunkBox>& needed) {
  return Spreader(graph, cluster, needed).run();
}

}  // namespace dunlin
