// The library prints nothing unless it was asked to: whatever is opened, computed, written, refused or fails.

#include <gtest/gtest.h>

#include <filesystem>

#include "dunlin/dunlin.hpp"
#include "support/ranks.hpp"
#include "support/temporary_folder.hpp"
#include "values.hpp"

namespace dunlin {
namespace {

using test::with_values;

// Every kind of thing that a log would get a line of.
Dataset odd(const Context& context) {
  return {context.state(),
          {},
          {},
          {with_values<double>(context, "time", {"time"}, {2}, {0, 1},
                               {{"units", test::text("days since 2000-01-01")}, {"calendar", test::text("martian")}}),
           with_values<std::int64_t>(context, "v", {"time"}, {2}, {1, 3}, {{"missing_value", test::text("none")}}),
           with_values<std::int8_t>(context, "flags", {"time"}, {2}, {0, 1},
                                    {{"flag_values", AttributeValue::integers(DType::int8, {0, 1}, false)}}),
           with_values<float>(context, "lost", {"time"}, {2}, {1, 3}),
           with_values<float>(context, "ocean/t", {"time"}, {2}, {1, 3}),
           with_values<float>(context, "__reserved", {"time"}, {2}, {1, 3})}};
}

void work(Context& context, const std::string& in, const std::string& out) {
  to_zarr(odd(context), in);
  context.state()->on_one_rank("losing chunks", [&] {
    std::filesystem::remove_all(in + "/lost/c");
    return std::vector<std::byte>();
  });
  const Dataset dataset = open_dataset(context, in);
  const ZarrOutput output(anomaly(dataset), out);
  output.explain(1000);
  EXPECT_EQ(to_zarr(anomaly(dataset), out).bytes_written > 0, true);
  EXPECT_THROW(to_zarr(anomaly(dataset), out), UserError) << "it exists";
  EXPECT_THROW(open_dataset(context, in + "/nothing"), UserError);
  EXPECT_THROW(anomaly(dataset, {.variables = {"flags"}}), UserError);
}

std::size_t lines_of_log(const test::TemporaryFolder& folder) {
  std::size_t lines = 0;
  Options options;
  options.log = std::make_shared<const Log>(LogLevel::info, [&](LogLevel, const std::string&) { ++lines; });
  Context context(options);
  work(context, folder / "asked.zarr", folder / "asked_out.zarr");
  return lines;
}

TEST(Quiet, AProgramThatAsksForNothingHearsNothing) {
  const test::TemporaryFolder folder;
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  {
    Context context;
    work(context, folder / "in.zarr", folder / "out.zarr");
  }
  const std::size_t lines = lines_of_log(folder);
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "") << "a log goes where it was told to";
  EXPECT_GE(lines, 6u) << "there was something to tell";
}

}  // namespace
}  // namespace dunlin
