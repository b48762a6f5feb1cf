// Workers are spread over cores, fill domains evenly, stay within what the process may use, and steal from the nearest
// first: on pretended nodes of every kind.

#include "dunlin/topology/pinning.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

namespace dunlin {
namespace {

constexpr const char* kTwoSockets = "pack:2 numa:1 core:4 pu:2";
/// Two sockets of four sub-NUMA clusters each, a cluster of two caches of four cores.
constexpr const char* kClusters = "pack:2 numa:4 l3:2 core:4 pu:1";

std::vector<int> cores(const PinPlan& plan) {
  std::vector<int> found;
  for (const WorkerPin& worker : plan.workers) found.push_back(worker.core);
  return found;
}

std::vector<int> domains(const PinPlan& plan) {
  std::vector<int> found;
  for (const WorkerPin& worker : plan.workers) found.push_back(plan.domains[static_cast<std::size_t>(worker.domain)]);
  return found;
}

TEST(PinPlan, WorkersSpreadOverCoresAndFillDomainsEvenly) {
  struct Case {
    const char *description, *allowed;
    int threads;
    std::vector<int> cores, domains;
    const char* why;
  };
  const Case cases[] = {
      {kTwoSockets, "", 1, {0}, {0}, "one worker"},
      {kTwoSockets, "", 2, {0, 4}, {0, 1}, "a worker for each domain's memory"},
      {kTwoSockets, "", 4, {0, 1, 4, 5}, {0, 0, 1, 1}, "half of the node"},
      {kTwoSockets, "", 5, {0, 1, 2, 4, 5}, {0, 0, 0, 1, 1}, "one more than even"},
      {kTwoSockets, "", 8, {0, 1, 2, 3, 4, 5, 6, 7}, {0, 0, 0, 0, 1, 1, 1, 1}, "exactly the cores"},
      {kTwoSockets, "", 10, {0, 0, 1, 2, 3, 4, 4, 5, 6, 7}, {0, 0, 0, 0, 0, 1, 1, 1, 1, 1}, "two share a core"},
      {kTwoSockets, "8-15", 2, {4, 5}, {1, 1}, "bound to the second socket"},
      {kTwoSockets, "0-9", 4, {0, 1, 2, 4}, {0, 0, 0, 1}, "four cores of one domain, one of the other"},
      {kTwoSockets, "0-8", 5, {0, 1, 2, 3, 4}, {0, 0, 0, 0, 1}, "a core of which one PU is allowed"},
      {"pack:2 numa:1 core:5 pu:1", "0-4,9", 4, {0, 1, 2, 9}, {0, 0, 0, 1}, "five cores and one"},
      {"pack:2 numa:1 core:5 pu:1", "0-4,9", 6, {0, 1, 2, 3, 4, 9}, {0, 0, 0, 0, 0, 1}, "all of five and one"},
      {kClusters, "", 2, {0, 32}, {0, 4}, "two of eight domains: in different sockets"},
      {kClusters, "", 8, {0, 8, 16, 24, 32, 40, 48, 56}, {0, 1, 2, 3, 4, 5, 6, 7}, "a worker for each cluster"},
      {kClusters, "0-7", 4, {0, 1, 4, 5}, {0, 0, 0, 0}, "in one cluster: evenly over its caches"},
      {kClusters, "8-23", 4, {8, 12, 16, 20}, {1, 1, 2, 2}, "two clusters in the middle"},
      {"pu:4", "", 3, {0, 1, 2}, {0, 0, 0}, "a virtual machine that tells of PUs only"},
      {"pu:1", "", 3, {0, 0, 0}, {0, 0, 0}, "all on the only one"},
      {"pack:2 core:2 pu:1", "", 2, {0, 1}, {0, 0}, "one memory for both packages"},
      {kTwoSockets, "99", 2, {0, 4}, {0, 1}, "a binding that means no PU of this node counts as none"},
  };
  for (const Case& it : cases) {
    SCOPED_TRACE(it.why);
    const auto node = synthetic_node_map(it.description, it.allowed);
    const PinPlan plan = plan_pinning(*node, it.threads);
    EXPECT_EQ(cores(plan), it.cores);
    EXPECT_EQ(domains(plan), it.domains);
    EXPECT_EQ(plan.domains.size(), std::set(it.domains.begin(), it.domains.end()).size());
  }
}

TEST(PinPlan, AWorkerOwnsItsCoreUntilWorkersOutnumberCores) {
  const auto node = synthetic_node_map("core:2 pu:2");
  const auto masks = [&](int threads) {
    std::vector<std::vector<int>> found;
    for (const WorkerPin& worker : plan_pinning(*node, threads).workers) found.push_back(worker.pus);
    return found;
  };
  using Masks = std::vector<std::vector<int>>;
  EXPECT_EQ(masks(2), (Masks{{0, 1}, {2, 3}})) << "the system chooses among the PUs of a core";
  EXPECT_EQ(masks(3), (Masks{{0}, {1}, {2, 3}}));
  EXPECT_EQ(masks(4), (Masks{{0}, {1}, {2}, {3}}));
  EXPECT_EQ(masks(5), (Masks{{0}, {1}, {0}, {2}, {3}}));
  EXPECT_EQ(plan_pinning(*node, 2).workers_per_core, 1);
  EXPECT_EQ(plan_pinning(*node, 4).workers_per_core, 2);
  EXPECT_EQ(plan_pinning(*node, 4).workers_per_pu, 1);
  EXPECT_EQ(plan_pinning(*node, 5).workers_per_pu, 2);
}

TEST(PinPlan, EveryPlanUsesAllowedPusOnlyAndNoCoreTwiceWhileOneIsFree) {
  const char* allowed_sets[] = {"", "0", "1-6", "0,3,4,9-20", "5-40", "0,2,4,6,8,10,12,14"};
  for (const char* description : {kTwoSockets, kClusters, "pack:3 numa:2 core:3 pu:4", "core:7 pu:1"})
    for (const char* allowed : allowed_sets) {
      const auto node = synthetic_node_map(description, allowed);
      std::set<int> may;
      for (const Pu& pu : node->pus)
        if (pu.allowed) may.insert(pu.os);
      for (int threads = 1; threads <= 70; ++threads) {
        SCOPED_TRACE(std::string(description) + ", " + allowed + ", " + std::to_string(threads) + " threads");
        const PinPlan plan = plan_pinning(*node, threads);
        ASSERT_EQ(plan.workers.size(), static_cast<std::size_t>(threads));
        std::set<int> used;
        for (const WorkerPin& worker : plan.workers) {
          used.insert(worker.core);
          for (int pu : worker.pus) EXPECT_TRUE(may.contains(pu)) << pu;
          EXPECT_LT(static_cast<std::size_t>(worker.domain), plan.domains.size());
        }
        EXPECT_EQ(static_cast<int>(used.size()), std::min(threads, node->counts.allowed_cores));
        EXPECT_EQ(plan.workers_per_core == 1, threads <= node->counts.allowed_cores);
        EXPECT_EQ(plan.workers_per_pu, (threads + node->counts.allowed_pus - 1) / node->counts.allowed_pus);
        EXPECT_TRUE(std::ranges::is_sorted(plan.workers, {}, &WorkerPin::domain)) << "neighbours share a domain";
      }
    }
}

TEST(PinPlan, RanksThatShareANodeTakeDifferentCores) {
  struct Case {
    const char *description, *allowed;
    int ranks, threads;
    const char* why;
  };
  const Case cases[] = {
      {kTwoSockets, "", 2, 4, "a socket each"}, {kTwoSockets, "", 3, 2, "slices across the sockets"},
      {kTwoSockets, "", 8, 1, "a core each"},   {kTwoSockets, "", 4, 4, "two cores of two PUs each"},
      {kClusters, "", 8, 8, "a cluster each"},  {kTwoSockets, "2-11", 2, 2, "within a restricted cpuset"},
  };
  for (const Case& it : cases) {
    SCOPED_TRACE(it.why);
    const auto node = synthetic_node_map(it.description, it.allowed);
    std::set<int> taken;
    for (int rank = 0; rank < it.ranks; ++rank) {
      const PinPlan plan = plan_pinning(*node, it.threads, {rank, it.ranks});
      const std::vector<int> of_rank = cores(plan);
      for (int core : std::set(of_rank.begin(), of_rank.end()))
        EXPECT_TRUE(taken.insert(core).second) << "core " << core << " of rank " << rank;
    }
  }
  const auto node = synthetic_node_map(kTwoSockets);
  EXPECT_EQ(cores(plan_pinning(*node, 1, {8, 9})), std::vector{7}) << "more ranks than cores: the last has one too";
  EXPECT_EQ(cores(plan_pinning(*node, 1, {0, 9})), std::vector{0});
  EXPECT_EQ(plan_pinning(*node, 4, {1, 2}).domains, std::vector{1}) << "numbered from 0 in the plan";
  EXPECT_EQ(plan_pinning(*node, 4, {1, 2}).workers[0].domain, 0);
}

TEST(PinPlan, DomainsWithoutMemoryOrProcessorsAreNone) {
  // DRAM and HBM side by side, a processor-less domain at the machine, and a package whose domain has no memory.
  const auto both = synthetic_node_map("pack:2 [numa(memory=8GB)] [numa(memory=1GB)] core:2 pu:1");
  EXPECT_EQ(plan_pinning(*both, 4).domains, (std::vector{0, 1}));
  EXPECT_EQ(both->counts.node_domains, 2);
  const auto empty = synthetic_node_map("pack:2 [numa(memory=0)] core:2 pu:1");
  EXPECT_EQ(plan_pinning(*empty, 4).domains, (std::vector{0, 1})) << "packages stand in for domains";
}

TEST(StealOrder, GoesFromNearToFarAndSpreadsTies) {
  const auto node = synthetic_node_map(kClusters);
  const PinPlan plan = plan_pinning(*node, 64);
  const std::vector<int> order = steal_order(plan, 5);
  ASSERT_EQ(order.size(), 63u);
  EXPECT_EQ(std::vector(order.begin(), order.begin() + 3), (std::vector{6, 7, 4})) << "same cache, from its own number";
  EXPECT_EQ(std::vector(order.begin() + 3, order.begin() + 7), (std::vector{0, 1, 2, 3})) << "then the domain";
  EXPECT_EQ(order[7], 8) << "then the package";
  EXPECT_EQ(order[31], 32) << "then the rest";
  for (std::size_t at = 1; at < order.size(); ++at)
    EXPECT_LE(distance(plan.workers[5], plan.workers[static_cast<std::size_t>(order[at - 1])]),
              distance(plan.workers[5], plan.workers[static_cast<std::size_t>(order[at])]));
  std::set<int> first_victims;
  for (int worker = 0; worker < 4; ++worker) first_victims.insert(steal_order(plan, worker).front());
  EXPECT_EQ(first_victims.size(), 4u) << "workers of one cache begin at different victims";
}

TEST(StealOrder, ACoresOtherWorkerIsNearestAndOneWorkerHasNobody) {
  const auto node = synthetic_node_map(kTwoSockets);
  EXPECT_EQ(steal_order(plan_pinning(*node, 16), 4).front(), 5);
  EXPECT_EQ(steal_order(plan_pinning(*node, 16), 5).front(), 4);
  EXPECT_TRUE(steal_order(plan_pinning(*node, 1), 0).empty());
}

TEST(PinPlan, OfMasksTellsWhereBoundWorkersAre) {
  const auto node = synthetic_node_map(kTwoSockets);
  const PinPlan bound = plan_of_masks(*node, {{0, 1}, {2}, {12, 13}});
  EXPECT_EQ(cores(bound), (std::vector{0, 1, 6}));
  EXPECT_EQ(domains(bound), (std::vector{0, 0, 1}));
  const PinPlan second = plan_of_masks(*node, {{8, 9, 10, 11}, {8}});
  EXPECT_EQ(second.domains, std::vector{1});
  EXPECT_EQ(second.workers[0].core, -1) << "roams within its domain";
  EXPECT_EQ(second.workers[0].package, 1);
  EXPECT_EQ(second.workers[1].domain, 0);
  const std::vector<int> anywhere = {0, 1, 2, 3, 8, 9};
  const PinPlan roaming = plan_of_masks(*node, {anywhere, {0}, {}});
  EXPECT_EQ(roaming.domains, std::vector{-1}) << "one that may be anywhere leaves no domain to the others";
  for (const WorkerPin& worker : roaming.workers) EXPECT_EQ(worker.domain, 0);
  EXPECT_EQ(plan_of_masks(*node, {{0}, {0}, {1}}).workers_per_pu, 2);
  EXPECT_EQ(plan_of_masks(*node, {{0}, {0}, {1}}).workers_per_core, 3);
}

}  // namespace
}  // namespace dunlin
