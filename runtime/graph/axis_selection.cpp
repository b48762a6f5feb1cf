#include "dunlin/graph/axis_selection.hpp"

#include "dunlin/graph/graph_hash.hpp"

namespace dunlin {

AxisSelection AxisSelection::range(std::int64_t start, std::int64_t step, std::int64_t count) {
  require(step != 0 && count >= 0, "a range steps by at least one element and has no negative count");
  AxisSelection selection;
  selection.start_ = start;
  selection.step_ = step;
  selection.count_ = count;
  return selection;
}

AxisSelection AxisSelection::list(std::vector<std::int64_t> elements) {
  AxisSelection selection;
  selection.list_ = std::make_shared<const std::vector<std::int64_t>>(std::move(elements));
  return selection;
}

AxisSelection AxisSelection::of(std::vector<std::int64_t> elements) {
  if (elements.empty()) return range(0, 1, 0);
  const auto count = static_cast<std::int64_t>(elements.size());
  const std::int64_t step = count > 1 ? elements[1] - elements[0] : 1;
  if (step == 0) return list(std::move(elements));
  for (std::size_t k = 1; k < elements.size(); ++k)
    if (elements[k] - elements[k - 1] != step) return list(std::move(elements));
  return range(elements.front(), step, count);
}

AxisSelection AxisSelection::cut(std::int64_t begin, std::int64_t end) const {
  if (begin >= end) return range(0, 1, 0);
  if (!list_) return range(at(begin), step_, end - begin);
  return of({list_->begin() + begin, list_->begin() + end});
}

AxisSelection AxisSelection::moved(std::int64_t distance) const {
  if (!list_) return count_ == 0 ? *this : range(start_ + distance, step_, count_);
  std::vector<std::int64_t> elements = *list_;
  for (std::int64_t& element : elements) element += distance;
  return list(std::move(elements));
}

bool operator==(const AxisSelection& a, const AxisSelection& b) {
  if (a.is_list() != b.is_list()) return false;
  if (a.is_list()) return a.list_ == b.list_ || *a.list_ == *b.list_;
  return a.start_ == b.start_ && a.step_ == b.step_ && a.count_ == b.count_;
}

AxisSelection compose(const AxisSelection& inner, const AxisSelection& outer) {
  if (outer.count() == 0) return AxisSelection::range(0, 1, 0);
  if (!inner.is_list() && !outer.is_list())
    return AxisSelection::range(inner.at(outer.start()), inner.step() * outer.step(), outer.count());
  if (outer.is_all(inner.count())) return inner;
  std::vector<std::int64_t> elements;
  elements.reserve(static_cast<std::size_t>(outer.count()));
  for (std::int64_t k = 0; k < outer.count(); ++k) elements.push_back(inner.at(outer.at(k)));
  return AxisSelection::of(std::move(elements));
}

void describe(const std::vector<AxisSelection>& selections, Description& description) {
  for (const AxisSelection& selection : selections) {
    description.structure(selection.is_list() ? 1 : 0).structure(selection.count());
    if (!selection.is_list()) {
      description.structure(selection.start()).structure(selection.step());
    } else {
      for (std::int64_t element : selection.elements()) description.structure(element);
    }
  }
}

}  // namespace dunlin
