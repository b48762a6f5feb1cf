// What the anomaly of a dataset takes, and what it refuses: by name, by role, by what could not be read.

#include "dunlin/labelled/anomaly.hpp"

#include <gtest/gtest.h>

#include "support.hpp"

namespace dunlin {
namespace {

using test::lazy;
using Names = std::vector<std::string>;
using Kind = SkippedVariable::Kind;

// sst(time, x) with coordinates time and lat(time), bounds, and a square of times.
Dataset labelled() {
  return {nullptr,
          {},
          {},
          {test::held<double>("time", {0, 1}, {{"bounds", test::text("time_bnds")}, {"axis", test::text("T")}}),
           lazy("time_bnds", {"time", "nv"}, {2, 2}), lazy("lat", {"time"}, {2}),
           lazy("sst", {"time", "x"}, {2, 3}, DType::float32, {{"coordinates", test::text("lat")}})}};
}

std::string refusal(const Dataset& dataset, const AnomalyOptions& options) {
  return test::sentence<UserError>([&] { anomaly_variables(dataset, options); });
}

TEST(AnomalyChoice, LabelsAreNotReplacedByAnomalies) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"time", "it is a coordinate"},
      {"lat", "it is a coordinate of other variables"},
      {"time_bnds", "it belongs to other variables (bounds, grid mapping, measures or the like)"}};
  for (const auto& [name, reason] : cases)
    EXPECT_EQ(refusal(labelled(), {.variables = {name}}),
              "cannot take the anomaly of '" + name + "' over 'time': " + reason);
}

TEST(AnomalyChoice, ADataVariableThatSharesItsNameWithADimensionCanBeTaken) {
  const Dataset dataset(nullptr, {}, {}, {lazy("x", {"time"}, {2}), lazy("v", {"time", "x"}, {2, 3})});
  EXPECT_EQ(anomaly_variables(dataset), Names{"v"});
  EXPECT_EQ(anomaly_variables(dataset, {.variables = {"x"}}), Names{"x"});
}

TEST(AnomalyChoice, ADimensionThatAVariableHasTwiceIsRefused) {
  const Dataset dataset(nullptr, {}, {}, {lazy("nt", {"time", "time"}, {2, 2}), lazy("v", {"time"}, {2})});
  for (const Names& names : {Names{}, Names{"nt"}})
    EXPECT_EQ(refusal(dataset, {.variables = names}),
              "cannot take the anomaly of 'nt' over 'time': it has this dimension twice: rename one of its axes, or "
              "name other variables");
  EXPECT_EQ(anomaly_variables(dataset, {.variables = {"v"}}), Names{"v"});
}

TEST(AnomalyChoice, ANameCountsOnceAndTheDimensionIsTheResolvedOne) {
  EXPECT_EQ(anomaly_variables(labelled(), {.variables = {"sst", "sst"}}), Names{"sst"});
  EXPECT_EQ(anomaly_dimension(labelled(), {.dim = "T"}).text(), "time");
}

TEST(AnomalyChoice, DataThatCannotBeReadIsAnErrorUnlessOthersAreNamed) {
  Dataset dataset = labelled();
  dataset.inputs = {"in.nc"};
  dataset.skipped = {{"v", "it is encoded with lzf, which is not decoded", Kind::storage, {"time"}}};
  EXPECT_EQ(refusal(dataset, {}),
            "cannot take the anomaly of 'v' of in.nc over 'time': it is encoded with lzf, which is not decoded; to do "
            "without it, name the wanted variables with --var");
  EXPECT_THROW(anomaly_variables(dataset), InputError) << "the input's fault: exit code 3";
  EXPECT_EQ(anomaly_variables(dataset, {.variables = {"sst"}}), Names{"sst"});
}

TEST(AnomalyChoice, WhatWouldNotBeComputedMayBeLeftOut) {
  const SkippedVariable cases[] = {{"notes", "its type is text", Kind::type, {}},
                                   {"v", "along another dimension", Kind::storage, {"x"}},
                                   {"x", "a coordinate", Kind::storage, {"x"}},
                                   {"area", "a cell measure", Kind::storage, {"time", "x"}},
                                   {"ocean/v", "it lies in group 'ocean'", Kind::place, {"time"}}};
  for (const SkippedVariable& skipped : cases) {
    Dataset dataset = labelled().with_attributes(test::attributes({{"cell_measures", test::text("area: area")}}));
    dataset.skipped = {skipped};
    EXPECT_EQ(anomaly_variables(dataset), Names{"sst"}) << skipped.reason;
  }
}

TEST(AnomalyChoice, WhereNothingIsLeftTheReasonsAreTold) {
  Dataset dataset(nullptr, {}, {}, {test::held<double>("time", {0, 1})});
  EXPECT_THROW(anomaly_variables(dataset), NothingToDo);
  dataset.skipped = {{"notes", "its type is text", Kind::type, {}}};
  EXPECT_EQ(test::sentence<InputError>([&] { anomaly_variables(dataset); }),
            "no data variable that can be taken has a mean over 'time'; left out: 'notes' (its type is text)");
  Dataset empty(nullptr, {}, {}, {});
  empty.skipped = {{"v", "it is encoded with lzf", Kind::storage, {"time"}}};
  EXPECT_THROW(anomaly_variables(empty), UnreadVariable) << "not only that there is no dimension";
}

}  // namespace
}  // namespace dunlin
