// Arrays of a simulation, computed with where they lie.

#include <numeric>

#include "context_fixture.hpp"
#include "dunlin/context/lent.hpp"

namespace dunlin::test {
namespace {

/// A rank's rows of a (4 per rank) x 6 field, column-major, with one ghost row around: f(i, j) = 100 i + j + step.
struct Field {
  explicit Field(int rank, double step = 0) : box{{4 * rank, 0}, {4 * rank + 4, 6}} {
    values->assign(6 * 8, -1e9);
    for (std::int64_t i = 0; i < 4; ++i)
      for (std::int64_t j = 0; j < 6; ++j)
        (*values)[static_cast<std::size_t>((j + 1) * 6 + i + 1)] =
            100 * static_cast<double>(box.begin[0] + i) + static_cast<double>(j) + step;
  }
  LentMemory memory() const {
    return {.data = reinterpret_cast<const std::byte*>(values->data() + 6 + 1),
            .strides = {8, 6 * 8},
            .bytes = 4 * 6 * 8,
            .owner = values};
  }
  Box box;
  std::shared_ptr<std::vector<double>> values = std::make_shared<std::vector<double>>();
};

void expect_scaled(const std::shared_ptr<Collected>& collected, double factor, double step) {
  for (const auto& [chunk, values] : collected->take()) {
    const Box box = collected->grid().box(chunk);
    std::size_t k = 0;
    for (std::int64_t i = box.begin[0]; i < box.end[0]; ++i)
      for (std::int64_t j = box.begin[1]; j < box.end[1]; ++j)
        EXPECT_EQ(values[k++], factor * (100 * static_cast<double>(i) + static_cast<double>(j) + step));
  }
}

TEST(Lent, StridedFieldsAreComputedWithWhereTheyLie) {
  const Watchdog watchdog("lent fields");
  for_contexts([](Context& context) {
    Field field(context.rank());
    LayerPtr lent = context.state()->lend("t", DType::float64, field.box, field.memory());
    EXPECT_EQ(lent->output().grid.shape(), (Shape{4 * context.size(), 6}));
    const auto collected = std::make_shared<Collected>(lent->output().grid);
    const RunReport report = context.compute({sink("out", scaled("twice", lent, 2, 0), collected)});
    EXPECT_EQ(report.bytes_sent, 0) << "every rank works on its own box";
    expect_scaled(collected, 2, 0);
    EXPECT_GT(field.values.use_count(), 1) << "the layer still refers to it";
    lent.reset();
    EXPECT_EQ(field.values.use_count(), 1) << "neither plans nor runs hold on to it";
  });
}

TEST(Lent, ATimeStepHasNewMemoryAndTheOldPlan) {
  const Watchdog watchdog("lent time steps");
  for_contexts([](Context& context) {
    const Field first(context.rank());
    LayerPtr lent = context.state()->lend("t", DType::float64, first.box, first.memory());
    for (int step = 0; step < 4; ++step) {
      const Field field(context.rank(), step);
      lent = with_memory(*lent, field.memory(), step);
      const auto collected = std::make_shared<Collected>(lent->output().grid);
      context.compute({sink("out", scaled("twice", lent, 2, 0), collected)});
      expect_scaled(collected, 2, step);
    }
    EXPECT_EQ(context.state()->plans_made(), 1);
  });
}

TEST(Lent, WhatOthersNeedIsCutOutAndSent) {
  const Watchdog watchdog("lent and rechunked");
  for_contexts([](Context& context) {
    const Field field(context.rank());
    const LayerPtr lent = context.state()->lend("t", DType::float64, field.box, field.memory());
    const ChunkGrid columns = ChunkGrid::regular({4 * context.size(), 6}, {4 * context.size(), 2});
    const auto collected = std::make_shared<Collected>(columns);
    context.compute({sink("out", rechunked("columns", lent, columns), collected)});
    expect_scaled(collected, 1, 0);
    const std::vector<std::byte> all = context.state()->replicate(summed("total", lent, {0, 1}));
    ASSERT_EQ(all.size(), 8u);
  });
}

TEST(Lent, BoxesThatMakeNoArrayAreRefusedOnAllRanks) {
  const Watchdog watchdog("bad boxes");
  for_contexts([](Context& context) {
    if (context.size() == 1) return;
    Field field(context.rank());
    if (context.rank() == 1) field.box = {{5, 0}, {9, 6}};  // a gap behind rank 0, an overlap before rank 2
    const auto error =
        error_of<RankError>([&] { context.state()->lend("t", DType::float64, field.box, field.memory()); });
    ASSERT_TRUE(error);
    EXPECT_NE(std::string(error->what()).find("expected one to begin at 4, the next begins at 5"), std::string::npos)
        << error->what();
    expect_same_on_all(context, error->what());
    expect_works(context);
  });
}

TEST(Lent, MemoryThatDoesNotFitItsBoxIsRefused) {
  const Watchdog watchdog("bad memory");
  for_contexts([](Context& context) {
    Field field(context.rank());
    LentMemory memory = field.memory();
    memory.strides = {8, 44};
    EXPECT_TRUE(error_of<RankError>([&] { context.state()->lend("t", DType::float64, field.box, memory); }));
    memory = field.memory();
    memory.bytes -= 8;
    EXPECT_TRUE(error_of<RankError>([&] { context.state()->lend("t", DType::float64, field.box, memory); }));
  });
}

}  // namespace
}  // namespace dunlin::test
