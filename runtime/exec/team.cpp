#include "dunlin/exec/team.hpp"

#include <algorithm>

namespace dunlin {

int Team::domains() const { return domain.empty() ? 1 : *std::max_element(domain.begin(), domain.end()) + 1; }

Team Team::anywhere(int workers) {
  Team team;
  team.domain.assign(static_cast<std::size_t>(workers), 0);
  for (int worker = 0; worker < workers; ++worker) {
    team.near.emplace_back();
    for (int step = 1; step < workers; ++step) team.near.back().push_back((worker + step) % workers);
  }
  return team;
}

}  // namespace dunlin
