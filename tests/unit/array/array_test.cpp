// Arrays as handles: what they say, how they come out on every rank, and that their bits do not depend on the machine.
// Built twice: over local ranks (tests/unit) and over MPI (tests/mpi).

#include "array_fixture.hpp"
#include "support/ranks.hpp"

namespace dunlin::test {
namespace {

/// 60 x 7 numbers of many magnitudes, whose sums depend on the order of adding.
std::vector<double> fractions() {
  std::vector<double> values(420);
  Random random(11);
  for (double& value : values) {
    value = std::ldexp(static_cast<double>(random() >> 11), -53 - static_cast<int>(random() % 40)) - 1e-6;
    if (below(random, 9) == 0) value = std::numeric_limits<double>::quiet_NaN();
  }
  return values;
}

/// Means and an anomaly, as bytes: with everything that could change a bit.
std::vector<std::vector<std::byte>> results(const std::shared_ptr<ContextState>& context, const ChunkGrid& grid) {
  const Array x =
      from_replicated(context, {60, 7}, DType::float64, bytes_of(DType::float64, fractions())).rechunk(grid);
  const Array single = astype(x, DType::float32);
  std::vector<std::vector<std::byte>> all;
  for (const Array& array : {x.mean({0}), x.mean({1}), x.mean({0, 1}), x - x.mean({0}), single - single.mean({0}),
                             mean(x, {0}, {.skipna = true, .min_count = 55}), scale_offset(x, 0.1, 0.7)})
    all.push_back(array.compute_bytes());
  return all;
}

TEST(Array, BitsDoNotDependOnRanksOrThreads) {
  const Watchdog watchdog("bits of arrays", std::chrono::seconds(120));
  const ChunkGrid grids[] = {ChunkGrid::regular({60, 7}, {7, 3}), ChunkGrid::ragged({{1, 30, 2, 27}, {4, 3}}),
                             ChunkGrid::regular({60, 7}, {1, 7})};
  for (const ChunkGrid& grid : grids) {
    SCOPED_TRACE(to_string(grid));
    const Context alone({.threads = 1});
    const auto expected = results(alone.state(), grid);
    for_ranks([&](std::unique_ptr<Transport> ranks) {
      const int threads[] = {1, 2, 4};
      Context context(std::move(ranks), {.threads = threads[grid.count(0) % 3]});
      EXPECT_EQ(results(context.state(), grid), expected);
    });
  }
}

TEST(Array, ComesOutWholeOnEveryRank) {
  const Watchdog watchdog("results on all ranks");
  for_ranks([](std::unique_ptr<Transport> ranks) {
    Context context(std::move(ranks), {.threads = 2});
    for (const Shape& shape : {Shape{}, Shape{5}, Shape{3, 0}, Shape{4, 3, 2}}) {
      SCOPED_TRACE(to_string(shape));
      std::vector<double> values(static_cast<std::size_t>(product(shape)));
      for (std::size_t k = 0; k < values.size(); ++k) values[k] = static_cast<double>(k);
      Shape chunk;
      for (std::int64_t length : shape) chunk.push_back(std::max<std::int64_t>(length / 2, 1));
      const Array x = from_replicated(context.state(), shape, DType::int16, bytes_of(DType::int16, values))
                          .rechunk(ChunkGrid::regular(shape, chunk));
      expect_values(x, shape, DType::int16, values);
      EXPECT_EQ(x.compute<std::int16_t>(), std::vector<std::int16_t>(values.begin(), values.end()));
    }
  });
}

TEST(Array, ThatIsTooLargeForEveryRankSaysHowElseToTakeIt) {
  const Watchdog watchdog("large results");
  for_ranks([](std::unique_ptr<Transport> ranks) {
    Context context(std::move(ranks), {.threads = 1});
    const Array x = from_replicated(context.state(), {100}, DType::float64, std::vector<std::byte>(800));
    EXPECT_EQ(usage_error_of([&] { x.compute_bytes(799); }),
              "compute() would put 800 bytes on every rank, above its limit of 799: write the array with to_zarr, or "
              "reduce it first");
    EXPECT_EQ(x.compute_bytes(800).size(), 800u);
    // The default limit is 64 MiB; nothing of this array is ever made.
    const Array column = from_replicated(context.state(), {3000, 1}, DType::float64, std::vector<std::byte>(24000));
    const Array row = from_replicated(context.state(), {3000}, DType::float64, std::vector<std::byte>(24000));
    EXPECT_EQ(usage_error_of([&] { (column - row).compute_bytes(); }),
              "compute() would put 72000000 bytes on every rank, above its limit of 67108864: write the array with "
              "to_zarr, or reduce it first");
  });
}

TEST(Array, IsAskedForInItsOwnType) {
  const Context context({.threads = 1});
  const Array x = from_replicated(context.state(), {1}, DType::float32, bytes_of(DType::float32, {1}));
  EXPECT_EQ(usage_error_of([&] { x.compute<double>(); }),
            "compute<float64>() of an array of float32: name the array's own type, or convert with astype before");
  EXPECT_EQ(usage_error_of([&] { from_replicated(context.state(), {2}, DType::int32, std::vector<std::byte>(7)); }),
            "an array of shape (2,) and dtype int32 was given 7 bytes");
  EXPECT_NE(usage_error_of([&] { x.rechunk(ChunkGrid::single({2})); }), "");
}

TEST(Array, OutlivesItsContextButNotToCompute) {
  std::optional<Array> kept;
  {
    const Context context({.threads = 1});
    kept = from_replicated(context.state(), {2}, DType::int32, bytes_of(DType::int32, {1, 2}));
  }
  EXPECT_EQ(kept->shape(), (Shape{2}));
  EXPECT_THROW((*kept - *kept).compute_bytes(), ContextGone);
}

}  // namespace
}  // namespace dunlin::test
