// Counts of a node follow its description and the process's binding, and the real node makes sense.

#include "dunlin/topology/node_topology.hpp"

#include <gtest/gtest.h>
#include <sched.h>

#include "dunlin/topology/instruction_level.hpp"

namespace dunlin {
namespace {

constexpr const char* kTwoSockets = "pack:2 numa:1 core:4 pu:2";

TEST(NodeTopology, PretendedNodesAreCountedWithinTheirBinding) {
  struct Case {
    const char *description, *allowed;
    int allowed_cores, allowed_pus, allowed_domains, node_cores, node_pus, node_domains;
    const char* why;
  };
  const Case cases[] = {
      {kTwoSockets, "", 8, 16, 2, 8, 16, 2, "nothing bound"},
      {kTwoSockets, "0-7", 4, 8, 1, 8, 16, 2, "one socket"},
      {kTwoSockets, "6-9", 2, 4, 2, 8, 16, 2, "across two sockets"},
      {kTwoSockets, "0,2,4,6", 4, 4, 1, 8, 16, 2, "one thread of each core"},
      {kTwoSockets, "15", 1, 1, 1, 8, 16, 2, "a single hardware thread"},
      {kTwoSockets, "8-99", 4, 8, 1, 8, 16, 2, "a binding wider than the node"},
      {"pu:1", "", 1, 1, 1, 1, 1, 1, "the smallest node, with no cores named"},
      {"pack:2 numa:4 core:16 pu:1", "0-15", 16, 16, 1, 128, 128, 8, "one rank per domain, no hyper-threads"},
  };
  for (const auto& it : cases) {
    SCOPED_TRACE(it.why);
    const NodeTopology node = synthetic_topology(it.description, it.allowed);
    EXPECT_EQ(node.allowed_cores, it.allowed_cores);
    EXPECT_EQ(node.allowed_pus, it.allowed_pus);
    EXPECT_EQ(node.allowed_domains, it.allowed_domains);
    EXPECT_EQ(node.node_cores, it.node_cores);
    EXPECT_EQ(node.node_pus, it.node_pus);
    EXPECT_EQ(node.node_domains, it.node_domains);
    EXPECT_GT(node.node_memory, 0);
    EXPECT_EQ(node.memory_limit, node.node_memory);
  }
}

TEST(NodeTopology, WhatDescribesNoNodeIsRefused) {
  EXPECT_THROW(synthetic_topology("gpu:7"), BadTopology);
  EXPECT_THROW(synthetic_topology(""), BadTopology);
  try {
    synthetic_topology(kTwoSockets, "first");
    FAIL() << "'first' was accepted as a list of processors";
  } catch (const BadTopology& error) {
    EXPECT_EQ(error.code, ErrorCode::usage);
    EXPECT_EQ(error.description, "first");
    EXPECT_STREQ(error.what(),
                 "'first' describes no node: give levels and counts as hwloc does, for example 'pack:2 numa:1 core:4 "
                 "pu:2', and processors as '0-3,8'");
  }
}

/// Binds this process for the length of a scope.
class Binding {
 public:
  explicit Binding(const cpu_set_t& to) {
    sched_getaffinity(0, sizeof before_, &before_);
    bound_ = sched_setaffinity(0, sizeof to, &to) == 0;
  }
  ~Binding() { sched_setaffinity(0, sizeof before_, &before_); }
  bool bound() const { return bound_; }

 private:
  cpu_set_t before_;
  bool bound_;
};

TEST(NodeTopology, TheRealNodeIsCountedWithinTheBindingOfThisProcess) {
  cpu_set_t allowed;
  ASSERT_EQ(sched_getaffinity(0, sizeof allowed, &allowed), 0);
  const NodeTopology node = read_topology();
  EXPECT_EQ(node.allowed_pus, CPU_COUNT(&allowed));
  EXPECT_LE(node.allowed_pus, node.node_pus);
  EXPECT_LE(node.allowed_cores, node.allowed_pus);
  EXPECT_LE(node.allowed_cores, node.node_cores);
  EXPECT_LE(node.allowed_domains, node.node_domains);
  EXPECT_GT(node.memory_limit, 0);
  EXPECT_LE(node.memory_limit, node.node_memory);

  int first = 0;
  while (!CPU_ISSET(first, &allowed)) ++first;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(first, &one);
  const Binding binding(one);
  ASSERT_TRUE(binding.bound());
  const NodeTopology bound = read_topology();
  EXPECT_EQ(bound.allowed_pus, 1);
  EXPECT_EQ(bound.allowed_cores, 1);
  EXPECT_EQ(bound.node_pus, node.node_pus) << "the node stays as large as it is";
}

TEST(InstructionLevel, IsOneOfTheThreeAndStaysTheSame) {
  const int level = instruction_level();
  EXPECT_TRUE(level == 0 || level == 3 || level == 4) << level;
#if defined(__AVX512F__)
  EXPECT_EQ(level, 4) << "this test was compiled for AVX-512 and runs";
#elif defined(__AVX2__)
  EXPECT_GE(level, 3) << "this test was compiled for AVX2 and runs";
#endif
#if defined(__x86_64__)
  if (!__builtin_cpu_supports("avx2")) {
    EXPECT_EQ(level, 0);
  }
  if (!__builtin_cpu_supports("avx512f")) {
    EXPECT_LE(level, 3);
  }
#endif
  EXPECT_EQ(level, instruction_level());
}

}  // namespace
}  // namespace dunlin
