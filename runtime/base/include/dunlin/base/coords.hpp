#pragma once
// A short list of 64-bit numbers, one per axis, kept inline: positions, lengths, strides.
//
// Behaves like a std::vector<std::int64_t> that cannot hold more than `kMaxRank` numbers and never allocates: planning
// touches several per task. `Shape` is the length of each axis; `kUnknown` stands for a length that only a run tells (a
// table after a filter, a boolean mask).

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include "dunlin/base/error.hpp"

namespace dunlin {

/// Most axes an array may have. HDF5 allows 32 and NumPy 64; files of the field have at most about 8.
inline constexpr int kMaxRank = 16;

/// A length that is not known before a run.
inline constexpr std::int64_t kUnknown = -1;

/// An array of more axes than Dunlin handles.
struct TooManyAxes : UsageError {
  explicit TooManyAxes(std::size_t found)
      : UsageError("an array has " + std::to_string(found) + " axes: at most " + std::to_string(kMaxRank) +
                   " can be handled; merge some before"),
        found(found) {}
  std::size_t found;
};

class Coords {
 public:
  using value_type = std::int64_t;
  using iterator = std::int64_t*;
  using const_iterator = const std::int64_t*;

  Coords() = default;
  Coords(std::initializer_list<std::int64_t> values) : Coords(values.begin(), values.end()) {}
  /// `count` copies of `value`. Throws TooManyAxes.
  Coords(std::size_t count, std::int64_t value) { resize(count, value); }
  template <class Iterator>
  requires requires(Iterator it) {
    *it;
    ++it;
  }
  Coords(Iterator first, Iterator last) {
    for (; first != last; ++first) push_back(static_cast<std::int64_t>(*first));
  }
  explicit Coords(const std::vector<std::int64_t>& values) : Coords(values.begin(), values.end()) {}
  Coords(const Coords& other) noexcept : size_(other.size_) { std::copy_n(other.values_, size_, values_); }
  Coords& operator=(const Coords& other) noexcept {
    size_ = other.size_;
    std::copy_n(other.values_, size_, values_);
    return *this;
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::int64_t& operator[](std::size_t axis) { return values_[axis]; }
  std::int64_t operator[](std::size_t axis) const { return values_[axis]; }
  std::int64_t back() const { return values_[size_ - 1]; }
  iterator begin() { return values_; }
  iterator end() { return values_ + size_; }
  const_iterator begin() const { return values_; }
  const_iterator end() const { return values_ + size_; }
  const std::int64_t* data() const { return values_; }
  std::int64_t* data() { return values_; }

  void push_back(std::int64_t value) {
    if (size_ == kMaxRank) throw TooManyAxes(kMaxRank + 1);
    values_[size_++] = value;
  }
  void resize(std::size_t count, std::int64_t value = 0) {
    if (count > kMaxRank) throw TooManyAxes(count);
    for (std::size_t a = size_; a < count; ++a) values_[a] = value;
    size_ = static_cast<std::uint32_t>(count);
  }

  operator std::span<const std::int64_t>() const { return {values_, size_}; }

  friend bool operator==(const Coords& a, const Coords& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }
  /// Lexicographic, which is row-major order for positions of one array.
  friend bool operator<(const Coords& a, const Coords& b) {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  std::uint32_t size_ = 0;
  std::int64_t values_[kMaxRank];
};

/// Length of every axis, in elements, each ≥ 0 or `kUnknown`.
using Shape = Coords;

/// Product of all numbers; 1 where there are none. Throws UsageError where it does not fit 63 bits.
std::int64_t product(std::span<const std::int64_t> values);

/// "(240, 37, 49)", "(5,)" and "()" as NumPy writes shapes; unknown lengths as "?".
std::string to_string(const Coords& values);

}  // namespace dunlin
