// What one more time step costs beside its work: a graph of a few layers over a field that the caller lends, run again
// and again with new memory and a new factor.
//
//   repeat_cost [STEPS]            microseconds per step

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <numeric>
#include <vector>

#include "dunlin/context/context.hpp"
#include "dunlin/context/lent.hpp"
#include "support/test_layers.hpp"

namespace {

using namespace dunlin;
using Clock = std::chrono::steady_clock;

double microseconds_per_step(std::int64_t width, int steps) {
  Context context({.threads = 1, .memory = std::int64_t{1} << 30});
  const auto field = std::make_shared<std::vector<double>>(static_cast<std::size_t>(width), 1.0);
  const LentMemory memory{.data = reinterpret_cast<const std::byte*>(field->data()),
                          .bytes = field->size() * sizeof(double),
                          .owner = field};
  const LayerPtr lent = context.state()->lend("t", DType::float64, {{0}, {width}}, memory);
  const auto start = Clock::now();
  for (int step = 0; step < steps; ++step) {
    LayerPtr x = with_memory(*lent, memory, step);
    for (int k = 0; k < 2; ++k) x = test::scaled("scale", x, 1.0 + step, k);
    context.compute({test::sink("out", test::summed("total", x, {0}), nullptr)});
  }
  return std::chrono::duration<double, std::micro>(Clock::now() - start).count() / steps;
}

}  // namespace

int main(int argc, char** argv) {
  const int steps = argc > 1 ? std::atoi(argv[1]) : 2000;
  for (std::int64_t width : {100, 100'000})
    fmt::print("{} numbers: {:.1f} us a step with the plan of the last\n", width, microseconds_per_step(width, steps));
}
