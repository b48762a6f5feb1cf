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

TEST(AnomalyChoice, LabelsAreTakenOnlyWhereTheyAreAskedFor) {
  EXPECT_EQ(anomaly_variables(labelled()), Names{"sst"});
  for (const char* name : {"lat", "time_bnds"})
    EXPECT_EQ(anomaly_variables(labelled(), {.variables = {name}}), Names{name});
  EXPECT_EQ(refusal(labelled(), {.variables = {"time"}}),
            "cannot take the anomaly of 'time' over 'time': it is a coordinate");
}

// As CMIP writes hybrid levels: lev(lev) names its coefficients ap(lev), p0, and the surface pressure.
Dataset on_hybrid_levels() {
  return {nullptr,
          {},
          {},
          {test::held<double>("time", {0, 1}),
           test::held<double>("lev", {1, 2, 3}, {{"formula_terms", test::text("ap: ap p0: p0 ps: ps")}}),
           lazy("ap", {"lev"}, {3}), lazy("p0", {}, {}), lazy("ps", {"time", "x"}, {2, 4}),
           lazy("ta", {"time", "lev", "x"}, {2, 3, 4})}};
}

TEST(AnomalyChoice, SurfacePressureOfHybridLevelsIsData) {
  EXPECT_EQ(anomaly_variables(on_hybrid_levels()), (Names{"ps", "ta"}));
  EXPECT_EQ(anomaly_variables(on_hybrid_levels(), {.variables = {"ps"}}), Names{"ps"});
  EXPECT_EQ(anomaly_variables(on_hybrid_levels(), {.dim = "lev"}), Names{"ta"}) << "ap are its coefficients";
  EXPECT_EQ(on_hybrid_levels().data_variables(), (Names{"ps", "ta"})) << "ap and p0 have no dimension beside lev's";
}

TEST(AnomalyChoice, AncillaryVariablesAreDataUnlessTheyAreFlags) {
  const auto flags = AttributeValue::integers(DType::int8, {0, 1}, false);
  const Dataset dataset(
      nullptr, {}, {},
      {lazy("sst", {"time", "x"}, {2, 3}, DType::int16, {{"ancillary_variables", test::text("ice quality error")}}),
       lazy("ice", {"time", "x"}, {2, 3}, DType::int8),
       lazy("quality", {"time", "x"}, {2, 3}, DType::int8, {{"flag_values", flags}}),
       lazy("error", {"time", "x"}, {2, 3})});
  EXPECT_EQ(anomaly_variables(dataset), (Names{"sst", "ice", "error"}));
}

TEST(AnomalyChoice, TruthValuesInIntegersAreNotComputed) {
  const Dataset dataset(
      nullptr, {}, {},
      {lazy("wet", {"time"}, {2}, DType::int8, {{"dtype", test::text("bool")}}), lazy("sst", {"time"}, {2})});
  EXPECT_EQ(anomaly_variables(dataset), Names{"sst"});
  EXPECT_EQ(refusal(dataset, {.variables = {"wet"}}), "cannot take the anomaly of 'wet' over 'time': it holds bool");
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

TEST(AnomalyChoice, WhatCannotBeReadIsLeftOut) {
  const SkippedVariable cases[] = {{"notes", "its type is text", Kind::type, {}},
                                   {"v", "it is encoded with lzf, which is not decoded", Kind::storage, {"time"}},
                                   {"x", "a coordinate", Kind::storage, {"x"}},
                                   {"ocean/v", "it lies in group 'ocean'", Kind::place, {"time"}}};
  for (const SkippedVariable& skipped : cases) {
    Dataset dataset = labelled();
    dataset.skipped = {skipped};
    EXPECT_EQ(anomaly_variables(dataset), Names{"sst"}) << skipped.reason;
  }
}

TEST(AnomalyChoice, WhereNothingIsLeftTheReasonsAreTold) {
  Dataset dataset(nullptr, {}, {}, {test::held<double>("time", {0, 1})});
  EXPECT_EQ(refusal(dataset, {}), "no data variable has a mean over 'time': there is none");
  dataset.skipped = {{"ocean/deep/v", "it lies in group 'ocean/deep'", Kind::place, {"time"}}};
  EXPECT_EQ(refusal(dataset, {}),
            "no data variable has a mean over 'time': there is none; others lie in groups, which are named as "
            "PATH:ocean/deep/");
  dataset.skipped.push_back({"notes", "its type is text", Kind::type, {}});
  EXPECT_EQ(test::sentence<InputError>([&] { anomaly_variables(dataset); }),
            "no data variable that can be taken has a mean over 'time'; left out: 'notes' (its type is text)");
  dataset.skipped.push_back({"v", "it is encoded with lzf", Kind::storage, {"time"}});
  EXPECT_EQ(
      test::sentence<InputError>([&] { anomaly_variables(dataset); }),
      "no data variable that can be taken has a mean over 'time'; left out: 'v' (it is encoded with lzf), 'notes' "
      "(its type is text)")
      << "numbers first";
  Dataset empty(nullptr, {}, {}, {});
  empty.skipped = {{"v", "it is encoded with lzf", Kind::storage, {"time"}}};
  EXPECT_THROW(anomaly_variables(empty), UnreadVariable) << "not only that there is no dimension";
}

}  // namespace
}  // namespace dunlin
