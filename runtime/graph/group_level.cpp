#include "group_level.hpp"

#include <algorithm>
#include <numeric>

#include "dunlin/graph/reduction.hpp"

namespace dunlin {
namespace {

using Pairs = std::vector<std::pair<std::int64_t, std::int64_t>>;

/// States of a level in the order of their groups, those of one group in theirs.
std::vector<std::int64_t> by_group(const GroupLevel& level) {
  std::vector<std::int64_t> states(level.group.size());
  std::iota(states.begin(), states.end(), 0);
  std::stable_sort(states.begin(), states.end(), [&](std::int64_t a, std::int64_t b) {
    return level.group[static_cast<std::size_t>(a)] < level.group[static_cast<std::size_t>(b)];
  });
  return states;
}

}  // namespace

void GroupLevel::describe(Description& description) const {
  description.structure("groups").structure(static_cast<std::int64_t>(group.size()));
  for (std::int64_t of : group) description.structure(of);
  for (std::int64_t output = 0; output < relation.outputs(); ++output) {
    description.structure(static_cast<std::int64_t>(relation.inputs_of(output).size()));
    for (std::int64_t input : relation.inputs_of(output)) description.structure(input);
  }
  for (std::size_t offset : offsets) description.structure(static_cast<std::int64_t>(offset));
  for (const Span& span : spans) description.structure(span.begin).structure(span.end);
}

GroupLevelPtr partial_level(const ChunkGrid& domain, int axis, const std::vector<std::int64_t>& labels) {
  std::vector<std::int64_t> group;
  std::vector<std::size_t> offsets;
  std::vector<Span> spans;
  Pairs pairs;
  for (std::int64_t chunk = 0; chunk < domain.count(axis); ++chunk) {
    Pairs labelled;  // (group, element)
    for (std::int64_t at = domain.begin(axis, chunk); at < domain.begin(axis, chunk + 1); ++at)
      if (const std::int64_t label = labels[static_cast<std::size_t>(at)]; label >= 0) labelled.emplace_back(label, at);
    std::stable_sort(labelled.begin(), labelled.end());
    for (std::size_t k = 0; k < labelled.size(); ++k) {
      const auto [label, at] = labelled[k];
      if (k == 0 || labelled[k - 1].first != label) {
        pairs.emplace_back(static_cast<std::int64_t>(group.size()), chunk);
        group.push_back(label);
        offsets.push_back(spans.size());
      }
      if (spans.size() > offsets.back() && spans.back().end == at) {
        ++spans.back().end;
      } else {
        spans.push_back({at, at + 1});
      }
    }
  }
  offsets.push_back(spans.size());
  const auto states = static_cast<std::int64_t>(group.size());
  return std::make_shared<const GroupLevel>(GroupLevel{std::move(group),
                                                       ChunkRelation(std::move(pairs), states, domain.count(axis)),
                                                       std::move(offsets), std::move(spans)});
}

GroupLevelPtr combine_level(const GroupLevel& before) {
  std::vector<std::int64_t> group;
  Pairs pairs;
  std::int64_t place = 0;
  for (std::int64_t state : by_group(before)) {
    const std::int64_t of = before.group[static_cast<std::size_t>(state)];
    if (group.empty() || group.back() != of) place = 0;
    if (place % kFanIn == 0) group.push_back(of);
    pairs.emplace_back(static_cast<std::int64_t>(group.size()) - 1, state);
    ++place;
  }
  const auto states = static_cast<std::int64_t>(group.size());
  return std::make_shared<const GroupLevel>(
      GroupLevel{std::move(group), ChunkRelation(std::move(pairs), states, before.states()), {}, {}});
}

bool has_several(const GroupLevel& level) {
  std::vector<std::int64_t> groups = level.group;
  std::sort(groups.begin(), groups.end());
  return std::adjacent_find(groups.begin(), groups.end()) != groups.end();
}

GroupLevelPtr final_level(const GroupLevel& before, std::int64_t groups, std::int64_t per_chunk) {
  Pairs pairs;
  for (std::int64_t state = 0; state < before.states(); ++state)
    pairs.emplace_back(before.group[static_cast<std::size_t>(state)] / per_chunk, state);
  const std::int64_t chunks = (groups + per_chunk - 1) / per_chunk;
  return std::make_shared<const GroupLevel>(
      GroupLevel{before.group, ChunkRelation(std::move(pairs), chunks, before.states()), {}, {}});
}

}  // namespace dunlin
