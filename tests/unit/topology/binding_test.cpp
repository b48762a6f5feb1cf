// Binding is done only where it is asked for and nobody else has the say, ends with its scope, and may be forbidden.

#include "dunlin/topology/binding.hpp"

#include <gtest/gtest.h>
#include <sched.h>

#include <thread>

namespace dunlin {
namespace {

std::vector<int> mask_of_this_thread() {
  cpu_set_t set;
  sched_getaffinity(0, sizeof set, &set);
  std::vector<int> pus;
  for (int pu = 0; pu < CPU_SETSIZE; ++pu)
    if (CPU_ISSET(pu, &set)) pus.push_back(pu);
  return pus;
}

TEST(ThreadBinding, HoldsOnTheRealNodeAndIsRestored) {
  const auto node = read_node_map();
  const std::vector<int> before = mask_of_this_thread();
  for (const WorkerPin& worker : plan_pinning(*node, 3).workers) {
    const ThreadBinding bound(*node->binder, worker.pus);
    ASSERT_TRUE(bound.bound());
    EXPECT_EQ(mask_of_this_thread(), worker.pus);
    EXPECT_EQ(node->binder->current(), worker.pus);
    std::thread([&] {
      EXPECT_EQ(mask_of_this_thread(), worker.pus) << "a thread inherits the mask of its maker";
    }).join();
  }
  EXPECT_EQ(mask_of_this_thread(), before);
}

TEST(ThreadBinding, BindsTheCallingThreadOnly) {
  const auto node = read_node_map();
  const std::vector<int> before = mask_of_this_thread();
  std::thread([&] { const ThreadBinding bound(*node->binder, {before.front()}); }).join();
  EXPECT_EQ(mask_of_this_thread(), before);
}

TEST(ThreadBinding, APuThatDoesNotExistIsRefusedAndTheThreadStays) {
  const auto node = read_node_map();
  const std::vector<int> before = mask_of_this_thread();
  {
    const ThreadBinding bound(*node->binder, {1 << 20});
    EXPECT_FALSE(bound.bound());
    EXPECT_EQ(mask_of_this_thread(), before);
  }
  EXPECT_EQ(mask_of_this_thread(), before);
}

/// A system that forbids, as seccomp filters and some containers do.
struct ForbiddingBinder final : CpuBinder {
  std::vector<int> told;
  mutable int calls = 0;
  explicit ForbiddingBinder(std::vector<int> told) : told(std::move(told)) {}
  std::vector<int> current() const override { return told; }
  bool bind(const std::vector<int>&) const noexcept override { return ++calls, false; }
};

TEST(ThreadBinding, ForbiddenIsAnAnswerAndNothingIsRestored) {
  const ForbiddingBinder refuses({0, 1});
  { EXPECT_FALSE(ThreadBinding(refuses, {0}).bound()); }
  EXPECT_EQ(refuses.calls, 1) << "what was not done is not undone";
  const ForbiddingBinder silent({});
  { EXPECT_FALSE(ThreadBinding(silent, {0}).bound()); }
  EXPECT_EQ(silent.calls, 0) << "a mask that could not be restored is left alone";
}

TEST(ChooseBinding, OnlyWhereAskedAndNobodyElseHasTheSay) {
  struct Case {
    const char* allowed;
    bool asked;
    const char *proc_bind, *places;
    int node_rank, node_size;
    bool bind;
    NodeShare share;
    const char* reason;
  };
  // On a node of 8 cores of 2 PUs.
  const Case cases[] = {
      {"", false, "", "", 0, 1, false, {0, 1}, "threads are not bound: nobody asked for it"},
      {"", true, "", "", 0, 1, true, {0, 1}, "threads are bound to the 8 cores that this process may use"},
      {"",
       true,
       "",
       "",
       1,
       2,
       true,
       {1, 2},
       "threads are bound to slice 2 of 2 of the 8 cores that the ranks here may use"},
      {"", true, "close", "", 0, 1, false, {0, 1}, "threads are bound by OpenMP or not at all: OMP_PROC_BIND=close"},
      {"", true, "false", "", 0, 1, false, {0, 1}, "threads are bound by OpenMP or not at all: OMP_PROC_BIND=false"},
      {"", true, "", "cores", 0, 1, false, {0, 1}, "threads are bound by OpenMP or not at all: OMP_PLACES=cores"},
      {"0-1",
       true,
       "",
       "",
       0,
       2,
       false,
       {0, 1},
       "threads are not bound: the launcher has bound this rank to 1 core, less than its share of 4"},
      {"0-7",
       true,
       "",
       "",
       0,
       2,
       true,
       {0, 1},
       "threads are bound within the 4 cores that the launcher gave this rank"},
      {"0-7",
       true,
       "",
       "",
       1,
       4,
       false,
       {0, 1},
       "threads are not bound: the launcher has bound this rank to 4 cores that other ranks may share"},
      {"0-7",
       true,
       "",
       "",
       0,
       1,
       false,
       {0, 1},
       "threads are not bound: the launcher has bound this rank to 4 cores, less than its share of 8"},
  };
  for (const Case& it : cases) {
    SCOPED_TRACE(it.reason);
    const BindingChoice choice = choose_binding({.asked = it.asked,
                                                 .omp_proc_bind = it.proc_bind,
                                                 .omp_places = it.places,
                                                 .counts = synthetic_topology("pack:2 numa:1 core:4 pu:2", it.allowed),
                                                 .node_rank = it.node_rank,
                                                 .node_size = it.node_size});
    EXPECT_EQ(choice.bind, it.bind);
    EXPECT_EQ(choice.share, it.share);
    EXPECT_EQ(choice.reason, it.reason);
  }
}

}  // namespace
}  // namespace dunlin
