// A run ends with one line that says it all.

#include "dunlin/trace/report.hpp"

#include <gtest/gtest.h>

namespace dunlin {
namespace {

TEST(Report, SaysWhatWasDoneInOneLine) {
  const ClosingReport report = {.what = "anomaly of air_temperature",
                                .bytes_read = 6'920'602,
                                .bytes_written = 5'347'738,
                                .seconds = 1.21,
                                .ranks = 2,
                                .threads = 1,
                                .peak_bytes = 81 << 20,
                                .where = "anomaly.zarr"};
  EXPECT_EQ(closing_line(report),
            "anomaly of air_temperature: read 6.6 MiB, wrote 5.1 MiB in 1.2 s, 2 ranks x 1 thread, peak memory 81.0 "
            "MiB per rank: anomaly.zarr");
}

TEST(Report, LeavesOutWhatIsNotKnown) {
  EXPECT_EQ(closing_line({.what = "info", .bytes_read = 10, .seconds = 0.25}),
            "info: read 10 B, wrote 0 B in 250 ms, 1 rank x 1 thread");
  EXPECT_EQ(closing_line({.what = "info", .peak_bytes = 1 << 20}),
            "info: read 0 B, wrote 0 B in 0 ms, 1 rank x 1 thread, peak memory 1.0 MiB");
}

TEST(Report, CountsInWordsThatFit) {
  EXPECT_EQ(ranks_by_threads(1, 1), "1 rank x 1 thread");
  EXPECT_EQ(ranks_by_threads(2, 8), "2 ranks x 8 threads");
}

}  // namespace
}  // namespace dunlin
