#pragma once
// Random arrays beside their values as plain numbers, and comparisons that treat all NaNs alike.

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "dunlin/array/array.hpp"
#include "dunlin/array/elementwise.hpp"
#include "dunlin/array/reductions.hpp"
#include "support/watchdog.hpp"

namespace dunlin::test {

using Random = std::mt19937_64;

inline std::int64_t below(Random& random, std::int64_t end) {
  return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(end));
}

/// Up to `most_axes` axes, some of length 1, some empty where that is asked for.
inline Shape random_shape(Random& random, std::int64_t most_axes = 4, bool may_be_empty = true) {
  Shape shape;
  for (std::int64_t a = below(random, most_axes + 1); a > 0; --a)
    shape.push_back(below(random, 8) == 0 && may_be_empty ? 0 : below(random, 4) == 0 ? 1 : 1 + below(random, 6));
  return shape;
}

inline ChunkGrid random_grid(Random& random, const Shape& shape) {
  std::vector<std::vector<std::int64_t>> spans;
  ChunkGrid grid;
  for (std::size_t a = 0; a < shape.size(); ++a) {
    if (shape[a] == 0 || below(random, 3) == 0) {  // regular
      grid = grid.with_axis(static_cast<int>(a), shape[a], 1 + below(random, std::max<std::int64_t>(shape[a], 1)));
      continue;
    }
    std::vector<std::int64_t> axis;
    for (std::int64_t rest = shape[a]; rest > 0; rest -= axis.back()) axis.push_back(1 + below(random, rest));
    const ChunkGrid ragged = ChunkGrid::ragged({axis});
    grid = grid.with_axis(static_cast<int>(a), shape[a], shape[a]).with_axis_of(static_cast<int>(a), ragged, 0);
  }
  return grid;
}

inline const DType kRealTypes[] = {DType::int8,   DType::int16,  DType::int32,  DType::int64,   DType::uint8,
                                   DType::uint16, DType::uint32, DType::uint64, DType::float32, DType::float64};

/// The bytes of numbers in a real dtype (or bool), each as C++ converts it.
inline std::vector<std::byte> bytes_of(DType type, const std::vector<double>& values) {
  std::vector<std::byte> bytes(values.size() * type.size());
  for (std::size_t k = 0; k < values.size(); ++k) {
    if (type == DType::boolean) {
      bytes[k] = std::byte(values[k] != 0);
      continue;
    }
    visit_real(type, [&](auto zero) {
      const auto value = static_cast<decltype(zero)>(values[k]);
      std::memcpy(bytes.data() + k * sizeof value, &value, sizeof value);
    });
  }
  return bytes;
}

/// An array of numbers that every real dtype holds exactly (0 … 100, halves and signs where the type has them), with
/// NaNs in floats, in random chunks.
struct Known {
  Array array;
  std::vector<double> values;  // row-major, as numbers

  static Known draw(const std::shared_ptr<ContextState>& context, Random& random, const Shape& shape, DType type) {
    std::vector<double> values(static_cast<std::size_t>(product(shape)));
    for (double& value : values) {
      value = static_cast<double>(below(random, 101));
      if (type.is_float() || (type.is_signed_integer() && value > 0)) value *= below(random, 2) ? 1 : -1;
      if (type.is_float()) value /= 2;
      if (type.is_float() && below(random, 6) == 0) value = std::numeric_limits<double>::quiet_NaN();
    }
    return {from_replicated(context, shape, type, bytes_of(type, values)).rechunk(random_grid(random, shape)), values};
  }
};

/// Position k of a row-major array.
inline Coords position(const Shape& shape, std::size_t k) {
  Coords at(shape.size(), 0);
  for (std::size_t a = shape.size(); a-- > 0;) {
    at[a] = static_cast<std::int64_t>(k) % shape[a];
    k /= static_cast<std::size_t>(shape[a]);
  }
  return at;
}

inline std::size_t offset(const Shape& shape, const Coords& at) {
  std::int64_t result = 0;
  for (std::size_t a = 0; a < shape.size(); ++a) result = result * shape[a] + at[a];
  return static_cast<std::size_t>(result);
}

/// Computes an array and compares it with numbers: bit by bit, but for NaNs, which are all alike.
inline void expect_values(const Array& array, const Shape& shape, DType type, const std::vector<double>& expected) {
  ASSERT_EQ(array.shape(), shape);
  ASSERT_EQ(array.dtype(), type) << to_string(array.dtype());
  const std::vector<std::byte> bytes = array.compute_bytes(), wanted = bytes_of(type, expected);
  ASSERT_EQ(bytes.size(), wanted.size());
  for (std::size_t k = 0; k < expected.size(); ++k) {
    if (std::isnan(expected[k]) && type.is_float()) {
      const bool is_nan = type == DType::float32 ? std::isnan(reinterpret_cast<const float*>(bytes.data())[k])
                                                 : std::isnan(reinterpret_cast<const double*>(bytes.data())[k]);
      EXPECT_TRUE(is_nan) << "at " << to_string(position(shape, k));
    } else {
      EXPECT_EQ(std::memcmp(bytes.data() + k * type.size(), wanted.data() + k * type.size(), type.size()), 0)
          << "at " << to_string(position(shape, k)) << ", expected " << expected[k];
    }
  }
}

/// The sentence of the UsageError that `call` throws.
inline std::string usage_error_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const UsageError& error) {
    return error.what();
  } catch (const std::exception& error) {
    ADD_FAILURE() << "another error: " << error.what();
    return "";
  }
  ADD_FAILURE() << "no error";
  return "";
}

}  // namespace dunlin::test
