// Means against plain loops: exact where sums are exact, NaNs skipped or not, cells with too few values missing.

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>
#include <limits>

#include <algorithm>

#include "array_fixture.hpp"

namespace dunlin::test {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Mean over the axes where `reduced`, of numbers whose sums are exact.
std::vector<double> plain_mean(const std::vector<double>& values, const Shape& shape, const std::vector<bool>& reduced,
                               const Shape& kept, const ReduceOptions& options) {
  std::vector<double> sums(static_cast<std::size_t>(product(kept)), 0.0), counts(sums.size(), 0.0);
  for (std::size_t k = 0; k < values.size(); ++k) {
    const Coords at = position(shape, k);
    Coords cell;
    for (std::size_t a = 0; a < at.size(); ++a)
      if (!reduced[a]) cell.push_back(at[a]);
    if (options.skipna && std::isnan(values[k])) continue;
    sums[offset(kept, cell)] += values[k];
    counts[offset(kept, cell)] += 1;
  }
  for (std::size_t k = 0; k < sums.size(); ++k)
    sums[k] =
        counts[k] >= static_cast<double>(std::max<std::int64_t>(options.min_count, 1)) ? sums[k] / counts[k] : kNaN;
  return sums;
}

RC_GTEST_PROP(Mean, IsThatOfAPlainLoop, ()) {
  Random random(*rc::gen::arbitrary<std::uint64_t>());
  const Context context({.threads = 2});
  const Shape shape = random_shape(random, 4, false);
  const DType type = kRealTypes[below(random, 10)];
  const Known x = Known::draw(context.state(), random, shape, type);
  const ReduceOptions options{.skipna = below(random, 3) > 0, .min_count = below(random, 5)};
  const auto rank = static_cast<std::int64_t>(shape.size());
  std::vector<bool> reduced(shape.size());
  Coords axes;
  Shape kept;
  for (std::int64_t a = 0; a < rank; ++a) {
    reduced[static_cast<std::size_t>(a)] = below(random, 2) == 0;
    if (reduced[static_cast<std::size_t>(a)])
      axes.push_back(below(random, 2) ? a : a - rank);  // from either end
    else
      kept.push_back(shape[static_cast<std::size_t>(a)]);
  }
  std::shuffle(axes.begin(), axes.end(), random);
  const DType result = type == DType::float32 ? DType::float32 : DType::float64;
  const std::vector<double> expected = axes.empty() ? x.values : plain_mean(x.values, shape, reduced, kept, options);
  expect_values(mean(x.array, axes, options), kept, result, expected);
}

TEST(Mean, OfManyChunksIsExactWhereTheSumIs) {
  const Context context({.threads = 2});
  std::vector<double> values(5000);
  for (std::size_t k = 0; k < values.size(); ++k) values[k] = static_cast<double>(k % 97);
  double sum = 0;
  for (double value : values) sum += value;
  const Array x = from_replicated(context.state(), {5000}, DType::float64, bytes_of(DType::float64, values));
  for (std::int64_t chunk : {1, 7, 128, 129, 2500, 5000}) {
    SCOPED_TRACE(chunk);
    expect_values(x.rechunk(ChunkGrid::regular({5000}, {chunk})).mean({0}), {}, DType::float64, {sum / 5000});
  }
}

struct MissingCase {
  const char* why;
  std::vector<double> values;
  bool skipna;
  std::int64_t min_count;
  double expected;
};

TEST(Mean, OfMissingValues) {
  const Context context({.threads = 1});
  const MissingCase cases[] = {
      {"skipped", {1, kNaN, 3}, true, 1, 2},
      {"not skipped: one is enough", {1, kNaN, 3}, false, 1, kNaN},
      {"none left", {kNaN, kNaN}, true, 1, kNaN},
      {"none left, none asked for", {kNaN, kNaN}, true, 0, kNaN},
      {"as many as asked for", {1, kNaN, 3}, true, 2, 2},
      {"one too few", {1, kNaN, 3}, true, 3, kNaN},
      {"too few, nothing missing", {1, 3}, true, 3, kNaN},
      {"infinities are values",
       {1, std::numeric_limits<double>::infinity()},
       true,
       1,
       std::numeric_limits<double>::infinity()},
      {"infinities of both signs",
       {std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()},
       true,
       1,
       kNaN},
  };
  for (const MissingCase& one : cases)
    for (DType type : {DType::float32, DType::float64}) {
      SCOPED_TRACE(std::string(one.why) + ", " + to_string(type));
      const Shape shape{static_cast<std::int64_t>(one.values.size())};
      const Array x = from_replicated(context.state(), shape, type, bytes_of(type, one.values));
      for (std::int64_t chunk : {1, 2, 3})
        expect_values(mean(x.rechunk(ChunkGrid::regular(shape, {chunk})), {0}, {one.skipna, one.min_count}), {}, type,
                      {one.expected});
    }
}

TEST(Mean, RefusesWhatHasNoMeanWithASentence) {
  const Context context({.threads = 1});
  const auto zeros = [&](const Shape& shape, DType type) {
    return from_replicated(context.state(), shape, type,
                           std::vector<std::byte>(static_cast<std::size_t>(product(shape)) * type.size()));
  };
  const Array x = zeros({2, 3}, DType::float32);
  EXPECT_EQ(usage_error_of([&] { mean(x, {2}); }), "axis 2 does not exist: the array has 2 axes");
  EXPECT_EQ(usage_error_of([&] { mean(x, {-3}); }), "axis -3 does not exist: the array has 2 axes");
  EXPECT_EQ(usage_error_of([&] { mean(x, {1, -1}); }), "axis -1 is named twice");
  EXPECT_EQ(usage_error_of([&] { mean(zeros({2}, DType::boolean), {0}); }),
            "the mean of bool is not defined: convert to a real type with astype");
  expect_values(mean(zeros({0, 4}, DType::int16), {1}), {0}, DType::float64, {});
  const double nan = std::numeric_limits<double>::quiet_NaN();
  expect_values(mean(zeros({2, 0}, DType::float64), {1}), {2}, DType::float64, {nan, nan});
}

}  // namespace
}  // namespace dunlin::test
