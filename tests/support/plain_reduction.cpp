#include "support/plain_reduction.hpp"

#include <algorithm>
#include <map>

namespace dunlin::test {
namespace {

using Pointers = std::vector<double*>;

State nothing(const Reducer& reducer) {
  State state(static_cast<std::size_t>(reducer.planes));
  Pointers planes;
  for (double& plane : state) planes.push_back(&plane);
  reducer.clear(planes.data(), 1);
  return state;
}

void take(const Reducer& reducer, State& state, double value) {
  Pointers planes;
  for (double& plane : state) planes.push_back(&plane);
  reducer.take(reinterpret_cast<const std::byte*>(&value), planes.data(), 1);
}

State merged(const Reducer& reducer, State earlier, const State& later) {
  Pointers planes;
  std::vector<const double*> others;
  for (double& plane : earlier) planes.push_back(&plane);
  for (const double& plane : later) others.push_back(&plane);
  reducer.merge(planes.data(), others.data(), 1);
  return earlier;
}

/// 128 elements at most: element k in lane k mod 16, lanes joined by halves.
State of_block(const Reducer& reducer, const std::vector<double>& values) {
  std::vector<State> lanes(16, nothing(reducer));
  for (std::size_t k = 0; k < values.size(); ++k) take(reducer, lanes[k % 16], values[k]);
  for (std::size_t half : {8u, 4u, 2u, 1u})
    for (std::size_t lane = 0; lane < half; ++lane) lanes[lane] = merged(reducer, lanes[lane], lanes[lane + half]);
  return lanes[0];
}

/// A chunk: blocks pairwise like a binary counter. Equal powers of two join as they arise, the rest from the back.
State of_chunk(const Reducer& reducer, const std::vector<double>& values) {
  std::vector<std::pair<std::size_t, State>> counter;  // blocks in it, state
  for (std::size_t first = 0; first < values.size() || first == 0; first += 128) {
    const auto end = values.begin() + static_cast<std::ptrdiff_t>(std::min(first + 128, values.size()));
    counter.emplace_back(1, of_block(reducer, {values.begin() + static_cast<std::ptrdiff_t>(first), end}));
    while (counter.size() > 1 && counter[counter.size() - 2].first == counter.back().first) {
      const auto last = counter.back();
      counter.pop_back();
      counter.back() = {last.first * 2, merged(reducer, counter.back().second, last.second)};
    }
  }
  while (counter.size() > 1) {
    const State last = counter.back().second;
    counter.pop_back();
    counter.back().second = merged(reducer, counter.back().second, last);
  }
  return counter.back().second;
}

double finished(const Reducer& reducer, const State& state) {
  double result;
  std::vector<const double*> planes;
  for (const double& plane : state) planes.push_back(&plane);
  reducer.finish(planes.data(), reinterpret_cast<std::byte*>(&result), 1, reducer.parameter);
  return result;
}

}  // namespace

std::vector<double> plain_reduction(const Reducer& reducer, const Coords& axes, const ChunkGrid& grid,
                                    const std::function<double(const Coords&)>& value) {
  const auto is_reduced = [&](int a) { return std::find(axes.begin(), axes.end(), a) != axes.end(); };
  // Values by kept position, then by chunk along the reduced axes: row-major, since the walk is.
  std::map<Coords, std::map<Coords, std::vector<double>>> values;
  grid.all().for_each([&](const ChunkIndex& chunk) {
    const Box box = grid.box(chunk);
    ChunkBox{box.begin, box.end}.for_each([&](const ChunkIndex& at) {
      Coords kept, reduced_chunk;
      for (int a = 0; a < grid.rank(); ++a)
        (is_reduced(a) ? reduced_chunk : kept).push_back(is_reduced(a) ? chunk.at[a] : at.at[a]);
      values[kept][reduced_chunk].push_back(value(at.at));
    });
  });
  std::vector<double> results;
  for (const auto& [kept, chunks] : values) {
    std::map<Coords, State> states;
    for (const auto& [chunk, elements] : chunks) states[chunk] = of_chunk(reducer, elements);
    const auto many = [&] {  // more than one chunk along any reduced axis
      const Coords& last = states.rbegin()->first;
      return std::any_of(last.begin(), last.end(), [](std::int64_t c) { return c > 0; });
    };
    while (many()) {
      std::map<Coords, State> joined;
      for (const auto& [chunk, state] : states) {
        Coords group;
        for (std::int64_t c : chunk) group.push_back(c / kFanIn);
        const auto [found, is_first] = joined.try_emplace(group, state);
        if (!is_first) found->second = merged(reducer, found->second, state);
      }
      states = std::move(joined);
    }
    results.push_back(finished(reducer, states.begin()->second));
  }
  return results;
}

std::vector<double> plain_grouped_reduction(const Reducer& reducer, int axis, const ChunkGrid& grid,
                                            const std::vector<std::int64_t>& labels, std::int64_t groups,
                                            const std::function<double(const Coords&)>& value) {
  Shape result = grid.shape();
  result[axis] = groups;
  std::vector<double> results;
  ChunkBox{Coords(result.size(), 0), result}.for_each([&](const ChunkIndex& kept) {
    // The group's elements, a list for every chunk that has any.
    std::vector<State> states;
    for (std::int64_t chunk = 0; chunk < grid.count(axis); ++chunk) {
      std::vector<double> elements;
      for (std::int64_t k = grid.begin(axis, chunk); k < grid.begin(axis, chunk + 1); ++k) {
        if (labels[static_cast<std::size_t>(k)] != kept.at[axis]) continue;
        Coords at = kept.at;
        at[axis] = k;
        elements.push_back(value(at));
      }
      if (!elements.empty()) states.push_back(of_chunk(reducer, elements));
    }
    if (states.empty()) states.push_back(nothing(reducer));
    while (states.size() > 1) {
      std::vector<State> joined;
      for (std::size_t k = 0; k < states.size(); k += 2)
        joined.push_back(k + 1 < states.size() ? merged(reducer, states[k], states[k + 1]) : states[k]);
      states = std::move(joined);
    }
    results.push_back(finished(reducer, states.front()));
  });
  return results;
}

}  // namespace dunlin::test
