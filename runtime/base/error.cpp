#include "dunlin/base/error.hpp"

#include <algorithm>
#include <new>
#include <vector>

namespace dunlin {

ErrorCode code_of(const std::exception& error) noexcept {
  if (const auto* user = dynamic_cast<const UserError*>(&error)) return user->code;
  if (dynamic_cast<const std::bad_alloc*>(&error)) return ErrorCode::memory;
  return ErrorCode::internal;
}

int edit_distance(const std::string& a, const std::string& b) {
  // Optimal string alignment: three rows of the usual table, the third for swapped neighbours.
  std::vector<int> before, above(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = static_cast<int>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = static_cast<int>(i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const int replaced = above[j - 1] + (a[i - 1] != b[j - 1]);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before = above;
    std::swap(above, row);
  }
  return above[b.size()];
}

}  // namespace dunlin
