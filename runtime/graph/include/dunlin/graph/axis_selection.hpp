#pragma once
// What is taken along one axis: a strided range, or a list of positions in any order.

#include <cstdint>
#include <memory>
#include <vector>

#include "dunlin/base/error.hpp"

namespace dunlin {

class Description;

class AxisSelection {
 public:
  /// Elements start, start + step, …, `count` of them.
  static AxisSelection range(std::int64_t start, std::int64_t step, std::int64_t count);
  /// All elements of an axis of this length.
  static AxisSelection all(std::int64_t length) { return range(0, 1, length); }
  /// Elements in any order, repeated ones too.
  static AxisSelection list(std::vector<std::int64_t> elements);
  /// The same elements as a range where they follow one another in equal steps, else as a list.
  static AxisSelection of(std::vector<std::int64_t> elements);

  std::int64_t count() const { return list_ ? static_cast<std::int64_t>(list_->size()) : count_; }
  bool is_list() const { return list_ != nullptr; }
  std::int64_t start() const { return start_; }
  std::int64_t step() const { return step_; }
  const std::vector<std::int64_t>& elements() const { return *list_; }
  /// The input's element at place k, for 0 ≤ k < count().
  std::int64_t at(std::int64_t k) const { return list_ ? (*list_)[static_cast<std::size_t>(k)] : start_ + k * step_; }
  /// True where it takes all elements of an axis of this length in their order.
  bool is_all(std::int64_t length) const { return !list_ && start_ == 0 && step_ == 1 && count_ == length; }
  /// Places [begin, end) of it.
  AxisSelection cut(std::int64_t begin, std::int64_t end) const;
  /// The same elements of an axis on which each lies `distance` further on.
  AxisSelection moved(std::int64_t distance) const;

  friend bool operator==(const AxisSelection& a, const AxisSelection& b);

 private:
  std::int64_t start_ = 0, step_ = 1, count_ = 0;
  std::shared_ptr<const std::vector<std::int64_t>> list_;
};

/// What `outer` takes of what `inner` has taken.
AxisSelection compose(const AxisSelection& inner, const AxisSelection& outer);

/// All of it is structure: it changes which chunks need which.
void describe(const std::vector<AxisSelection>& selections, Description& description);

}  // namespace dunlin
