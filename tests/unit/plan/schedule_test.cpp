// A rank's schedule: worked examples, item by item, the memory that it says it needs, and what a refused plan is told.

#include "dunlin/plan/schedule.hpp"

#include <gtest/gtest.h>

#include "support/graph_layers.hpp"

namespace dunlin::test {
namespace {

using Lines = std::vector<std::string>;

/// "m: partial 3 (x 3) > rank 1": layer and chunk, what it takes, where it goes; receives say from whom.
Lines lines(const LayerPlan& plan, const Schedule& schedule) {
  Lines text, names;
  for (std::size_t k = 0; k < schedule.size(); ++k) {
    const Schedule::Item& item = schedule.items[k];
    names.push_back(plan.graph().layer(item.layer).name() + " " + std::to_string(item.chunk));
    std::string taken;
    for (std::uint32_t input : schedule.inputs_of(k)) taken += (taken.empty() ? "" : ", ") + names[input];
    text.push_back(names.back() + (taken.empty() ? "" : " (" + taken + ")"));
    if (item.is_receive()) text.back() += " from rank " + std::to_string(item.peer);
    for (const Schedule::Send& send : schedule.sends_of(k)) text.back() += " > rank " + std::to_string(send.peer);
  }
  return text;
}

/// Names short enough for the tables below.
LayerPtr mean_of(const LayerPtr& x) {
  return ReductionLayer::make("m", mean_reducer(), {0}, Program::identity(DType::float64), x->output().grid, {x},
                              {straight(x->output().grid.rank())});
}

constexpr std::int64_t kRow = 10 * 8;  // bytes of a chunk of x below

LayerPtr rows(std::int64_t count) { return pattern_source("x", ChunkGrid::regular({count, 10}, {1, 10})); }

TEST(Schedule, OfAMeanGoesThroughTheSourcesInStep) {
  const LayerGraph graph = LayerGraph::of({capture_sink(mean_of(rows(4)))});
  const LayerPlan plan = LayerPlan::of_rewritten(graph, {.ranks = 2, .threads = 1, .budget_bytes = 1 << 20});
  EXPECT_EQ(lines(plan, make_schedule(plan, 0)),
            (Lines{"x 0", "m: partial 0 (x 0)", "x 1", "m: partial 1 (x 1)",
                   "m: combine 0 (m: partial 0, m: partial 1)", "m: combine 1 from rank 1",
                   "m: combine 0 (m: combine 0, m: combine 1)", "m 0 (m: combine 0)", "keep 0 (m 0)"}));
  EXPECT_EQ(lines(plan, make_schedule(plan, 1)), (Lines{"x 2", "m: partial 2 (x 2)", "x 3", "m: partial 3 (x 3)",
                                                        "m: combine 1 (m: partial 2, m: partial 3) > rank 0"}));
}

TEST(Schedule, CountsWhatItReadsMovesAndWrites) {
  const LayerPtr x = rows(4);
  const LayerGraph graph = LayerGraph::of({capture_sink(rechunk(x, ChunkGrid::regular({4, 10}, {4, 5})))});
  const LayerPlan plan = LayerPlan::make(graph, {.ranks = 2, .threads = 1, .budget_bytes = 1 << 20});
  for (int rank : {0, 1}) {
    const Schedule schedule = make_schedule(plan, rank);
    EXPECT_EQ(schedule.rank, rank);
    EXPECT_EQ(schedule.tasks, 4) << "two reads, a rechunk, a write";
    EXPECT_EQ(schedule.receives, 1) << "the halves of both rows in one parcel";
    EXPECT_EQ(schedule.read_bytes, 2 * kRow);
    EXPECT_EQ(schedule.send_bytes, 2 * 64) << "half a row each, from whole cache lines on";
    EXPECT_EQ(schedule.receive_bytes, 2 * 64);
    EXPECT_EQ(schedule.write_bytes, 2 * kRow);
    EXPECT_GT(schedule.operations, 0);
  }
}

TEST(Schedule, OfARankWithoutChunksIsEmpty) {
  const LayerPlan plan = LayerPlan::make(LayerGraph::of({capture_sink(rows(2))}), {.ranks = 5, .threads = 1});
  const Schedule schedule = make_schedule(plan, 4);
  EXPECT_EQ(schedule.size(), 0u);
  EXPECT_EQ(schedule.planned_peak_bytes, 0);
  EXPECT_EQ(schedule.peak_layer, -1);
}

TEST(Schedule, OfAnEmptyArrayIsEmpty) {
  const LayerPtr nothing = pattern_source("x", ChunkGrid::regular({0, 10}, {1, 10}));
  const LayerPlan plan = LayerPlan::make(LayerGraph::of({capture_sink(apply(kNegate, {nothing}))}), {.ranks = 2});
  for (int rank : {0, 1}) EXPECT_EQ(make_schedule(plan, rank).size(), 0u);
  EXPECT_EQ(make_schedule(LayerPlan::make(LayerGraph::of({}), {}), 0).size(), 0u) << "and of no graph at all";
}

TEST(Schedule, FetchesAPageWhenItsFirstChunkNeedsIt) {
  const LayerPtr x = paged_source("x", ChunkGrid::regular({4, 10}, {1, 10}), {2, 1});
  const LayerPlan plan = LayerPlan::make(LayerGraph::of({capture_sink(x)}), {.ranks = 1, .threads = 1});
  EXPECT_EQ(lines(plan, make_schedule(plan, 0)),
            (Lines{"pages of x 0", "x 0 (pages of x 0)", "keep 0 (x 0)", "x 1 (pages of x 0)", "keep 1 (x 1)",
                   "pages of x 1", "x 2 (pages of x 1)", "keep 2 (x 2)", "x 3 (pages of x 1)", "keep 3 (x 3)"}));
}

TEST(Schedule, CullsWhatNoSinkNeeds) {
  const LayerPtr ten_pages = one_rank_source("pages", ChunkGrid::regular({10, 1}, {1, 1}), 0);
  const LayerPtr x = paged_source("x", ChunkGrid::regular({4, 10}, {1, 10}), {2, 1}, ten_pages);
  const LayerPlan plan = LayerPlan::make(LayerGraph::of({capture_sink(x)}), {.ranks = 1, .threads = 1});
  EXPECT_EQ(plan.needed(0), (ChunkBox{{0, 0}, {2, 1}}));
  EXPECT_EQ(make_schedule(plan, 0).tasks, 2 + 4 + 4);
}

TEST(Peak, OfOneByOneIsWhatLivesTogether) {
  // Two rows are added pairwise up to one: a binary counter over 8 rows holds log2(8) sums and the row at hand.
  const LayerGraph graph = LayerGraph::of({capture_sink(mean_of(rows(8)))});
  const LayerPlan plan = LayerPlan::of_rewritten(graph, {.ranks = 1, .threads = 1, .budget_bytes = 1 << 20});
  const Schedule schedule = make_schedule(plan, 0);
  std::int64_t scratch = 0;
  for (const Schedule::Item& item : schedule.items) scratch = std::max(scratch, item.scratch_bytes);
  const std::int64_t state = 2 * kRow;  // sum and count
  EXPECT_EQ(schedule.serial_peak_bytes, kRow + scratch + 4 * state)
      << "the last row, its partial at work, and sums of 4, 2 and 1 rows before it";
  EXPECT_EQ(plan.graph().layer(schedule.peak_layer).name(), "m: partial");
}

TEST(Peak, GrowsWithTheWindowUpToTheBudget) {
  const LayerGraph graph = LayerGraph::of({capture_sink(rows(100))});
  const auto planned = [&](int threads, std::int64_t budget) {
    return make_schedule(LayerPlan::make(graph, {.ranks = 1, .threads = threads, .budget_bytes = budget}), 0);
  };
  const Schedule narrow = planned(1, 1 << 20), wide = planned(8, 1 << 20), tight = planned(8, 3 * kRow),
                 none = planned(8, 0);
  EXPECT_EQ(narrow.serial_peak_bytes, kRow);
  EXPECT_GT(narrow.planned_peak_bytes, kRow) << "a thread has one chunk at work and another ready";
  EXPECT_GT(wide.planned_peak_bytes, narrow.planned_peak_bytes);
  EXPECT_LE(wide.planned_peak_bytes, 20 * kRow) << "threads, not chunks, say how much is in flight";
  EXPECT_EQ(tight.planned_peak_bytes, 3 * kRow);
  EXPECT_EQ(none.planned_peak_bytes, kRow) << "less than one by one is no plan: it is refused";
}

TEST(PlanTooLarge, SaysWhereHowMuchAndWhatToDo) {
  const LayerPtr x = pattern_source("sst", ChunkGrid::regular({400, 1 << 20}, {100, 1 << 20}));
  const LayerPlan plan =
      LayerPlan::make(LayerGraph::of({capture_sink(x)}), {.ranks = 2, .threads = 1, .budget_bytes = 300 << 20});
  const PlanTooLarge error = too_large(plan, make_schedule(plan, 1));
  EXPECT_EQ(error.code, ErrorCode::memory);
  EXPECT_EQ(error.rank, 1);
  EXPECT_EQ(error.needed, 800 << 20);
  EXPECT_EQ(error.budget, 300 << 20);
  EXPECT_STREQ(error.what(),
               "the plan needs 800.0 MiB on rank 1, which has 300.0 MiB: the input's chunks of 'sst' (100 x 1048576 "
               "float64, 800.0 MiB each) are read whole; give --memory 800M or more, or an input in smaller chunks");
}

TEST(PlanTooLarge, NamesTheOutputWhoseChunksAreTooLargeAndChunksThatFit) {
  const LayerPtr x = pattern_source("sst", ChunkGrid::regular({400, 1 << 16}, {1, 1 << 16}));
  const LayerPtr whole = RechunkLayer::make("rechunk sst", x, ChunkGrid::regular({400, 1 << 16}, {400, 1 << 16}));
  const LayerPlan plan =
      LayerPlan::make(LayerGraph::of({capture_sink(whole)}), {.ranks = 2, .threads = 1, .budget_bytes = 100 << 20});
  const std::string text = too_large(plan, make_schedule(plan, 0)).what();
  EXPECT_NE(text.find("the output's chunks of '" + capture_sink(whole)->name() +
                      "' (400 x 65536 float64, 200.0 MiB each) are written whole; give --memory "),
            std::string::npos)
      << text;
  const std::size_t chunks = text.find(", or smaller chunks, as --chunks ");
  ASSERT_NE(chunks, std::string::npos) << text;
  const int rows = std::stoi(text.substr(chunks + 33));
  EXPECT_GT(rows, 25);
  const LayerPtr fits = RechunkLayer::make("rechunk sst", x, ChunkGrid::regular({400, 1 << 16}, {rows, 1 << 16}));
  const LayerPlan smaller = LayerPlan::make(LayerGraph::of({capture_sink(fits)}), plan.cluster());
  EXPECT_LE(make_schedule(smaller, 0).least_bytes(), 100 << 20) << "the chunks that it names fit";
}

TEST(PlanTooLarge, NamesWhatStandsAtThePeakWhereNoStoredChunkIsToBlame) {
  const LayerPtr x = pattern_source("sst", ChunkGrid::regular({4096}, {8}));
  const LayerPtr mean = reduce(mean_reducer(), {0}, rechunk(x, ChunkGrid::single({4096})));
  const LayerPlan plan =
      LayerPlan::make(LayerGraph::of({capture_sink(mean)}), {.ranks = 1, .threads = 1, .budget_bytes = 20'000});
  const std::string text = too_large(plan, make_schedule(plan, 0)).what();
  EXPECT_NE(text.find(" on rank 0, which has 19.5 KiB: at its peak stands '"), std::string::npos) << text;
  EXPECT_NE(text.find("; give --memory 1M or more, more ranks, or chunks at least "), std::string::npos) << text;
}

}  // namespace
}  // namespace dunlin::test
