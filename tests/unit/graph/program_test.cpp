// Register programs: types are checked where a program is built, an identity passes its input on, registers are few,
// and scratch is what was said. Their values are tested over random expressions in tests/property.

#include "dunlin/graph/program.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "support/graph_layers.hpp"

namespace dunlin::test {
namespace {

Program chain(int length) {
  Program program;
  Operand value = program.add_input(DType::float64);
  const Operand step = program.add_constant(0.5);
  for (int k = 0; k < length; ++k) value = program.add(kAdd, std::vector{value, step});
  return program;
}

TEST(Program, SaysItsTypesAndCost) {
  Program program;
  const Operand x = program.add_input(DType::int16);
  const Operand marker = program.add_constant<std::int16_t>(-1);
  program.add(kMask16, std::vector{x, marker});
  EXPECT_EQ(program.result_type(), DType::float32);
  EXPECT_EQ(program.type_of(x), DType::int16);
  EXPECT_EQ(program.cost(), kMask16.cost);
  EXPECT_FALSE(program.is_identity());
  EXPECT_TRUE(Program::identity(DType::int16).is_identity());
  EXPECT_EQ(Program::identity(DType::int16).result_type(), DType::int16);
}

TEST(Program, RefusesArgumentsThatDoNotFit) {
  Program program;
  const Operand x = program.add_input(DType::float64);
  EXPECT_THROW(program.add(kAdd, std::vector{x}), InternalError) << "two arguments are needed";
  EXPECT_THROW(program.add(kSubtract32, std::vector{x, x}), InternalError) << "float32 is needed";
  EXPECT_THROW((void)program.compose(0, Program::identity(DType::float32)), InternalError);
  program.add_input(DType::float32);
  EXPECT_THROW((void)program.merge_inputs(0, 1), InternalError) << "inputs of two types";
}

TEST(Program, MasksMissingValuesAsFilesNeedIt) {
  Program program;
  const Operand x = program.add_input(DType::int16), marker = program.add_constant<std::int16_t>(-9);
  program.add(kMask16, std::vector{x, marker});
  const ReadyProgram ready(program);
  std::vector<std::byte> scratch(ready.scratch_bytes());
  ProgramRun run(ready, scratch);
  const std::int16_t values[] = {1, -9, 3};
  float out[3];
  run.run(std::vector<TileInput>{{reinterpret_cast<const std::byte*>(values), false}},
          reinterpret_cast<std::byte*>(out), 3);
  EXPECT_EQ(out[0], 1.0f);
  EXPECT_TRUE(std::isnan(out[1]));
  EXPECT_EQ(out[2], 3.0f);
}

TEST(ProgramRun, PassesAnIdentityOnWithoutCopying) {
  const Program program = Program::identity(DType::float64);
  const ReadyProgram ready(program);
  std::vector<std::byte> scratch(ready.scratch_bytes());
  ProgramRun run(ready, scratch);
  const double values[] = {1, 2, 3};
  const auto* bytes = reinterpret_cast<const std::byte*>(values);
  EXPECT_EQ(run.value(std::vector<TileInput>{{bytes, false}}, 3), bytes);
  double out[3] = {};
  run.run(std::vector<TileInput>{{bytes + sizeof(double), true}}, reinterpret_cast<std::byte*>(out), 3);
  EXPECT_EQ(out[0], 2);
  EXPECT_EQ(out[2], 2) << "a splat stands for all elements";
}

TEST(ProgramRun, TakesANewSplatWhereAnotherValueIsGiven) {
  Program program;
  const Operand x = program.add_input(DType::float64), y = program.add_input(DType::float64);
  program.add(kAdd, std::vector{x, y});
  const ReadyProgram ready(program);
  std::vector<std::byte> scratch(ready.scratch_bytes());
  ProgramRun run(ready, scratch);
  const double values[] = {1, 10, 100};
  const auto at = [&](int k) { return reinterpret_cast<const std::byte*>(values + k); };
  for (int k : {1, 2, 1}) {
    double out[2];
    run.run(std::vector<TileInput>{{at(0), false}, {at(k), true}}, reinterpret_cast<std::byte*>(out), 2);
    EXPECT_EQ(out[0], 1 + values[k]);
    EXPECT_EQ(out[1], 10 + values[k]);
  }
}

TEST(ProgramRun, NeedsNoMoreRegistersForALongerChain) {
  EXPECT_EQ(ReadyProgram(chain(1000)).scratch_bytes(), ReadyProgram(chain(3)).scratch_bytes());
  EXPECT_LE(ReadyProgram(chain(1000)).scratch_bytes(), 128u * 1024);
}

TEST(ProgramRun, KeepsItsTilesBetween64And1024Elements) {
  const Program small = chain(2);
  const ReadyProgram ready(small);
  std::vector<std::byte> scratch(ready.scratch_bytes());
  EXPECT_LE(ProgramRun(ready, scratch).tile(), 1024u);
  Program wide;  // so many values at once that half of a cache would hold few elements of each
  Operand value = wide.add_input(DType::float64);
  for (int k = 0; k < 200; ++k) value = wide.add(kAdd, std::vector{value, wide.add_input(DType::float64)});
  const ReadyProgram ready_wide(wide);
  scratch.resize(ready_wide.scratch_bytes());
  EXPECT_EQ(ProgramRun(ready_wide, scratch).tile(), 64u);
}

TEST(ProgramRun, RefusesScratchThatIsTooSmall) {
  const Program program = chain(2);
  const ReadyProgram ready(program);
  std::vector<std::byte> scratch(ready.scratch_bytes() - 1);
  EXPECT_THROW(ProgramRun(ready, scratch), InternalError);
}

TEST(ProgramRun, TakesElementsThatLieApartOrAreNotAligned) {
  Program program;
  const Operand x = program.add_input(DType::float64), y = program.add_input(DType::float64);
  program.add(kSubtract, std::vector{x, y});
  const ReadyProgram ready(program);
  std::vector<std::byte> scratch(ready.scratch_bytes()), records(4 * 9 + 1);
  ProgramRun run(ready, scratch);
  const double values[] = {1, 2, 3, 4};
  for (std::size_t k = 0; k < 4; ++k) std::memcpy(&records[1 + 9 * k], &values[k], sizeof(double));
  double out[4];
  // One operand forwards in records of 9 bytes, the other backwards in place.
  run.run(std::vector<TileInput>{{&records[1], false, 9}, {reinterpret_cast<const std::byte*>(values + 3), false, -8}},
          reinterpret_cast<std::byte*>(out), 4);
  EXPECT_EQ((std::vector<double>(out, out + 4)), (std::vector<double>{-3, -1, 1, 3}));
}

TEST(ReadyProgram, OfAChainLongerThan16BitsNumberComputesAllOfIt) {
  const ReadyProgram ready(chain(200'000));
  std::vector<std::byte> scratch(ready.scratch_bytes());
  ProgramRun run(ready, scratch);
  const double value = 1;
  double out;
  run.run(std::vector<TileInput>{{reinterpret_cast<const std::byte*>(&value), false}},
          reinterpret_cast<std::byte*>(&out), 1);
  EXPECT_EQ(out, 100'001);
}

}  // namespace
}  // namespace dunlin::test
