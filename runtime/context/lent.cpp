#include "dunlin/context/lent.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "context_parts.hpp"
#include "dunlin/graph/partition.hpp"
#include "dunlin/graph/source.hpp"

namespace dunlin {
namespace {

class LentKernel final : public Kernel {
 public:
  explicit LentKernel(LentMemory memory) : memory_(std::move(memory)) {}
  void run(const TaskRun& task) const override { *task.made = Value::lent(memory_); }
  Cost cost(const ChunkIndex&) const override { return {}; }
  bool makes() const override { return true; }
  Lends lends() const override { return Lends::strided; }

 private:
  LentMemory memory_;
};

/// Where all ranks' boxes are cut, per axis, and who has which: a grid of boxes.
struct Decomposition {
  std::vector<std::vector<std::int64_t>> spans;  // lengths per axis
  std::vector<int> owners;                       // by chunk ordinal
};

Decomposition decompose(const std::vector<Box>& boxes) {
  Decomposition found;
  const auto first = std::find_if(boxes.begin(), boxes.end(), [](const Box& box) { return !box.empty(); });
  if (first == boxes.end()) throw BadDecomposition("no rank lends any element: give at least one rank a box");
  std::vector<std::vector<std::int64_t>> begins;
  for (int a = 0; a < first->rank(); ++a) {
    std::map<std::int64_t, std::int64_t> ends;  // of intervals, by where they begin
    for (std::size_t r = 0; r < boxes.size(); ++r) {
      if (boxes[r].empty()) continue;
      const auto [interval, is_new] = ends.try_emplace(boxes[r].begin[a], boxes[r].end[a]);
      if (!is_new && interval->second != boxes[r].end[a])
        throw BadDecomposition("the boxes that ranks lend make no grid: along axis " + std::to_string(a) +
                               " one ends at " + std::to_string(interval->second) + ", that of rank " +
                               std::to_string(r) + ", which begins at the same place, at " +
                               std::to_string(boxes[r].end[a]));
    }
    std::int64_t at = 0;
    begins.emplace_back();
    found.spans.emplace_back();
    for (const auto& [begin, end] : ends) {
      if (begin != at)
        throw BadDecomposition("the boxes that ranks lend leave a gap or overlap along axis " + std::to_string(a) +
                               ": expected one to begin at " + std::to_string(at) + ", the next begins at " +
                               std::to_string(begin));
      begins.back().push_back(begin);
      found.spans.back().push_back(end - begin);
      at = end;
    }
  }
  const ChunkGrid grid = ChunkGrid::ragged(found.spans);
  found.owners.assign(static_cast<std::size_t>(grid.count()), -1);
  for (std::size_t r = 0; r < boxes.size(); ++r) {
    if (boxes[r].empty()) continue;
    int& owner = found.owners[static_cast<std::size_t>(grid.ordinal(grid.chunk_of(boxes[r].begin)))];
    if (owner >= 0)
      throw BadDecomposition("ranks " + std::to_string(owner) + " and " + std::to_string(r) + " lend the same box " +
                             to_string(boxes[r]));
    owner = static_cast<int>(r);
  }
  if (const auto missing = std::find(found.owners.begin(), found.owners.end(), -1); missing != found.owners.end())
    throw BadDecomposition("no rank lends the box " +
                           to_string(grid.box(grid.at(ChunkOrdinal{missing - found.owners.begin()}))));
  return found;
}

/// As a closed formula where ranks are numbered along the axes, which any row- or column-major numbering is; else a
/// table, whose memory grows with the ranks.
Partition place_of(const ChunkGrid& grid, std::vector<int> owners, int ranks) {
  Coords strides;
  for (int a = 0; a < grid.rank(); ++a) {
    ChunkIndex second{Coords(static_cast<std::size_t>(grid.rank()), 0)};
    second.at[a] = std::min<std::int64_t>(1, grid.count(a) - 1);
    strides.push_back(std::max(owners[static_cast<std::size_t>(grid.ordinal(second))] - owners[0], 1));
  }
  bool regular = true;
  grid.all().for_each([&](const ChunkIndex& chunk) {
    std::int64_t rank = 0;
    for (int a = 0; a < grid.rank(); ++a) rank += chunk.at[a] * strides[a];
    regular = regular && rank == owners[static_cast<std::size_t>(grid.ordinal(chunk))];
  });
  if (!regular) return Partition::of_table(grid, std::move(owners), ranks);
  std::vector<std::vector<std::int64_t>> boundaries;
  for (int a = 0; a < grid.rank(); ++a) {
    boundaries.emplace_back();
    for (std::int64_t chunk = 0; chunk <= grid.count(a); ++chunk) boundaries.back().push_back(chunk);
  }
  return Partition::cartesian(grid, std::move(boundaries), strides, ranks);
}

void check_memory(DType dtype, const Box& box, const LentMemory& memory) {
  const std::int64_t bytes = box.count() * static_cast<std::int64_t>(dtype.size());
  if (static_cast<std::int64_t>(memory.bytes) != bytes)
    throw UsageError("the box " + to_string(box) + " of " + to_string(dtype) + " has " + std::to_string(bytes) +
                     " bytes, the memory that is lent for it " + std::to_string(memory.bytes));
  if (bytes > 0 && memory.data == nullptr)
    throw UsageError("the memory that is lent for " + to_string(box) + " is null");
  if (!memory.strides.empty() && static_cast<int>(memory.strides.size()) != box.rank())
    throw UsageError("a box of " + std::to_string(box.rank()) + " axes was lent with " +
                     std::to_string(memory.strides.size()) + " strides: give one per axis, or none where it is packed");
  for (std::int64_t stride : memory.strides)
    if (stride % static_cast<std::int64_t>(dtype.size()) != 0)
      throw UsageError("a stride of " + std::to_string(stride) + " bytes is no multiple of the " +
                       std::to_string(dtype.size()) + " bytes of an element");
}

}  // namespace

LayerPtr with_memory(const Layer& lent, LentMemory memory, std::int64_t ordinal) {
  require(lent.alignment().fixed != nullptr, "only lent arrays get other memory");
  return SourceLayer::make_fixed(lent.name(), lent.output(), std::make_shared<LentKernel>(std::move(memory)),
                                 "lent, step " + std::to_string(ordinal), lent.alignment().fixed);
}

LayerPtr ContextState::lend(const std::string& name, DType dtype, const Box& box, LentMemory memory) {
  Parts& parts = *parts_;
  on_all_ranks("lending " + name, [&] { check_memory(dtype, box, memory); });
  // Every rank's box on rank 0, which finds the grid; then the grid on every rank.
  std::vector<Box> boxes;
  {
    const CollectiveCall call(parts, "lend");
    boxes = parts.gather_boxes(box);
  }
  const std::vector<std::byte> answer = on_one_rank("lending " + name, [&] {
    const Decomposition found = decompose(boxes);
    Packer out;
    out.number(static_cast<std::int64_t>(found.spans.size()));
    for (const auto& axis : found.spans) {
      out.number(static_cast<std::int64_t>(axis.size()));
      for (std::int64_t span : axis) out.number(span);
    }
    for (int owner : found.owners) out.number(owner);
    return std::vector<std::byte>(out.bytes().begin(), out.bytes().end());
  });
  Unpacker in(answer);
  std::vector<std::vector<std::int64_t>> spans(static_cast<std::size_t>(in.number()));
  for (auto& axis : spans) {
    axis.resize(static_cast<std::size_t>(in.number()));
    for (std::int64_t& span : axis) span = in.number();
  }
  const ChunkGrid grid = ChunkGrid::ragged(spans);
  std::vector<int> owners(static_cast<std::size_t>(grid.count()));
  for (int& owner : owners) owner = static_cast<int>(in.number());
  return SourceLayer::make_fixed(name, ValueSpec{dtype, grid}, std::make_shared<LentKernel>(std::move(memory)),
                                 "lent " + std::to_string(next_ordinal()),
                                 std::make_shared<Partition>(place_of(grid, std::move(owners), size())));
}

/// On rank 0 every rank's box; elsewhere nothing.
std::vector<Box> ContextState::Parts::gather_boxes(const Box& mine) {
  agree_on_step(Call::setup, "gathering boxes", std::nullopt);
  Packer out;
  out.coords(mine.begin);
  out.coords(mine.end);
  const std::size_t planned = 2 * (kMaxRank + 1) * sizeof(std::int64_t);
  std::vector<std::byte> message(out.bytes().begin(), out.bytes().end());
  require(message.size() <= planned, "a box takes no more than its axes");
  if (rank != 0) {
    wait_for(transport->send(0, 0, message, planned));
    return {};
  }
  std::vector<Box> boxes{mine};
  for (int peer = 1; peer < size; ++peer) {
    std::vector<std::byte> from(planned);
    from.resize(wait_for(transport->receive(peer, 0, from)));
    Unpacker in(from);
    const Coords begin = in.coords();
    boxes.push_back({begin, in.coords()});
  }
  return boxes;
}

}  // namespace dunlin
