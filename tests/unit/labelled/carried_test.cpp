// What lies along the dimension and is carried as it was is named, in one line.

#include "carried.hpp"

#include <gtest/gtest.h>

#include "support.hpp"

namespace dunlin {
namespace {

using test::lazy;

Dataset labelled() {
  return {nullptr,
          {},
          {},
          {test::held<double>("time", {0, 1}, {{"bounds", test::text("time_bnds")}}),
           lazy("time_bnds", {"time", "nv"}, {2, 2}), lazy("period", {"time"}, {2}), lazy("lat", {"time", "x"}, {2, 3}),
           lazy("sst", {"time", "x"}, {2, 3}, DType::float32, {{"coordinates", test::text("lat period")}}),
           lazy("cplx", {"time", "x"}, {2, 3}, *parse_dtype("complex64")), lazy("depth", {"x"}, {3})}};
}

TEST(Carried, NamesWhatLiesAlongTheDimensionButItsOwnLabels) {
  EXPECT_EQ(carried_line(labelled(), {"sst"}, {"time"}), "carried unchanged along time: lat, cplx (complex64)");
  EXPECT_EQ(carried_line(labelled(), {"sst", "lat", "cplx"}, {"time"}), "");
}

TEST(Carried, NamesAreCappedWithACount) {
  std::vector<Variable> variables;
  for (int k = 0; k < 8; ++k) variables.push_back(lazy("v" + std::to_string(k), {"time"}, {2}));
  EXPECT_EQ(carried_line({nullptr, {}, {}, variables}, {"v0"}, {"time"}),
            "carried unchanged along time: v1, v2, v3, v4, v5, v6 and 1 more");
}

}  // namespace
}  // namespace dunlin
