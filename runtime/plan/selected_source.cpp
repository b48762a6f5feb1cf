#include "selected_source.hpp"

#include <algorithm>

#include "dunlin/graph/operand_map.hpp"
#include "dunlin/graph/rechunk.hpp"
#include "dunlin/graph/selection.hpp"
#include "dunlin/graph/source.hpp"

namespace dunlin {
namespace {

bool takes_all(const ChunkGrid& grid, const std::vector<AxisSelection>& selections) {
  for (int a = 0; a < grid.rank(); ++a)
    if (!selections[a].is_all(grid.length(a))) return false;
  return true;
}

/// The chunks of an axis that a selection takes anything from, ascending.
std::vector<std::int64_t> chunks_met(const ChunkGrid& grid, int a, const AxisSelection& selection) {
  std::vector<std::int64_t> chunks;
  for (std::int64_t k = 0; k < selection.count(); ++k) {
    const std::int64_t chunk = grid.chunk_of(a, selection.at(k));
    if (chunks.empty() || chunks.back() != chunk) chunks.push_back(chunk);
  }
  std::sort(chunks.begin(), chunks.end());
  chunks.erase(std::unique(chunks.begin(), chunks.end()), chunks.end());
  return chunks;
}

/// False where steps are so short that no chunk between the outermost ones can be left out.
bool may_leap(const ChunkGrid& grid, int a, const AxisSelection& selection) {
  if (selection.count() < 2 || grid.count(a) < 3) return false;
  if (selection.is_list()) return true;
  const std::int64_t step = std::abs(selection.step());
  if (grid.is_regular(a)) return step > grid.step(a);
  for (std::int64_t chunk = 0; chunk < grid.count(a); ++chunk)
    if (step > grid.begin(a, chunk + 1) - grid.begin(a, chunk)) return true;
  return false;
}

/// Leaves out the chunks of a source that lie between those that are met, which no culling by blocks would. Changes the
/// selections to those of what is left.
LayerPtr without_gaps(const LayerPtr& layer, std::vector<AxisSelection>& selections) {
  const ChunkGrid& grid = layer->output().grid;
  std::vector<AxisSelection> chunks, left = selections;
  bool any = false;
  for (int a = 0; a < grid.rank(); ++a) {
    chunks.push_back(AxisSelection::all(grid.count(a)));
    if (!may_leap(grid, a, selections[a])) continue;
    const std::vector<std::int64_t> met = chunks_met(grid, a, selections[a]);
    if (met.back() - met.front() + 1 == static_cast<std::int64_t>(met.size())) continue;
    any = true;
    std::vector<std::int64_t> begins{0}, elements;
    for (std::int64_t chunk : met) begins.push_back(begins.back() + grid.begin(a, chunk + 1) - grid.begin(a, chunk));
    for (std::int64_t k = 0; k < selections[a].count(); ++k) {
      const std::int64_t at = selections[a].at(k), chunk = grid.chunk_of(a, at);
      const auto place = std::lower_bound(met.begin(), met.end(), chunk) - met.begin();
      elements.push_back(begins[static_cast<std::size_t>(place)] + at - grid.begin(a, chunk));
    }
    left[a] = AxisSelection::of(std::move(elements));
    chunks.back() = AxisSelection::of(met);
  }
  if (!any) return layer;
  const LayerPtr some = static_cast<const SourceLayer&>(*layer).only(chunks);
  if (!some) return layer;
  selections = std::move(left);
  return some;
}

}  // namespace

LayerPtr take(const std::string& name, LayerPtr from, std::vector<AxisSelection> selections, const ChunkGrid& grid) {
  const ChunkGrid& whole = from->output().grid;
  double share = 1;
  for (int a = 0; a < whole.rank(); ++a)
    if (!selections[a].is_list() && whole.length(a) > 0)
      share *= static_cast<double>(selections[a].count()) / static_cast<double>(whole.length(a));
  const ChunkGrid natural = share > 0.5 ? grid : SelectionLayer::grid_of(whole, selections);
  const LayerPtr taken = SelectionLayer::make(name, std::move(from), std::move(selections), natural);
  return same_chunks(natural, grid) ? taken : RechunkLayer::make(name, taken, grid);
}

LayerPtr selected_source(const std::string& name, const LayerPtr& source, std::vector<AxisSelection> selections,
                         const ChunkGrid& grid) {
  LayerPtr base = source;
  // The source makes the ranges; lists, which would take elements of one chunk to several, remain.
  std::vector<AxisSelection> ranges;
  for (int a = 0; a < grid.rank(); ++a)
    ranges.push_back(selections[a].is_list() ? AxisSelection::all(source->output().grid.length(a)) : selections[a]);
  if (!takes_all(source->output().grid, ranges))
    if (const LayerPtr made = static_cast<const SourceLayer&>(*source).select(ranges)) {
      base = made;
      for (AxisSelection& selection : selections)
        if (!selection.is_list()) selection = AxisSelection::all(selection.count());
    }
  if (grid.count() > 0) base = without_gaps(base, selections);
  if (!takes_all(base->output().grid, selections)) return take(name, std::move(base), std::move(selections), grid);
  return same_chunks(base->output().grid, grid) ? base : RechunkLayer::make(name, std::move(base), grid);
}

bool are_apart(const ChunkGrid& grid, const std::vector<AxisSelection>& a, const std::vector<AxisSelection>& b) {
  const auto span = [&](int axis, const AxisSelection& selection) {
    std::int64_t lowest = selection.at(0), highest = lowest;
    if (!selection.is_list()) {
      lowest = std::min(lowest, selection.at(selection.count() - 1));
      highest = std::max(highest, selection.at(selection.count() - 1));
    } else {
      const auto [least, most] = std::minmax_element(selection.elements().begin(), selection.elements().end());
      lowest = *least, highest = *most;
    }
    return std::pair(grid.chunk_of(axis, lowest), grid.chunk_of(axis, highest));
  };
  for (int axis = 0; axis < grid.rank(); ++axis) {
    if (a[axis].count() == 0 || b[axis].count() == 0) return true;
    const auto first = span(axis, a[axis]), second = span(axis, b[axis]);
    if (first.second < second.first || second.second < first.first) return true;
  }
  return false;
}

}  // namespace dunlin
