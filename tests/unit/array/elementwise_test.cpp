// Elementwise operations against plain loops, over random shapes, chunks and types.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "array_fixture.hpp"

namespace dunlin::test {
namespace {

bool is_single(DType a, DType b) { return a == DType::float32 && b == DType::float32; }

/// a − b as NumPy does it: float32 with float32, else in double.
double difference(double a, double b, bool single) {
  return single ? static_cast<double>(static_cast<float>(a) - static_cast<float>(b)) : a - b;
}

RC_GTEST_PROP(Subtract, BroadcastsAsNumPyDoes, ()) {
  Random random(*rc::gen::arbitrary<std::uint64_t>());
  const Context context({.threads = 2});
  // Shapes that broadcast: the common one, with axes left out in front or stretched.
  const Shape whole = random_shape(random);
  const auto part_of = [&](bool complete) {
    Shape shape;
    const auto first = complete ? 0 : below(random, static_cast<std::int64_t>(whole.size()) + 1);
    for (std::size_t a = static_cast<std::size_t>(first); a < whole.size(); ++a)
      shape.push_back(!complete && below(random, 3) == 0 ? 1 : whole[a]);
    return shape;
  };
  const bool first_is_whole = below(random, 2) == 0;
  const Shape a_shape = part_of(first_is_whole), b_shape = part_of(!first_is_whole);
  const DType a_type = kRealTypes[below(random, 10)], b_type = kRealTypes[below(random, 10)];
  const Known a = Known::draw(context.state(), random, a_shape, a_type);
  const Known b = Known::draw(context.state(), random, b_shape, b_type);

  std::vector<double> expected(static_cast<std::size_t>(product(whole)));
  const auto value = [&](const Known& x, const Shape& shape, const Coords& at) {
    Coords own;
    for (std::size_t k = 0; k < shape.size(); ++k) own.push_back(shape[k] == 1 ? 0 : at[at.size() - shape.size() + k]);
    return x.values[offset(shape, own)];
  };
  for (std::size_t k = 0; k < expected.size(); ++k) {
    const Coords at = position(whole, k);
    expected[k] = difference(value(a, a_shape, at), value(b, b_shape, at), is_single(a_type, b_type));
  }
  expect_values(a.array - b.array, whole, is_single(a_type, b_type) ? DType::float32 : DType::float64, expected);
}

TEST(Subtract, StretchesBothOperandsWhereEachIsLongSomewhere) {
  const Context context({.threads = 1});
  const Array column = from_replicated(context.state(), {3, 1}, DType::int32, bytes_of(DType::int32, {10, 20, 30}));
  const Array row = from_replicated(context.state(), {2}, DType::uint8, bytes_of(DType::uint8, {1, 2}));
  expect_values(column - row, {3, 2}, DType::float64, {9, 8, 19, 18, 29, 28});
  expect_values(row - column, {3, 2}, DType::float64, {-9, -8, -19, -18, -29, -28});
}

TEST(Subtract, RefusesWhatDoesNotFitWithASentence) {
  const Context context({.threads = 1});
  const auto zeros = [&](const Shape& shape, DType type) {
    return from_replicated(context.state(), shape, type,
                           std::vector<std::byte>(static_cast<std::size_t>(product(shape)) * type.size()));
  };
  EXPECT_EQ(usage_error_of([&] {
              zeros({4, 3}, DType::float32) - zeros({4}, DType::float32);
            }),
            "arrays of shapes (4, 3) and (4,) do not broadcast: axis 1 has lengths 3 and 4");
  EXPECT_EQ(usage_error_of([&] { zeros({0}, DType::float32) - zeros({2}, DType::float32); }),
            "arrays of shapes (0,) and (2,) do not broadcast: axis 0 has lengths 0 and 2");
  for (DType type : {DType(DType::boolean), DType(DType::complex64), DType::bytes(4)})
    EXPECT_EQ(usage_error_of([&] { zeros({2}, type) - zeros({2}, DType::float32); }),
              "the difference of " + to_string(type) +
                  " and float32 is not defined: convert to a real type with astype before");
}

TEST(Subtract, MayGiveAnotherFloatingTypeOverADomainOfItsOwn) {
  const Context context({.threads = 2});
  const auto make = [&](const Shape& shape, const std::vector<double>& values) {
    return from_replicated(context.state(), shape, DType::float32, bytes_of(DType::float32, values));
  };
  const Array x = make({2, 3}, {1, 2, 3, 4, 5, 6}), y = make({2}, {10, 20});  // y lies along the first axis
  const ChunkGrid domain = ChunkGrid::regular({2, 3}, {1, 2});
  expect_values(subtract(x, {{0, 1}}, y, {{0}}, domain, DType::float64), {2, 3}, DType::float64,
                {-9, -8, -7, -16, -15, -14});
  const ChunkGrid turned = ChunkGrid::regular({3, 2}, {2, 2});
  expect_values(subtract(x, {{1, 0}}, y, {{1}}, turned, DType::float32), {3, 2}, DType::float32,
                {-9, -16, -8, -15, -7, -14});
}

RC_GTEST_PROP(AsType, ConvertsAsCppDoes, ()) {
  Random random(*rc::gen::arbitrary<std::uint64_t>());
  const Context context({.threads = 2});
  const Shape shape = random_shape(random);
  const DType to = kRealTypes[below(random, 10)];
  const auto pick = below(random, 11);
  const DType from = pick == 10 ? DType(DType::boolean) : kRealTypes[pick];
  const Known x = Known::draw(context.state(), random, shape, from);
  std::vector<double> expected = x.values;
  for (double& value : expected) {
    if (from == DType::boolean) value = value != 0;
    // Only what both types hold is asked for: no NaN and no negative number to where it has no place.
    if (!to.is_float() && std::isnan(value)) RC_DISCARD("NaN has no integer");
    if (to.is_unsigned_integer() && value < 0) RC_DISCARD("negative numbers have no unsigned one");
    if (!to.is_float()) value = std::trunc(value);
  }
  expect_values(astype(x.array, to), shape, to, expected);
}

TEST(AsType, TakesAnyByteButZeroForTrueAndRefusesOtherKinds) {
  const Context context({.threads = 1});
  const Array truths =
      from_replicated(context.state(), {3}, DType::boolean, {std::byte{0}, std::byte{1}, std::byte{200}});
  expect_values(astype(truths, DType::int16), {3}, DType::int16, {0, 1, 1});
  const Array complex = from_replicated(context.state(), {1}, DType::complex64, std::vector<std::byte>(8));
  EXPECT_EQ(usage_error_of([&] { astype(complex, DType::float32); }),
            "astype from complex64 to float32 is not defined: both must be real types, or the first bool");
  EXPECT_EQ(usage_error_of([&] { astype(truths, DType::boolean), astype(truths, DType::bytes(2)); }),
            "astype from bool to bytes2 is not defined: both must be real types, or the first bool");
}

RC_GTEST_PROP(MaskMissing, MakesEveryMarkerNaN, ()) {
  Random random(*rc::gen::arbitrary<std::uint64_t>());
  const Context context({.threads = 2});
  const Shape shape = random_shape(random);
  const DType from = kRealTypes[below(random, 10)], to = below(random, 2) ? DType::float32 : DType::float64;
  const Known x = Known::draw(context.state(), random, shape, from);
  std::vector<Marker> markers;
  for (std::int64_t m = below(random, 4); m > 0; --m) {
    Marker marker;
    const auto number = static_cast<double>(below(random, 101)) * (from.is_float() ? 0.5 : 1);
    marker.real = below(random, 5) == 0 ? std::numeric_limits<double>::quiet_NaN() : number;
    marker.integer = static_cast<std::int64_t>(number);
    markers.push_back(marker);
  }
  std::vector<double> expected = x.values;
  for (double& value : expected)
    for (const Marker& marker : markers)
      if (value == (from.is_float() ? marker.real : static_cast<double>(marker.integer)))
        value = std::numeric_limits<double>::quiet_NaN();
  expect_values(mask_missing(x.array, markers, to), shape, to, expected);
}

TEST(MaskMissing, ComparesIntegersExactlyAndUnsignedOnesByTheirBits) {
  const Context context({.threads = 1});
  const std::int64_t big = (std::int64_t{1} << 53) + 1;  // no double is this number
  std::vector<std::byte> bytes(16);
  const std::int64_t pair[] = {big, big - 1};
  std::memcpy(bytes.data(), pair, 16);
  const auto masked = [&](DType type, std::int64_t marker) {
    return mask_missing(from_replicated(context.state(), {2}, type, bytes), {{.integer = marker}}, DType::float64)
        .compute<double>();
  };
  EXPECT_TRUE(std::isnan(masked(DType::int64, big)[0]));
  EXPECT_EQ(masked(DType::int64, big)[1], static_cast<double>(big - 1));
  const std::uint64_t most = ~std::uint64_t{0};
  std::memcpy(bytes.data() + 8, &most, 8);
  EXPECT_TRUE(std::isnan(masked(DType::uint64, -1)[1]));
  EXPECT_FALSE(std::isnan(masked(DType::uint64, -1)[0]));
}

TEST(MaskMissing, RefusesTypesThatHaveNoNumbers) {
  const Context context({.threads = 1});
  const Array text = from_replicated(context.state(), {1}, DType::bytes(3), std::vector<std::byte>(3));
  EXPECT_EQ(usage_error_of([&] { mask_missing(text, {{}}, DType::float64); }),
            "missing values of bytes3 cannot be marked: only real types have a NaN to go to");
}

RC_GTEST_PROP(ScaleOffset, RoundsTwiceInItsOwnType, ()) {
  Random random(*rc::gen::arbitrary<std::uint64_t>());
  const Context context({.threads = 2});
  const Shape shape = random_shape(random);
  const DType type = below(random, 2) ? DType::float32 : DType::float64;
  const Known x = Known::draw(context.state(), random, shape, type);
  const double scales[] = {1, 0.01, -3, 1e-5}, offsets[] = {0, 273.15, -0.1};
  const double scale = scales[below(random, 4)], add = offsets[below(random, 3)];
  std::vector<double> expected = x.values;
  for (double& value : expected) {
    if (type == DType::float32) {
      auto single = static_cast<float>(value);
      if (scale != 1) single *= static_cast<float>(scale);
      if (add != 0) single += static_cast<float>(add);
      value = single;
    } else {
      if (scale != 1) value *= scale;
      if (add != 0) value += add;
    }
  }
  expect_values(scale_offset(x.array, scale, add), shape, type, expected);
}

}  // namespace
}  // namespace dunlin::test
