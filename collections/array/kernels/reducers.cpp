#include "reducers.hpp"

#include <algorithm>
#include <limits>
#include <type_traits>

namespace dunlin {
namespace {

void clear(double* const* planes, std::size_t n) {
  std::fill_n(planes[0], n, 0.0);
  std::fill_n(planes[1], n, 0.0);
}

template <class T, bool skipna>
void take(const std::byte* bytes, double* const* planes, std::size_t n) {
  const auto* x = reinterpret_cast<const T*>(bytes);
  double* __restrict sum = planes[0], * __restrict count = planes[1];
  for (std::size_t k = 0; k < n; ++k) {
    const auto value = static_cast<double>(x[k]);
    if constexpr (skipna && std::is_floating_point_v<T>) {
      const bool there = value == value;
      sum[k] += there ? value : 0.0;
      count[k] += there ? 1.0 : 0.0;
    } else {
      sum[k] += value;
      count[k] += 1.0;
    }
  }
}

void merge(double* const* planes, const double* const* others, std::size_t n) {
  for (int p = 0; p < 2; ++p) {
    double* __restrict mine = planes[p];
    const double* __restrict theirs = others[p];
    for (std::size_t k = 0; k < n; ++k) mine[k] += theirs[k];
  }
}

template <class T>
void finish(const double* const* planes, std::byte* out, std::size_t n, std::int64_t min_count) {
  auto* result = reinterpret_cast<T*>(out);
  const auto least = static_cast<double>(std::max<std::int64_t>(min_count, 1));
  for (std::size_t k = 0; k < n; ++k)
    result[k] =
        planes[1][k] >= least ? static_cast<T>(planes[0][k] / planes[1][k]) : std::numeric_limits<T>::quiet_NaN();
}

}  // namespace

Reducer mean_reducer(DType from, DType result, bool skipna, std::int64_t min_count) {
  Reducer reducer{.name = skipna ? "mean, missing skipped" : "mean",
                  .planes = 2,
                  .clear = &clear,
                  .take = visit_real(from,
                                     [&](auto zero) {
                                       using T = decltype(zero);
                                       return skipna ? &take<T, true> : &take<T, false>;
                                     }),
                  .merge = &merge,
                  .finish = result == DType::float32 ? &finish<float> : &finish<double>,
                  .output = result,
                  .parameter = min_count};
  return reducer;
}

}  // namespace dunlin
