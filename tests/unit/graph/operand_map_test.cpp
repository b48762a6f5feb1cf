// Operands in a domain: which fit, how long the runs are in which they are walked, and what a misfit is told.

#include "dunlin/graph/operand_map.hpp"

#include <gtest/gtest.h>

#include "dunlin/base/box_copy.hpp"

namespace dunlin {
namespace {

TEST(Operand, FitsWhereChunksAgreeOrItsLengthIsOne) {
  const ChunkGrid domain = ChunkGrid::regular({10, 7}, {4, 3});
  check_operand({{0, 1}}, domain, domain);
  check_operand({{1, 0}}, ChunkGrid::regular({7, 10}, {3, 4}), domain);
  check_operand({{1}}, ChunkGrid::ragged({{3, 3, 1}}), domain);  // the same chunks, said otherwise
  check_operand({{0, 1}}, ChunkGrid::regular({1, 7}, {5, 3}), domain);
  check_operand({{-1, 1}}, ChunkGrid::regular({1, 7}, {1, 3}), domain);
  check_operand({}, ChunkGrid(), domain);
  check_operand({{0}}, ChunkGrid::regular({0}, {4}), ChunkGrid::regular({0, 3}, {4, 3}));
}

TEST(Operand, ThatDoesNotFitIsToldWhatToDo) {
  const ChunkGrid domain = ChunkGrid::regular({10, 7}, {4, 3});
  try {
    check_operand({{1}}, ChunkGrid::regular({7}, {7}), domain);
    FAIL() << "chunks of 7 were taken for chunks of 3";
  } catch (const UsageError& error) {
    EXPECT_STREQ(
        error.what(),
        "an operand of shape (7,) in chunks of 7 does not fit an operation over shape (10, 7) in chunks of 4 x "
        "3 along its axis 0: lengths and chunks must agree, or the length be 1; rechunk it first");
  }
  EXPECT_THROW(check_operand({{0}}, ChunkGrid::regular({7}, {3}), domain), UsageError) << "another length";
  EXPECT_THROW(check_operand({{1}}, ChunkGrid::ragged({{3, 1, 3}}), domain), UsageError) << "other chunks, as many";
  EXPECT_THROW(check_operand({{-1}}, ChunkGrid::regular({7}, {3}), domain), UsageError) << "no axis to lie along";
}

TEST(Operand, MapsAreOursAndCheckedAsOurs) {
  const ChunkGrid domain = ChunkGrid::regular({7, 7}, {3, 3});
  EXPECT_THROW(check_operand({{0}}, domain, domain), InternalError) << "an axis is missing";
  EXPECT_THROW(check_operand({{0, 0}}, domain, domain), InternalError) << "a diagonal is no operand";
  EXPECT_THROW(check_operand({{0, 2}}, domain, domain), InternalError) << "no such axis";
}

/// Strides of packed operands whose elements have one byte.
std::vector<Coords> packed(const std::vector<Shape>& shapes) {
  std::vector<Coords> strides;
  for (const Shape& shape : shapes) strides.push_back(row_major_strides(shape));
  return strides;
}

struct RunCase {
  const char* why;
  std::vector<OperandMap> maps;
  std::vector<Shape> shapes;
  int limit;
  std::int64_t run;
  std::vector<bool> splat;
};

TEST(RunPlan, MakesRunsAsLongAsTheOperandsAllow) {
  const Shape domain{4, 3, 5};
  const std::vector<RunCase> cases = {
      {"straight: the whole chunk", {straight(3)}, {{4, 3, 5}}, 0, 60, {false}},
      {"no operand: the whole chunk", {}, {}, 0, 60, {}},
      {"a limit cuts", {straight(3)}, {{4, 3, 5}}, 2, 5, {false}},
      {"a limit at the end leaves single elements", {straight(3)}, {{4, 3, 5}}, 3, 1, {false}},
      {"a mean over the first axis", {straight(3), {{1, 2}}}, {{4, 3, 5}, {3, 5}}, 0, 15, {false, false}},
      {"a weight along the first axis", {straight(3), {{0}}}, {{4, 3, 5}, {4}}, 0, 15, {false, true}},
      {"a weight in the middle", {straight(3), {{1}}}, {{4, 3, 5}, {3}}, 0, 5, {false, true}},
      {"one value", {straight(3), {}}, {{4, 3, 5}, {}}, 0, 60, {false, true}},
      {"stretched along the last axis", {straight(3), straight(3)}, {{4, 3, 5}, {4, 3, 1}}, 0, 5, {false, true}},
      {"stretched along the middle", {straight(3), straight(3)}, {{4, 3, 5}, {4, 1, 5}}, 0, 5, {false, false}},
      {"turned round: in steps along the last axis", {{{2, 1, 0}}}, {{5, 3, 4}}, 0, 5, {false}},
      {"turned round beside what is not", {straight(3), {{2, 1, 0}}}, {{4, 3, 5}, {5, 3, 4}}, 0, 5, {false, false}},
      {"leading axes turned round", {{{1, 0, 2}}}, {{3, 4, 5}}, 0, 5, {false}},
  };
  for (const RunCase& c : cases) {
    SCOPED_TRACE(c.why);
    const RunPlan plan = plan_runs(c.maps, c.shapes, packed(c.shapes), domain, c.limit);
    EXPECT_EQ(plan.run, c.run);
    EXPECT_EQ(plan.splat, c.splat);
  }
}

TEST(RunPlan, StepsOverAxesOfLengthOne) {
  const std::vector<Shape> shapes{{2, 3, 1, 1}, {3, 1}};
  const RunPlan plan = plan_runs({straight(4), {{1, 3}}}, shapes, packed(shapes), {2, 3, 1, 1});
  EXPECT_EQ(plan.run, 3);
  EXPECT_EQ(plan.outer, (Shape{2}));
}

TEST(RunPlan, JoinsAxesThatStridesGoOnAlong) {
  const std::vector<OperandMap> maps{straight(2)};
  const auto run = [&](const Coords& strides) { return plan_runs(maps, {{4, 5}}, {strides}, {4, 5}); };
  EXPECT_EQ(run({40, 8}).run, 20) << "packed";
  EXPECT_EQ(run({80, 16}).run, 20) << "every other element of all";
  EXPECT_EQ(run({-40, -8}).run, 20) << "backwards";
  EXPECT_EQ(run({8, 32}).run, 5) << "Fortran's order";
  EXPECT_EQ(run({8, 32}).steps[0], 32);
  EXPECT_EQ(run({48, 8}).run, 5) << "a field with a ghost cell";
  EXPECT_EQ(run({40, 0}).splat[0], true);
}

}  // namespace
}  // namespace dunlin
