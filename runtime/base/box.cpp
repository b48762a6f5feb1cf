#include "dunlin/base/box.hpp"

namespace dunlin {

std::string to_string(const Box& box) {
  std::string text = "[";
  for (int a = 0; a < box.rank(); ++a)
    text += (a ? ", " : "") + std::to_string(box.begin[a]) + ":" + std::to_string(box.end[a]);
  return text + "]";
}

}  // namespace dunlin
