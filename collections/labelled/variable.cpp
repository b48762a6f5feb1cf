#include "dunlin/labelled/variable.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace dunlin {

int Variable::axis(const std::string& dim) const {
  const auto found = std::find(dims.begin(), dims.end(), dim);
  return found == dims.end() ? -1 : static_cast<int>(found - dims.begin());
}

double Variable::real_at(std::int64_t k) const {
  require(values != nullptr, "real_at of a variable whose values are not replicated");
  return visit_real(data.dtype(), [&](auto number) {
    std::memcpy(&number, values->data() + static_cast<std::size_t>(k) * sizeof number, sizeof number);
    return static_cast<double>(number);
  });
}

std::string number_text(double value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  return {text, end};
}

}  // namespace dunlin
