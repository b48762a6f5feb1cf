// Uses the whole of an installed Dunlin through its umbrella header: geometry, a lazy array computed by one local rank,
// and a file that is not there.

#include <cstdio>
#include <cstring>
#include <dunlin/dunlin.hpp>
#include <vector>

namespace dn = dunlin;

int main() {
  dn::Context context;

  const std::vector<double> values = {1, 2, 3, 6};
  std::vector<std::byte> bytes(values.size() * sizeof(double));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  const dn::Array x = dn::from_replicated(context.state(), {4}, dn::dtype_of<double>(), bytes);
  const std::vector<double> anomaly = (x - dn::mean(x, {0})).compute<double>();
  if (anomaly != std::vector<double>{-2, -1, 0, 3}) {
    std::puts("the anomaly of 1, 2, 3, 6 should be -2, -1, 0, 3");
    return 1;
  }

  try {
    dn::open_dataset(context, "no such file.nc");
    std::puts("opening a file that is not there should throw");
    return 1;
  } catch (const dn::UserError& error) {
    if (error.code != dn::ErrorCode::input) {
      std::printf("a file that is not there is the input's fault, but the error is: %s\n", error.what());
      return 1;
    }
  }

  std::puts("an installed Dunlin works");
  return 0;
}
