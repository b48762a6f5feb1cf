#include "dunlin/topology/pinning.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "dunlin/base/error.hpp"

namespace dunlin {
namespace {

/// The PUs of one core that this process may use.
struct Core {
  Pu place;
  std::vector<int> pus;
};

/// In the node's order. Where nothing is allowed (a mask of another node) the job's cores, else all.
std::vector<Core> allowed_cores(const NodeMap& node) {
  const auto pick = [&](auto chosen) {
    std::vector<Core> cores;
    for (const Pu& pu : node.pus) {
      if (!chosen(pu)) continue;
      if (cores.empty() || cores.back().place.core != pu.core) cores.push_back({pu, {}});
      cores.back().pus.push_back(pu.os);
    }
    return cores;
  };
  std::vector<Core> cores = pick([](const Pu& pu) { return pu.allowed; });
  if (cores.empty()) cores = pick([](const Pu& pu) { return pu.job; });
  if (cores.empty()) cores = pick([](const Pu&) { return true; });
  require(!cores.empty(), "a node map has no PUs");
  return cores;
}

/// The share's slice; more processes than cores share single ones.
std::vector<Core> slice(const std::vector<Core>& cores, NodeShare share) {
  require(share.rank >= 0 && share.rank < share.size, "a process is not among those of its node");
  const auto count = static_cast<std::int64_t>(cores.size());
  const std::int64_t first = share.rank * count / share.size, end = (share.rank + 1) * count / share.size;
  return {cores.begin() + first, cores.begin() + std::max(end, first + 1)};
}

/// `amount` handed out evenly to places that hold `room` each (their sum ≥ amount). What cannot be halved further goes
/// to places that lie apart (`spread`), else to the first ones.
std::vector<int> fill_evenly(const std::vector<int>& room, int amount, bool spread) {
  std::vector<int> given(room.size(), 0);
  while (amount > 0) {
    std::vector<std::size_t> open;
    int step = amount;
    for (std::size_t place = 0; place < room.size(); ++place) {
      if (given[place] == room[place]) continue;
      open.push_back(place);
      step = std::min(step, room[place] - given[place]);
    }
    const int places = static_cast<int>(open.size());
    step = std::min(step, amount / places);
    for (int index = 0; index < places; ++index) {
      const auto before = [&](int i) { return (i * amount + places - 1) / places; };
      const bool rest = spread ? before(index) < before(index + 1) : index < amount;
      given[open[static_cast<std::size_t>(index)]] += step > 0 ? step : rest;
    }
    amount -= step > 0 ? step * places : amount;
  }
  return given;
}

/// The same over cores: first among domains, then among the caches of a domain, then among the cores of a cache.
std::vector<int> fill_cores(const std::vector<Core>& cores, const std::vector<int>& room, int amount) {
  const std::vector<int Pu::*> levels = {&Pu::domain, &Pu::cache, &Pu::core};
  std::vector<int> given(cores.size(), 0);
  // Hands `amount` to the cores [first, end), which are alike in all levels before `level`.
  const auto fill = [&](auto& self, std::size_t level, std::size_t first, std::size_t end, int some) -> void {
    if (level == levels.size()) {
      given[first] = some;
      return;
    }
    std::vector<std::size_t> begins;
    std::vector<int> rooms;
    for (std::size_t core = first; core < end; ++core) {
      if (core == first || cores[core].place.*levels[level] != cores[core - 1].place.*levels[level]) {
        begins.push_back(core);
        rooms.push_back(0);
      }
      rooms.back() += room[core];
    }
    const std::vector<int> parts = fill_evenly(rooms, some, level + 1 < levels.size());
    begins.push_back(end);
    for (std::size_t part = 0; part < parts.size(); ++part)
      if (parts[part] > 0) self(self, level + 1, begins[part], begins[part + 1], parts[part]);
  };
  fill(fill, 0, 0, cores.size(), amount);
  return given;
}

/// How many of `threads` workers go to each core: all PUs full as often as they can be, then a worker to each core,
/// then to their further PUs.
std::vector<int> workers_of_cores(const std::vector<Core>& cores, int threads) {
  std::vector<int> one(cores.size(), 1), further, workers;
  int pus = 0;
  for (const Core& core : cores) {
    const int here = static_cast<int>(core.pus.size());
    pus += here;
    further.push_back(here - 1);
  }
  for (const Core& core : cores) workers.push_back(threads / pus * static_cast<int>(core.pus.size()));
  const int rest = threads % pus, first = std::min(rest, static_cast<int>(cores.size()));
  const std::vector<int> firsts = fill_cores(cores, one, first), others = fill_cores(cores, further, rest - first);
  for (std::size_t core = 0; core < cores.size(); ++core) workers[core] += firsts[core] + others[core];
  return workers;
}

/// The number that all PUs of a mask share, else -1.
int common(const std::vector<const Pu*>& pus, int Pu::*number) {
  for (const Pu* pu : pus)
    if (pu->*number != pus.front()->*number) return -1;
  return pus.empty() ? -1 : pus.front()->*number;
}

}  // namespace

PinPlan plan_pinning(const NodeMap& node, int threads, NodeShare share) {
  require(threads >= 1, "no threads to plan for");
  const std::vector<Core> cores = slice(allowed_cores(node), share);
  const std::vector<int> counts = workers_of_cores(cores, threads);
  PinPlan plan;
  for (std::size_t index = 0; index < cores.size(); ++index) {
    const auto& [place, pus] = cores[index];
    const int here = static_cast<int>(pus.size()), count = counts[index];
    if (count > 0 && (plan.domains.empty() || plan.domains.back() != place.domain))
      plan.domains.push_back(place.domain);
    for (int worker = 0; worker < count; ++worker)
      plan.workers.push_back({.pus = count == 1 ? pus : std::vector{pus[static_cast<std::size_t>(worker % here)]},
                              .core = place.core,
                              .cache = place.cache,
                              .package = place.package,
                              .domain = static_cast<int>(plan.domains.size()) - 1});
    plan.workers_per_core = std::max(plan.workers_per_core, count);
    plan.workers_per_pu = std::max(plan.workers_per_pu, (count + here - 1) / here);
  }
  return plan;
}

PinPlan plan_of_masks(const NodeMap& node, const std::vector<std::vector<int>>& masks) {
  require(!masks.empty(), "no workers to plan for");
  std::map<int, const Pu*> by_number;
  for (const Pu& pu : node.pus) by_number[pu.os] = &pu;
  PinPlan plan;
  std::set<int> domains;
  std::vector<int> domain_of;
  std::map<int, int> on_core, on_pu;
  for (const std::vector<int>& mask : masks) {
    std::vector<const Pu*> pus;
    for (int number : mask)
      if (const auto found = by_number.find(number); found != by_number.end()) pus.push_back(found->second);
    plan.workers.push_back({.pus = mask,
                            .core = common(pus, &Pu::core),
                            .cache = common(pus, &Pu::cache),
                            .package = common(pus, &Pu::package)});
    domain_of.push_back(common(pus, &Pu::domain));
    domains.insert(domain_of.back());
    if (const int core = plan.workers.back().core; core >= 0)
      plan.workers_per_core = std::max(plan.workers_per_core, ++on_core[core]);
    if (pus.size() == 1) plan.workers_per_pu = std::max(plan.workers_per_pu, ++on_pu[pus.front()->os]);
  }
  if (domains.contains(-1)) domains = {-1};  // one worker that roams could be anywhere: no domain is anyone's own
  plan.domains.assign(domains.begin(), domains.end());
  for (std::size_t worker = 0; worker < masks.size(); ++worker)
    if (plan.domains.front() >= 0)
      plan.workers[worker].domain = static_cast<int>(std::distance(domains.begin(), domains.find(domain_of[worker])));
  return plan;
}

Distance distance(const WorkerPin& a, const WorkerPin& b) {
  const auto same = [&](int WorkerPin::*number) { return a.*number >= 0 && a.*number == b.*number; };
  if (same(&WorkerPin::core)) return Distance::same_core;
  if (same(&WorkerPin::cache)) return Distance::same_cache;
  if (same(&WorkerPin::domain)) return Distance::same_domain;
  return same(&WorkerPin::package) ? Distance::same_package : Distance::far;
}

std::vector<int> steal_order(const PinPlan& plan, int worker) {
  const int count = static_cast<int>(plan.workers.size());
  require(worker >= 0 && worker < count, "no such worker");
  const auto pin = [&](int number) -> const WorkerPin& { return plan.workers[static_cast<std::size_t>(number)]; };
  std::vector<int> order;
  for (int step = 1; step < count; ++step) order.push_back((worker + step) % count);
  std::stable_sort(order.begin(), order.end(),
                   [&](int a, int b) { return distance(pin(worker), pin(a)) < distance(pin(worker), pin(b)); });
  return order;
}

}  // namespace dunlin
