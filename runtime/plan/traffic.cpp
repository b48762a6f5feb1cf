#include "traffic.hpp"

#include <algorithm>

namespace dunlin {
namespace {

// Orders of magnitude, not measurements of this machine: all ranks must count alike. A rank's storage gives and takes
// about 1 GB/s, memory 10 GB/s, and the network 3 GB/s with the copies at both ends; a task costs about 1 µs and
// a message 3 µs, planning included.
constexpr double kStoredByte = 1, kMemoryByte = 0.1, kMovedByte = 0.3, kTask = 1000, kMessage = 3000;

ChunkIndex last_of(const ChunkBox& block) {
  ChunkIndex chunk{block.end};
  for (std::int64_t& end : chunk.at) --end;
  return chunk;
}

ChunkIndex middle_of(const ChunkBox& block) {
  ChunkIndex chunk{block.begin};
  for (std::size_t a = 0; a < chunk.at.size(); ++a) chunk.at[a] = (block.begin[a] + block.end[a]) / 2;
  return chunk;
}

bool is_scattered(const Partition& partition) {
  return partition.kind() == Partition::Kind::hash || partition.kind() == Partition::Kind::table;
}

}  // namespace

Traffic::Traffic(const LayerGraph& graph, const Cluster& cluster, const std::vector<ChunkBox>& needed,
                 const std::vector<Partition>& partitions)
    : graph_(graph), needed_(needed), partitions_(partitions), threads_(std::max(cluster.threads, 1)) {
  for (int k = 0; k < graph.size(); ++k) {
    const Layer& layer = graph.layer(k);
    const bool is_made = needed[k].count() > 0;
    const Cost cost = is_made && layer.kernel() ? layer.kernel()->cost({needed[k].begin}) : Cost{};
    bytes_.push_back(is_made && layer.has_output() ? static_cast<double>(layer.output().largest_bytes()) : 0);
    work_.push_back(kTask + cost.operations + kStoredByte * static_cast<double>(cost.read_bytes + cost.write_bytes) +
                    kMemoryByte * bytes_.back());
  }
}

double Traffic::share_cost(const Partition& partition, const ChunkBox& needed, double work) const {
  if (needed.count() == 0) return 0;
  return std::max(static_cast<double>(partition.largest_share(needed)) / threads_, 1.0) * work;
}

double Traffic::Received::cost() const { return bytes * kMovedByte + messages * kMessage; }

double Traffic::edge_cost(int layer, int input) {
  const int from = graph_.inputs(layer)[static_cast<std::size_t>(input)];
  const Partition &to = partitions_[layer], &at = partitions_[from];
  if (needed_[layer].count() == 0 || (at.used_ranks() <= 1 && to.used_ranks() <= 1 && at == to)) return 0;
  if (is_scattered(at) || is_scattered(to)) return at == to ? 0 : scattered(layer, input).cost();
  double most = 0;
  int before = -1;
  for (const ChunkIndex& chunk :
       {ChunkIndex{needed_[layer].begin}, middle_of(needed_[layer]), last_of(needed_[layer])}) {
    const int rank = to.owner(chunk);
    if (rank == before) continue;
    before = rank;
    most = std::max(most, received(layer, input, rank, to.chunks_of(rank).cut(needed_[layer])).cost());
  }
  return most;
}

/// By a rank that makes `mine`: of its first block, as often as that fits.
Traffic::Received Traffic::received(int layer, int input, int rank, const ChunkSet& mine) {
  const int from = graph_.inputs(layer)[static_cast<std::size_t>(input)];
  const Layer& to = graph_.layer(layer);
  const ChunkBox outputs = mine.first_block();
  const ChunkSet at_home = partitions_[from].chunks_of(rank);
  blocks_.clear();
  to.needs(input, outputs, blocks_);
  const bool is_halo = to.kind() == LayerKind::overlap;
  Received received;
  for (const ChunkBox& block : blocks_) {
    const ChunkSet own = at_home.cut(block);
    const std::int64_t remote = block.count() - own.size();
    if (remote == 0) continue;
    if (!is_halo) received.bytes += bytes_of(layer, input, outputs, block, own);
    // Between all and all goes one message per pair of ranks, else one per chunk.
    const bool to_all = to.kind() == LayerKind::rechunk || to.kind() == LayerKind::shuffle;
    const std::int64_t peers = partitions_[from].ranks_of(block).size() - (own.empty() ? 0 : 1);
    received.messages += static_cast<double>(to_all ? std::min(peers, remote) : remote);
  }
  if (is_halo && received.messages > 0) received.bytes = halo_bytes(layer, input, outputs, rank);
  const double times = static_cast<double>(mine.size()) / static_cast<double>(outputs.count());
  return {received.bytes * times, received.messages * times};
}

/// Remote bytes of a block of needed chunks, of which the rank owns `own`.
double Traffic::bytes_of(int layer, int input, const ChunkBox& outputs, const ChunkBox& inputs, const ChunkSet& own) {
  const int from = graph_.inputs(layer)[static_cast<std::size_t>(input)];
  const Layer &to = graph_.layer(layer), &source = graph_.layer(from);
  const auto remote = static_cast<double>(inputs.count() - own.size());
  if (!to.cuts(input)) return remote * bytes_[from];
  const auto element =
      static_cast<double>(source.output().dtype.size() * static_cast<std::size_t>(source.output().planes));
  if (to.kind() != LayerKind::rechunk) {
    // About as much of every chunk as the first output takes of its first.
    std::vector<ChunkBox> first;
    to.needs(input, ChunkBox::single({outputs.begin}), first);
    if (first.empty()) return 0;
    const Box part = to.part(input, {outputs.begin}, {first[0].begin});
    return remote * std::min(bytes_[from], static_cast<double>(part.count()) * element);
  }
  const Box all = to.output().grid.box(outputs);
  double elements = static_cast<double>(all.count());
  if (!own.empty()) {
    const ChunkBox first = own.first_block();
    const double times = static_cast<double>(own.size()) / static_cast<double>(first.count());
    elements -= times * static_cast<double>(intersection(all, source.output().grid.box(first)).count());
  }
  return std::max(elements, 0.0) * element;
}

/// Of a block with halos: along every axis what the outermost chunks take from the next ones, if those are remote.
double Traffic::halo_bytes(int layer, int input, const ChunkBox& outputs, int rank) const {
  const int from = graph_.inputs(layer)[static_cast<std::size_t>(input)];
  const Layer &to = graph_.layer(layer), &source = graph_.layer(from);
  const auto element = static_cast<double>(source.output().dtype.size());
  double bytes = 0;
  std::vector<ChunkBox> needed;
  for (int a = 0; a < outputs.rank(); ++a) {
    const std::int64_t length = outputs.end[a] - outputs.begin[a];
    for (const std::int64_t side : {outputs.begin[a], outputs.end[a] - 1}) {
      ChunkIndex output = middle_of(outputs);
      output.at[a] = side;
      needed.clear();
      to.needs(input, ChunkBox::single(output), needed);
      for (const ChunkBox& block : needed) {
        ChunkIndex next = output;
        next.at[a] = side == outputs.begin[a] ? block.begin[a] : block.end[a] - 1;
        if (next == output || !block.contains(next) || partitions_[from].owner(next) == rank) continue;
        bytes += static_cast<double>(to.part(input, output, next).count()) * element *
                 static_cast<double>(outputs.count() / length);
      }
      if (length == 1) break;
    }
  }
  return bytes;
}

/// Where owners follow no geometry: an input is on the same rank by chance.
Traffic::Received Traffic::scattered(int layer, int input) {
  const int from = graph_.inputs(layer)[static_cast<std::size_t>(input)];
  blocks_.clear();
  graph_.layer(layer).needs(input, ChunkBox::single({needed_[layer].begin}), blocks_);
  double chunks = 0;
  for (const ChunkBox& block : blocks_) chunks += static_cast<double>(block.count());
  const auto used = static_cast<double>(std::max<std::int64_t>(partitions_[from].used_ranks(), 1));
  chunks *= static_cast<double>(partitions_[layer].largest_share(needed_[layer])) * (1 - 1 / used);
  return {chunks * bytes_[from], chunks};
}

}  // namespace dunlin
